"""Shared by all tests: the real models, exported once, and data directories that use them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from rag.embedding import OnnxEmbedder, ensure_exported, open_embedder
from rag.pipeline import Pipeline, build, open_pipeline
from rag.settings import Settings, load_settings
from ui.app import create_app
from ui.guard.settings import load_guard_settings

DEFAULT_MODEL = "all-MiniLM-L6-v2"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop running in this thread to the end."""
    items.sort(key=lambda item: "browser" in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests see neither the environment's settings nor a groundwire.toml, and no network."""
    saved = {key: os.environ.pop(key) for key in list(os.environ) if key.startswith("GROUNDWIRE_")}
    before = Path.cwd()
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.chdir(tmp_path_factory.mktemp("cwd"))
    yield
    os.chdir(before)
    os.environ.update(saved)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the default embedding model, exported."""
    data_dir = tmp_path_factory.mktemp("models")
    return ensure_exported("embedder", DEFAULT_MODEL, data_dir).parent


@pytest.fixture(scope="session")
def embedder(models: Path) -> OnnxEmbedder:
    return open_embedder(DEFAULT_MODEL, models.parent, 2)


@pytest.fixture
def data_dir(tmp_path: Path, models: Path) -> Path:
    """A fresh data directory that need not export the model again."""
    return with_models(tmp_path / "data", models)


def with_models(folder: Path, models: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "models").symlink_to(models, target_is_directory=True)
    return folder


@pytest.fixture
def articles(tmp_path: Path) -> Callable[..., Path]:
    """Writes a folder of articles: `articles(**{"a.txt": "text"})`."""

    def write(**texts: str) -> Path:
        folder = tmp_path / "articles"
        folder.mkdir(exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8", newline="")
        return folder

    return write


@pytest.fixture(scope="session")
def seeds_settings(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Settings:
    """Settings over an index of the seed articles."""
    folder = with_models(tmp_path_factory.mktemp("seeds") / "data", models)
    settings = load_settings(data_dir=folder)
    build(settings)
    return settings


@pytest.fixture(scope="session")
def pipeline(seeds_settings: Settings) -> Iterator[Pipeline]:
    opened = open_pipeline(seeds_settings)
    yield opened
    opened.close()


COMMAND = str(Path(sys.executable).with_name("groundwire"))
Launch = Callable[..., tuple[str, "subprocess.Popen[str]"]]


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """Starts a real `groundwire serve` over a data directory; gives its address and process.

    Further words are options of the command, keywords settings of the environment. What still runs
    at the end is told to stop, and must.
    """
    started: list[subprocess.Popen[str]] = []

    def start(
        data_dir: Path, *options: str, log: Path | None = None, **settings: str
    ) -> tuple[str, subprocess.Popen[str]]:
        folder = tmp_path_factory.mktemp("served")
        with (log or folder / "log").open("w") as lines:
            process = subprocess.Popen(
                [COMMAND, "serve", "--port", "0", "--data-dir", str(data_dir), *options],
                stdout=subprocess.PIPE,
                stderr=lines,
                cwd=folder,
                text=True,
                env=os.environ | {f"GROUNDWIRE_{name}": value for name, value in settings.items()},
            )
        started.append(process)
        assert process.stdout
        found = re.search(r"http://[^/]+", process.stdout.readline())
        assert found, (log or folder / "log").read_text()[-2000:]
        return found.group(), process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) in (0, -signal.SIGTERM, -signal.SIGKILL)
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="session")
def serving_here() -> Callable[[Settings], AbstractContextManager[tuple[str, FastAPI]]]:
    """Serves an application in this process, where tests can reach into it; many may ask at once.

    The socket listens before the server starts, so whoever connects simply waits for it.
    """
    many = {"events_burst": 5000, "events_per_minute": 60_000, "requests_burst": 50_000}
    many |= {"questions_burst": 5000, "questions_per_minute": 60_000}

    @contextmanager
    def serving(settings: Settings) -> Iterator[tuple[str, FastAPI]]:
        app = create_app(settings, load_guard_settings(limits=many))
        listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", app
        server.should_exit = True
        server.force_exit = True
        thread.join(20)
        listener.close()

    return serving


@pytest.fixture(scope="session")
def server(seeds_settings: Settings, launch: Launch) -> str:
    """The address of a server over the seed articles."""
    return launch(seeds_settings.data_dir)[0]
