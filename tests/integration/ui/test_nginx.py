"""Behind a real nginx, on a sub-path and with TLS, configured with the very text of docs/security.md."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import textwrap
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

DOCUMENT = Path(__file__).parents[3] / "docs" / "security.md"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
OPENSSL = shutil.which("openssl")
ROOT = "/groundwire"
QUESTION = {"question": "How many world leaders attend the parade?"}
CLIENT, ANOTHER, STRANGER = "127.0.0.2", "127.0.0.3", "127.0.0.4"

pytestmark = pytest.mark.skipif(
    not (NGINX and OPENSSL), reason="nginx or openssl is not installed: make nginx"
)


def block(name: str) -> str:
    """The indented block of docs/security.md, from the line `# name` to the next such line or text."""
    text = DOCUMENT.read_text("utf-8").partition("## Behind a proxy\n")[2]
    found = re.search(rf"^    # {re.escape(name)}\n(?:(?:    (?!# ).*)?\n)*", text, re.MULTILINE)
    assert found, name
    return textwrap.dedent(found.group())


def access() -> dict[str, str]:
    """The documented `[access]`, as variables of the environment."""
    table = tomllib.loads(block("groundwire.toml"))["access"]
    return {
        f"ACCESS__{name.upper()}": value if isinstance(value, str) else ",".join(value)
        for name, value in table.items()
    }


@dataclass(frozen=True)
class Proxied:
    """A site that has a server under `/groundwire/`, and that server's own address and log."""

    site: str
    host: str
    direct: str
    log: Path
    certificate: Path
    key: str

    def client(self, address: str = CLIENT) -> httpx.Client:
        """A client with an address of its own, which calls the site by its documented name."""
        transport = httpx.HTTPTransport(
            verify=ssl.create_default_context(cafile=str(self.certificate)), local_address=address
        )
        return httpx.Client(
            transport=transport,
            base_url=f"{self.site}{ROOT}/",
            headers={"Host": self.host, "Authorization": f"Bearer {self.key}"},
            timeout=60,
        )


Proxy = Callable[..., Proxied]


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


