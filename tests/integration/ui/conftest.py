"""Servers with the guard in front, each with settings of its own."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rag.settings import Settings
from ui.guard.keys import KeyStore

LISTED = "http://listed.example:8080"
GENEROUS = {
    "LIMITS__QUESTIONS_PER_MINUTE": "6000",
    "LIMITS__QUESTIONS_BURST": "1000",
    "LIMITS__REQUESTS_BURST": "5000",
    "EMBED__ORIGINS": LISTED,
}


@dataclass(frozen=True, slots=True)
class Served:
    """A running server, and its data directory and process."""

    url: str
    data_dir: Path
    process: subprocess.Popen[str]
    log: Path

    @property
    def keys(self) -> KeyStore:
        return KeyStore(self.data_dir)


Serve = Callable[..., Served]


@pytest.fixture(scope="module")
def serve(
    seeds_settings: Settings,
    launch: Callable[..., tuple[str, subprocess.Popen[str]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Serve]:
    """Starts a server with environment variables; it ends with the module's last test."""
    started: list[subprocess.Popen[str]] = []

    def start(*, root_path: str = "", **environment: str) -> Served:
        folder = tmp_path_factory.mktemp("data")
        data_dir = folder / "data"
        shutil.copytree(seeds_settings.data_dir, data_dir, symlinks=True)
        log = folder / "log"
        options = ("--root-path", root_path) if root_path else ()
        url, process = launch(data_dir, *options, log=log, **(GENEROUS | environment))
        started.append(process)
        return Served(url, data_dir, process, log)

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def open_server(serve: Serve) -> Served:
    """A server that answers everyone on this machine."""
    return serve()


@pytest.fixture(scope="module")
def keyed_server(serve: Serve) -> Served:
    """A server that answers to keys and tokens."""
    return serve(ACCESS__MODE="keys")
