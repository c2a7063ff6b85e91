"""2,000 clients at once against a running server: statuses, times, health, recovery, memory.

    python -m eval.load http://127.0.0.1:7860 [--clients 2000] [--seconds 20] [--pid PID]

Each client asks, waits as `Retry-After` says (at least a second), and asks again until the time is up.
Meanwhile health is probed ten times a second on a connection of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

QUESTION = json.dumps({"question": "How many world leaders attend the parade?"}).encode()


@dataclass
class Figures:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    refused_s: list[float] = field(default_factory=list)
    answered_s: list[float] = field(default_factory=list)


async def client(host: str, port: int, ends: float, figures: Figures) -> None:
    """Asks until the time is up, on a connection of its own."""
    request = (
        f"POST /api/v1/ask HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(QUESTION)}\r\nConnection: close\r\n\r\n"
    ).encode() + QUESTION
    while time.monotonic() < ends:
        began = time.monotonic()
        try:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(request)
            response = await reader.read(-1)
            writer.close()
        except OSError as error:
            figures.statuses[type(error).__name__] += 1
            await asyncio.sleep(1)
            continue
        took = time.monotonic() - began
        status = response[9:12].decode() or "closed"
        figures.statuses[status] += 1
        (figures.answered_s if status == "200" else figures.refused_s).append(took)
        await asyncio.sleep(min(retry_after_s(response), max(0.0, ends - time.monotonic())))


def retry_after_s(response: bytes) -> float:
    """How long a response asks to wait: a second where it does not say."""
    for line in response.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        name, _, value = line.partition(b": ")
        if name.lower() == b"retry-after":
            return float(value)
    return 1.0


def probe(host: str, port: int, ends: float, seen: multiprocessing.Queue[list[float]]) -> None:
    """Times of health, in a process of its own so that the clients do not slow it."""
    times = []
    while time.monotonic() < ends:
        began = time.monotonic()
        connection = HTTPConnection(host, port, timeout=30)
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        connection.close()
        times.append(time.monotonic() - began)
        time.sleep(0.1)
    seen.put(times)


def recovery_s(host: str, port: int) -> float:
    """Seconds after the load until a question is answered again."""
    began = time.monotonic()
    while True:
        connection = HTTPConnection(host, port, timeout=30)
        connection.request("POST", "/api/v1/ask", QUESTION, {"Content-Type": "application/json"})
        status = connection.getresponse().status
        connection.close()
        if status == 200:
            return time.monotonic() - began
        time.sleep(0.2)


def memory_mb(pid: int | None) -> float | None:
    if pid is None:
        return None
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return None


def quantile(values: list[float], share: float) -> float | None:
    if len(values) < 2:
        return values[0] if values else None
    return round(statistics.quantiles(values, n=100)[int(share * 100) - 1], 4)


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("url")
    options.add_argument("--clients", type=int, default=2000)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--pid", type=int)
    given = options.parse_args()
    parts = urlsplit(given.url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    figures = Figures()
    before = memory_mb(given.pid)
    ends = time.monotonic() + given.seconds
    seen: multiprocessing.Queue[list[float]] = multiprocessing.Queue()
    prober = multiprocessing.Process(target=probe, args=(host, port, ends, seen))
    prober.start()
    await asyncio.gather(*(client(host, port, ends, figures) for _ in range(given.clients)))
    health_s = seen.get()
    prober.join()
    recovered = recovery_s(host, port)
    report = {
        "clients": given.clients,
        "statuses": dict(figures.statuses),
        "answered_s_p50": quantile(figures.answered_s, 0.5),
        "refused_s_p50": quantile(figures.refused_s, 0.5),
        "refused_s_p99": quantile(figures.refused_s, 0.99),
        "health_probes": len(health_s),
        "health_s_p50": quantile(health_s, 0.5),
        "health_s_p95": quantile(health_s, 0.95),
        "recovered_s": round(recovered, 2),
        "memory_mb_before": before,
        "memory_mb_after": memory_mb(given.pid),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
