"""Where a request may go: mapping of hosts to a lab's own mirror, and the refusal of private addresses.

An address that stands in somebody's plugin file must not make this computer ask its own services or its local network.
What the person configured (``upstream`` in imjoy.yaml, the npm registry) may lie anywhere.
"""

import asyncio
import contextlib
import ipaddress
import socket
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from imjoy_offline.errors import FetchError, OfflineError

_LOOKUP_SECONDS = 5.0


@dataclass(frozen=True)
class Route:
    """The address that is really asked; ``trusted`` where the person configured it."""

    url: str
    trusted: bool

    @property
    def host(self) -> str:
        """The host's name, in lower case."""
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return (parts.scheme, self.host, parts.port or (443 if parts.scheme == "https" else 80))


def routed(url: str, hosts: Mapping[str, str], trusted: bool) -> Route:
    """``url`` at the address that ``upstream: hosts`` gives its host; raises FetchError for what is no address."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in ("http", "https"):
        raise FetchError("An address that is neither http nor https was given.", hint="It was not asked.")
    base = hosts.get(f"{host}:{port}" if port is not None else host)
    if base is None:
        return Route(url, trusted)
    there = urlsplit(base)
    path = there.path.rstrip("/") + (parts.path or "/")
    return Route(urlunsplit((there.scheme, there.netloc, path, parts.query, "")), True)


def is_public(address: str) -> bool:
    """Whether the IP address, also one wrapped in IPv6, is one of the open internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None) or _translated(ip)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return None


def goes_by_proxy(url: str) -> bool:
    """Whether the environment sends this address through a proxy, which then does the looking-up."""
    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    return bool(proxies.get(parts.scheme) or proxies.get("all")) and not urllib.request.proxy_bypass(
        parts.hostname or ""
    )


async def check_address(route: Route, what: str) -> None:
    """Look the host up; raises OfflineError where no name server knows it, FetchError where it is private."""
    if goes_by_proxy(route.url):
        if not route.trusted and _is_number(route.host) and not is_public(route.host):
            raise private_address(what, route.host)
        return
    found = await _look_up(route.host, route.origin[2], what)
    if not route.trusted and not all(is_public(address) for address in found):
        raise private_address(what, route.host)


def private_address(what: str, host: str) -> FetchError:
    """The refusal."""
    return FetchError(
        f"{what} leads to a private address, and such addresses are not asked for things that plugins name.",
        hint=f"If {host} is a mirror of yours, name it under `upstream: hosts:` in imjoy.yaml.",
    )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # Name servers are not asked for the old spellings of numbers, so a proxy must not be either.
        return host.replace(".", "").isdigit() or host.startswith("0x") or host == "localhost"
    return True


async def _look_up(host: str, port: int, what: str) -> list[str]:
    # In a thread that nobody waits for: a name server that does not answer must not hold up the end of the run.
    loop = asyncio.get_running_loop()
    done: asyncio.Future[list[str]] = loop.create_future()

    def settle(found: list[str], error: OSError | None) -> None:
        if not done.done():
            if error is None:
                done.set_result(found)
            else:
                done.set_exception(error)

    def look() -> None:
        found: list[str] = []
        failure: OSError | None = None
        try:
            found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            failure = error
        except UnicodeError:
            failure = OSError("no host name")
        with contextlib.suppress(RuntimeError):  # the run is over and its loop closed
            loop.call_soon_threadsafe(settle, found, failure)

    threading.Thread(target=look, daemon=True).start()
    try:
        return await asyncio.wait_for(done, _LOOKUP_SECONDS)
    except (OSError, asyncio.TimeoutError):
        raise OfflineError(
            f"{what} cannot be asked for: no name server knows its host.",
            hint=f"Check the network, and the name {host}.",
        ) from None