@pytest.fixture(scope="module")
def proxy(serve: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """Starts a server and the documented nginx before it; both end with the module's last test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(**settings: str) -> Proxied:
        served = serve(root_path=ROOT, **(access() | settings))
        folder = tmp_path_factory.mktemp("nginx")
        subprocess.run(
            [
                *f"{OPENSSL} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(),
                *"-keyout key.pem -out cert.pem -days 2 -subj /CN=127.0.0.1".split(),
                *"-addext subjectAltName=IP:127.0.0.1".split(),
            ],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        site = replaced(block("nginx"), "listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        site = replaced(site, "/etc/ssl/certs/intranet.pem", f"{folder}/cert.pem")
        site = replaced(site, "/etc/ssl/private/intranet.key", f"{folder}/key.pem")
        site = replaced(site, "http://127.0.0.1:7860/", f"{served.url}/")
        places = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{name}_temp_path {folder}/{name};\n" for name in places)
        configuration = folder / "nginx.conf"
        configuration.write_text(
            f"daemon off;\nuser {getpass.getuser()};\npid {folder}/pid;\nerror_log stderr notice;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{site}}}\n"
        )
        with (folder / "log").open("wb") as log, listener:
            process = subprocess.Popen(
                [str(NGINX), "-e", "stderr", "-p", str(folder), "-c", str(configuration)],
                stderr=log,
                # nginx takes over a socket that listens already: whoever connects waits for it
                env=os.environ | {"NGINX": f"{listener.fileno()};"},
                pass_fds=[listener.fileno()],
            )
        started.append(process)
        keys = served.keys
        key = keys.add("intranet")[1]
        keys.close()
        return Proxied(
            site=f"https://127.0.0.1:{port}",
            host=f"intranet.example.org:{port}",
            direct=served.url,
            log=served.log,
            certificate=folder / "cert.pem",
            key=key,
        )

    yield start
    for process in started:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


@pytest.fixture(scope="module")
def site(proxy: Proxy) -> Proxied:
    """A site whose server allows many questions."""
    return proxy()


@pytest.fixture
def web(site: Proxied) -> Iterator[httpx.Client]:
    with site.client() as client:
        yield client


def test_the_page_and_all_its_files_come_through(web: httpx.Client, site: Proxied) -> None:
    home = f"https://{site.host}{ROOT}/"
    page = web.get("")
    config = web.get("config").json()
    assert page.status_code == 200
    assert f"{config['root']}/" == home
    linked = {urljoin(home, name) for name in re.findall(r'(?:src|href)="([^"]+)"', page.text)}
    scripts = {url for url in linked if url.endswith(".js")}
    assert scripts and f"{home}manifest.json" in linked
    for url in scripts:
        imported = re.findall(r'(?:from|import)\s*"(\./[^"]+)"', web.get(url[len(home) :]).text)
        linked |= {urljoin(url, name) for name in imported}
    linked |= {text for text in texts(config) if text.startswith(("http:", "https:"))}
    linked |= {
        urljoin(home, name) for name in (f"theme.css?v={config['theme_hash']}", "favicon.ico")
    }
    assert {url for url in linked if not f"{url}/".startswith(home)} == set()
    assert {url: web.get(url[len(home) :]).status_code for url in linked} == dict.fromkeys(
        linked, 200
    )


def texts(value: Any) -> Iterator[str]:
    """All texts inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def test_the_sub_path_without_its_slash_leads_to_the_page(web: httpx.Client, site: Proxied) -> None:
    response = web.get(f"{site.site}{ROOT}")
    assert response.status_code == 301
    assert response.headers["location"] == f"https://{site.host}{ROOT}/"


def test_whom_nginx_lets_in_still_needs_a_key(web: httpx.Client) -> None:
    del web.headers["Authorization"]
    for path in ("", "api/v1/articles", "config"):
        assert web.get(path).status_code == 401


def test_a_question_is_answered_and_its_source_can_be_read(web: httpx.Client) -> None:
    response = web.post("api/v1/ask", json=QUESTION)
    assert response.status_code == 200
    citation = response.json()["citations"][0]
    place = {"start": citation["start"], "end": citation["end"], "version": citation["sha256"]}
    article = web.get(f"articles/{citation['document']}", params=place)
    assert article.status_code == 200 and "<mark" in article.text
    for name in re.findall(r'(?:src|href)="([^"#]+)"', article.text):
        target = article.url.join(name)
        assert target.path.startswith(f"{ROOT}/")
        assert web.get(target).status_code == 200, name


def test_the_request_id_is_the_one_of_nginx(web: httpx.Client, site: Proxied) -> None:
    response = web.post("api/v1/ask", json=QUESTION, headers={"X-Request-ID": "chosen-by-client"})
    identity = response.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", identity)
    assert line_of(site, identity)["address"] == CLIENT


def line_of(site: Proxied, identity: str) -> dict[str, Any]:
    """The log line of a request that is over."""
    lines = [json.loads(line) for line in site.log.read_text().splitlines()]
    found: dict[str, Any] = next(line for line in lines if line.get("request_id") == identity)
    return found


def test_the_widget_comes_through(web: httpx.Client) -> None:
    script = web.get("widget.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert web.get("embed").status_code == 200


def test_a_stream_is_passed_on_event_by_event(proxy: Proxy) -> None:
    """The last of many streams has begun before the one worker has answered all of them."""
    site = proxy(LIMITS__WORKERS="1", LIMITS__WAITING="100", LIMITS__WAIT_S="60")
    many = 30
    with site.client() as web:
        streams = []
        for _ in range(many):
            request = web.build_request("POST", "api/v1/ask/stream", json=QUESTION)
            streams.append(web.send(request, stream=True))
        lines = streams[-1].iter_lines()
        assert next(lines) == "event: started"
        assert answered(site) < many
        rest = [line for line in lines if line.startswith("event: ")]
        assert rest[0] == "event: sentence" and rest[-1] == "event: done"
        for stream in streams:
            stream.close()


def answered(site: Proxied) -> float:
    """How many questions the server has answered, as it says itself."""
    url = f"{site.direct}/api/v1/metrics"
    headers = {"Host": site.host, "Authorization": f"Bearer {site.key}"}
    text = httpx.get(url, headers=headers).text
    return sum(
        float(line.rpartition(" ")[2])
        for line in text.splitlines()
        if line.startswith("groundwire_answers_total{")
    )


def test_gradios_endless_stream_is_not_held_back(web: httpx.Client) -> None:
    with web.stream("GET", "gradio_api/heartbeat/nginx", timeout=10) as beats:
        assert "ALIVE" in next(beats.iter_lines())


def test_the_chat_answers_through_gradios_queue(web: httpx.Client, site: Proxied) -> None:
    events = web.get("config").json()["dependencies"]
    submit = next(e for e in events if any(name == "submit" for _, name in e["targets"]))
    body = {
        "data": [QUESTION["question"], *[None] * (len(submit["inputs"]) - 1)],
        "fn_index": submit["id"],
        "session_hash": "nginx",
        "event_data": None,
    }
    own_page = {"Origin": f"https://{site.host}"}
    joined = web.post("gradio_api/queue/join", json=body, headers=own_page)
    assert joined.status_code == 200, joined.text
    place = {"session_hash": "nginx"}
    with web.stream("GET", "gradio_api/queue/data", params=place) as messages:
        told = [json.loads(line[6:]) for line in messages.iter_lines() if line.startswith("data: ")]
    completed = [message for message in told if message["msg"] == "process_completed"]
    assert len(completed) == 1 and completed[0]["success"]
    assert "gw-chip" in json.dumps(told)


def statuses(client: httpx.Client, count: int) -> list[int]:
    """Asks several times, each time in the name of another address."""
    return [
        client.post(
            "api/v1/ask", json=QUESTION, headers={"X-Forwarded-For": f"10.0.0.{index}"}
        ).status_code
        for index in range(count)
    ]


def test_limits_count_the_clients_behind_nginx_and_forged_addresses_do_not_help(
    proxy: Proxy,
) -> None:
    few = {"LIMITS__QUESTIONS_BURST": "2", "LIMITS__QUESTIONS_PER_MINUTE": "1"}
    site = proxy(ACCESS__MODE="open", **few)
    with site.client() as web, site.client(ANOTHER) as another:
        assert statuses(web, 3) == [200, 200, 429]
        assert statuses(another, 1) == [200]
    elsewhere = httpx.HTTPTransport(local_address=STRANGER)
    host = {"Host": site.host}
    with httpx.Client(transport=elsewhere, base_url=site.direct, headers=host, timeout=60) as past:
        assert statuses(past, 3) == [200, 200, 429]


def test_a_client_cannot_choose_the_addresses_of_the_page(web: httpx.Client, site: Proxied) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Gradio-Server": "https://evil.example"}
    assert web.get("config", headers=forged).json()["root"] == f"https://{site.host}{ROOT}"
    assert "evil.example" not in web.get("", headers=forged).text


def test_only_the_listed_name_is_answered_but_probes_under_any(site: Proxied) -> None:
    with httpx.Client(base_url=site.direct) as orchestrator:
        assert orchestrator.get("/api/v1/articles").status_code == 421
        assert orchestrator.get("/healthz").status_code == 200
        assert orchestrator.get("/readyz").status_code == 200
