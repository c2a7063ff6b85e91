"""Where a request comes from, when some of the senders are reverse proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from ui.guard.settings import in_networks


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The sender. `direct` is the address at the socket's other end, `address` the client's own.

    They differ only if `direct` is a trusted proxy, which says for whom it speaks.
    """

    direct: str
    address: str
    trusted: bool
    scheme: str | None = None

    @property
    def network(self) -> str:
        """The address for counting: in IPv6 the /64 network, which is one customer's."""
        try:
            ip = ipaddress.ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is None:
            return str(ipaddress.ip_network((ip, 64), strict=False))
        return self.address


def peer_of(scope: Scope, headers: Headers, proxies: Sequence[str]) -> Peer:
    """The sender of a request; forwarded headers count only from the listed proxies."""
    client = scope.get("client")
    direct = client[0] if client else "unknown"
    if not in_networks(direct, proxies):
        return Peer(direct=direct, address=direct, trusted=False)
    forwarded = ",".join(headers.getlist("x-forwarded-for"))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    # The rightmost address that is no proxy of ours: those left of it are the client's own words.
    address = next((hop for hop in reversed(hops) if not in_networks(hop, proxies)), direct)
    scheme = headers.get("x-forwarded-proto")
    return Peer(
        direct=direct,
        address=address if _is_address(address) else direct,
        trusted=True,
        scheme=scheme if scheme in ("http", "https") else None,
    )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
