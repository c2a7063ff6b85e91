# Two commands do everything on a fresh machine: `make serve` and `make test`.
VENV   ?= .venv
PYTHON ?= python3
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help serve index test check container wheel clean

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

test: $(VENV)/.installed-dev chromium nginx ## Install what tests need, Chromium and nginx too, and run them
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev container ## Lint and type-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

container: $(VENV)/.installed-dev ## Lint Containerfile and compose.yaml
	$(BIN)/hadolint Containerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

wheel: $(VENV)/.installed-dev ## Build the wheel, install it elsewhere and ask it one question there
	rm -rf dist && $(BIN)/python -m build --wheel --outdir dist .
	.ci/ask-from-wheel dist/*.whl constraints.txt

clean: ## Remove what was built here
	rm -rf $(VENV) .groundwire dist test-artefacts

.PHONY: chromium nginx
as_root := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

chromium:
	@command -v chromium >/dev/null || { \
	  $(as_root) apt-get update -qq && $(as_root) apt-get install -y -qq chromium; }

# Debian starts the service of a new nginx; tests start one of their own.
nginx:
	@{ test -x /usr/sbin/nginx && command -v openssl >/dev/null; } || { \
	  $(as_root) apt-get update -qq && $(as_root) apt-get install -y -qq nginx-light openssl && \
	  { ! test -d /run/systemd/system || $(as_root) systemctl disable --quiet --now nginx; }; }
