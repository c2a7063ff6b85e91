"""The guard: the one ASGI layer that every request passes, Gradio's routes included.

Order: who speaks (proxy, host) → page allowed (origin) → caller allowed (access) → how much (body,
rate) → the application, whose responses get a request id, security headers and a log line.
"""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guard.access import PUBLIC, Caller, identify
from ui.guard.bodies import ClientGone, has_body, is_sent, read_body, replay
from ui.guard.keys import KeyStore
from ui.guard.logs import access_log, request_id
from ui.guard.metrics import Metrics
from ui.guard.origins import cors_headers, preflight_headers, same_origin
from ui.guard.paths import CROSS_ORIGIN, path_of, route_of
from ui.guard.problems import Problem, Refused
from ui.guard.proxies import Peer, peer_of
from ui.guard.responses import ClientTooSlow, Outgoing
from ui.guard.settings import GuardSettings, Mode
from ui.guard.spending import Spending
from ui.telemetry import OFF, Facts, Traces

log = logging.getLogger("groundwire.server")

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
# Gradio would build its page's addresses from these; we go by Host, which is checked.
# Problems with the body itself: nothing of it is waited for any more.
_OF_THE_BODY = (408, 413)
# How long a refused request may take to send the rest of its body, so that its client, which is still
# sending, sees the refusal and can go on using the connection.
LINGER_S = 1.0
_NEVER_BELIEVED = (b"x-forwarded-host", b"x-gradio-server")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the guard decides by."""

    settings: GuardSettings
    mode: Mode
    loopback: bool

    @property
    def hosts(self) -> tuple[str, ...]:
        """The host names a request may be addressed to; empty means any."""
        return self.settings.access.hosts or (_LOOPBACK_NAMES if self.loopback else ())


class Guard:
    """Wraps an application; see the module's description."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        policy: Policy,
        keys: KeyStore,
        metrics: Metrics,
        traces: Traces,
        quick: frozenset[int],
    ) -> None:
        self._app = app
        self._policy = policy
        self._keys = keys
        self._metrics = metrics
        self._traces = traces
        self._spending = Spending(policy.settings.limits, quick)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request from its head to its log line."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        headers = Headers(scope=scope)
        peer = peer_of(scope, headers, self._policy.settings.access.proxies)
        _keep_believable(scope, peer)
        given = headers.get("x-request-id", "") if peer.trusted else ""
        identity = given if _is_id(given) else secrets.token_hex(8)
        marked = request_id.set(identity)
        scope.setdefault("state", {})["request_id"] = identity
        response = Outgoing(send, identity, self._policy.settings, scope)
        response.unread = has_body(headers)
        caller: Caller | None = None
        traces = OFF if path_of(scope) in PUBLIC else self._traces
        with traces.request(headers if peer.trusted else {}) as facts:
            try:
                origin = self._checked_origin(scope, headers, response)
                if origin and scope["method"] == "OPTIONS" and _is_preflight(headers):
                    private = "access-control-request-private-network" in headers
                    response.allowed = preflight_headers(origin, private_network=private)
                    await Response(status_code=204)(scope, receive, response)
                    return
                caller = self._caller(scope, headers, peer)
                scope["state"]["caller"] = caller
                self._spending.on_head(scope, peer, caller)
                if response.unread:
                    body = await self._body(headers, receive)
                    response.unread = False
                    self._spending.on_body(scope, body, peer, caller)
                    receive = replay(body, receive)
                await self._app(scope, receive, response)
            except Refused as refused:
                self._metrics.refused.labels(refused.problem.name).inc()
                await self._refuse(refused.problem, headers, scope, receive, response)
            except (ClientGone, ClientTooSlow):
                response.status = response.status or 499
            except Exception:
                log.exception("a request failed")
                problem = Problem(
                    status=500,
                    name="internal",
                    title="Internal error",
                    detail=f"This is a fault of the server. Report it with the request id {identity}.",
                )
                await self._refuse(problem, headers, scope, receive, response)
            finally:
                facts |= self._record(scope, response, caller, peer, time.perf_counter() - began)
                request_id.reset(marked)

    def _checked_origin(self, scope: Scope, headers: Headers, response: Outgoing) -> str | None:
        """The origin of the page that sends the request, if there is one. Raises: Refused."""
        host = headers.get("host", "")
        hosts = self._policy.hosts
        if hosts and _host_name(host) not in hosts and path_of(scope) not in PUBLIC:
            raise Refused(
                Problem(
                    status=421,
                    name="wrong-host",
                    title="Wrong host",
                    detail=f"This server does not answer under the name '{host[:200]}'. "
                    "Add it to access.hosts in groundwire.toml.",
                )
            )
        origin = headers.get("origin")
        if origin is None or same_origin(origin, host):
            return None
        allowed = self._policy.settings.embed.origins
        if origin not in allowed or not path_of(scope).startswith(CROSS_ORIGIN):
            raise Refused(
                Problem(
                    status=403,
                    name="origin-not-listed",
                    title="Origin not listed",
                    detail=f"Pages of {origin[:200]} may not use this address. An administrator "
                    "can list the origin under embed.origins in groundwire.toml.",
                )
            )
        response.allowed = cors_headers(origin)
        return origin

    def _caller(self, scope: Scope, headers: Headers, peer: Peer) -> Caller:
        return identify(
            headers,
            peer=peer.direct,
            origin=headers.get("origin"),
            path=path_of(scope),
            mode=self._policy.mode,
            settings=self._policy.settings,
            keys=self._keys,
        )

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        limits = self._policy.settings.limits
        return await read_body(
            headers, receive, largest=limits.body_kib * 1024, timeout_s=limits.body_s
        )

    async def _refuse(
        self,
        problem: Problem,
        headers: Headers,
        scope: Scope,
        receive: Receive,
        response: Outgoing,
    ) -> None:
        if response.status:
            return  # the response has begun: it can only end here
        if response.unread and problem.status not in _OF_THE_BODY:
            largest = self._policy.settings.limits.body_kib * 1024
            response.unread = not await is_sent(
                headers, receive, largest=largest, timeout_s=LINGER_S
            )
        identity = scope["state"]["request_id"]
        await problem.response(instance=path_of(scope), request_id=identity)(
            scope, receive, response
        )

    def _record(
        self,
        scope: Scope,
        response: Outgoing,
        caller: Caller | None,
        peer: Peer,
        seconds: float,
    ) -> Facts:
        """Counts a finished request and writes its line. Returns what its span says of it."""
        route = route_of(scope)
        status = response.status or 499
        self._metrics.requests.labels(route, _method(scope), str(status)).inc()
        self._metrics.request_seconds.labels(route).observe(seconds)
        noted: dict[str, str] = scope["state"].get("log", {})
        if route not in PUBLIC or status >= 400:
            fields = {
                "method": scope["method"],
                "path": path_of(scope)[:200],
                "status": status,
                "ms": round(seconds * 1000, 1),
                "address": peer.address,
                **({"caller": f"{caller.kind} {caller.name}".strip()} if caller else {}),
                **noted,
            }
            level = logging.ERROR if status >= 500 and status != 503 else logging.INFO
            access_log.log(level, "request", extra={"fields": fields})
        return {
            "http.request.method": _method(scope),
            "http.route": route,
            "http.response.status_code": status,
            "groundwire.request_id": scope["state"]["request_id"],
            **{f"groundwire.{name}": value for name, value in noted.items()},
        }


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH")
    return scope["method"] if scope["method"] in known else "other"


def _keep_believable(scope: Scope, peer: Peer) -> None:
    """Drops the headers that only a trusted proxy may set, and those that nobody may."""
    scope["headers"] = [
        (name, value)
        for name, value in scope["headers"]
        if name not in _NEVER_BELIEVED and (peer.trusted or not _is_forwarded(name))
    ]
    if peer.scheme:
        scope["scheme"] = peer.scheme
    scope["client"] = (peer.address, 0)


def _is_forwarded(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name in (b"forwarded", b"x-real-ip")


def _is_preflight(headers: Headers) -> bool:
    return "access-control-request-method" in headers


def _is_id(value: str) -> bool:
    return 8 <= len(value) <= 64 and all(c.isascii() and (c.isalnum() or c in "-_") for c in value)


def _host_name(host: str) -> str:
    name = host.lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0]
