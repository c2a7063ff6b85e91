# Two commands do everything on a fresh machine: `make serve` and `make test`.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help serve index test check wheel clean

help: ## Show this help
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev,train]"
	@touch $@

serve: $(VENV)/.installed ## Install, index the seed articles and serve the chat on port 7860
	$(BIN)/groundwire serve

index: $(VENV)/.installed ## Build the index of the seed articles
	$(BIN)/groundwire index

test: $(VENV)/.installed-dev chromium ## Install what tests need, Chromium included, and run them all
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev ## Lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

wheel: $(VENV)/.installed-dev ## Build the wheel, install it elsewhere and ask it one question there
	rm -rf dist && $(BIN)/python -m build --wheel --outdir dist .
	.ci/ask-from-wheel dist/*.whl constraints.txt

clean: ## Remove what was built here
	rm -rf $(VENV) .groundwire dist test-artefacts

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq chromium; }
