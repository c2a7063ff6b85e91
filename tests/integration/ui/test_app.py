"""The server over real HTTP."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from rag.pipeline import Pipeline
from rag.settings import Settings

COMMAND = str(Path(sys.executable).with_name("groundwire"))


def test_health_and_readiness(server: str, pipeline: Pipeline) -> None:
    assert httpx.get(f"{server}/healthz").json() == {"status": "ok"}
    assert pipeline.index.manifest.id in httpx.get(f"{server}/readyz").text


def test_an_article_is_shown_with_its_span_marked(server: str, pipeline: Pipeline) -> None:
    article = next(iter(pipeline.articles.values()))
    page = httpx.get(f"{server}/articles/{article.id}", params={"start": 0, "end": 12})
    assert page.status_code == 200
    assert "<mark" in page.text and article.text[:12] in page.text
    assert re.findall("<script[^>]*>", page.text) == ['<script src="../articles.js">']


def test_an_article_that_is_not_there_is_404(server: str) -> None:
    page = httpx.get(f"{server}/articles/<b>nowhere")
    assert page.status_code == 404
    assert "<b>nowhere" not in page.text.lower()


def test_no_other_origin_is_allowed(server: str) -> None:
    answer = httpx.get(f"{server}/healthz", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_a_port_in_use_is_one_clear_line(seeds_settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [COMMAND, "serve", "--port", port, "--data-dir", str(seeds_settings.data_dir)],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 2
    assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
    assert done.stderr.count("\n") == 1
