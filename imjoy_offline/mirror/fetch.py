"""The one outgoing connection of the whole house: polite, bounded, resumable, and suspicious of what it is sent.

Called by ``registry``, ``packages``, ``direct`` and ``wheels``; what a request says and how answers are judged is in
``exchange``.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import httpx

from imjoy_offline.errors import FetchError, ImjoyError, OfflineError
from imjoy_offline.mirror.addresses import Route, check_address, routed
from imjoy_offline.mirror.exchange import (
    HindranceError,
    Reply,
    Request,
    asked_host,
    asked_of,
    check_peer,
    check_status,
    continues,
    looks_like_page,
    page_instead,
    redirected,
    total_size,
    unreachable,
    validator_of,
)
from imjoy_offline.mirror.parts import Part

_T = TypeVar("_T")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_LONGEST_WAIT = 30.0
_Answer = tuple[httpx.Response, Reply]
_CODINGS = ("identity", "gzip", "deflate")  # what httpx can always undo


@dataclass(frozen=True)
class FetchLimits:
    """How much, how often and how long."""

    parallel: int = 8
    tries: int = 3
    redirects: int = 5
    backoff_seconds: float = 0.5
    connect_seconds: float = 5.0
    silence_seconds: float = 30.0
    file_bytes: int = 512 << 20
    table_bytes: int = 128 << 20
    headway_bytes: int = 1 << 20


class Fetcher:
    """An asynchronous context manager; ``asked`` counts requests sent, ``received`` bytes, ``reached`` answers.

    ``types`` holds what servers said that files are, by the address that was asked for. ``unverified`` are hosts (with
    ``:port``, if any) whose certificates are not looked at, since the person said so.
    """

    def __init__(
        self,
        hosts: Mapping[str, str],
        partial: Path,
        tls: ssl.SSLContext,
        limits: FetchLimits | None = None,
        unverified: Collection[str] = (),
    ) -> None:
        self.asked = 0
        self.received = 0
        self.reached = 0
        self.types: dict[str, str] = {}
        self._hosts = hosts
        self.partial = partial
        self._limits = limits or FetchLimits()
        self._turns = asyncio.Semaphore(self._limits.parallel)
        self._dead: dict[tuple[str, str, int], str] = {}
        self._unverified = frozenset(unverified)
        self._client = self._made_client(tls)
        self._trusting: httpx.AsyncClient | None = None

    def _made_client(self, tls: ssl.SSLContext) -> httpx.AsyncClient:
        silence = self._limits.silence_seconds
        return httpx.AsyncClient(
            http2=True,
            verify=tls,
            follow_redirects=False,
            headers={"User-Agent": "imjoy-offline"},
            timeout=httpx.Timeout(silence, connect=self._limits.connect_seconds, pool=None),
            limits=httpx.Limits(max_connections=self._limits.parallel),
        )

    def _client_of(self, route: Route) -> httpx.AsyncClient:
        """The client that verifies certificates, but for hosts of which the person said that they need not be."""
        if not self._unverified & {route.host, f"{route.host}:{route.origin[2]}"}:
            return self._client
        if self._trusting is None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._trusting = self._made_client(context)
        return self._trusting

    async def __aenter__(self) -> "Fetcher":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
        if self._trusting is not None:
            await self._trusting.aclose()

    async def table(self, request: Request) -> object:
        """A JSON document, read into memory; raises FetchError, AbsentError or OfflineError."""

        async def attempt() -> object:
            content = bytearray()
            async with self._answer(request, {}) as (response, reply):
                async for chunk in response.aiter_bytes():
                    self.received += len(chunk)
                    content += chunk
                    if len(content) > self._limits.table_bytes:
                        raise FetchError(f"{request.what} is too large.", hint=asked_host(reply.host))
            try:
                return json.loads(bytes(content))
            except (ValueError, RecursionError):
                raise FetchError(
                    f"{request.what} is not what was asked for: the answer is no JSON.", hint=asked_of(request)
                ) from None

        return await self._persistently(request, attempt, lambda: 0)

    async def file(self, request: Request) -> Part:
        """A whole file in ``cache/partial``, continued where it broke off; the caller discards the part.

        Raises FetchError, AbsentError or OfflineError; what was received is kept for the next run unless it is wrong.
        """
        part = Part(self.partial, request.url)
        await self._persistently(request, lambda: self._download(request, part), lambda: part.size)
        return part

    async def _persistently(
        self, request: Request, attempt: Callable[[], Awaitable[_T]], headway: Callable[[], int]
    ) -> _T:
        trial, before = 0, headway()
        while True:
            try:
                async with self._turns:
                    return await attempt()
            except HindranceError as hindrance:
                now = headway()
                # A line that breaks often but brings something each time is slow, not dead.
                trial = 0 if now - before >= self._limits.headway_bytes else trial + 1
                before = now
                if trial >= self._limits.tries:
                    raise FetchError(hindrance.message, hint=hindrance.hint) from None
                wait = (
                    hindrance.wait
                    if hindrance.wait is not None
                    else self._limits.backoff_seconds * 2 ** max(trial - 1, 0)
                )
            await asyncio.sleep(min(wait, _LONGEST_WAIT))

    async def _download(self, request: Request, part: Part) -> None:
        headers = {"Accept-Encoding": "identity"}
        have, validator = part.size, part.validator
        if have and (validator or request.verified):
            headers["Range"] = f"bytes={have}-"
            if validator:
                headers["If-Range"] = validator
        async with self._answer(request, headers) as (response, reply):
            continued = "Range" in headers and continues(reply, have)
            if reply.status == 416 or (reply.status == 206 and not continued):
                part.discard()
                raise HindranceError(f"{request.what} could not be continued.", hint=asked_of(request), wait=0)
            coding = reply.header("content-encoding").lower() or "identity"
            if coding not in _CODINGS:
                raise FetchError(f"{request.what} comes packed as {coding}, unasked.", hint=asked_of(request))
            self.types[request.url] = reply.header("content-type")
            if reply.status != 206:
                part.begin("" if coding != "identity" else validator_of(reply))
            await self._receive(request, part, response, coding != "identity")
            if reply.status == 206 and total_size(reply) not in (None, part.size):
                raise HindranceError(f"{request.what} did not arrive whole.", hint=asked_of(request), wait=0)

    async def _receive(self, request: Request, part: Part, response: httpx.Response, coded: bool) -> None:
        size = part.size
        most = self._limits.file_bytes if request.most_bytes is None else request.most_bytes
        # Unbuffered, so that a killed run leaves what it received.
        with part.path.open("ab", buffering=0) as stream:
            async for chunk in response.aiter_bytes() if coded else response.aiter_raw():
                self.received += len(chunk)
                size += len(chunk)
                if size > most:
                    break
                stream.write(chunk)
        if size > most:
            part.discard()
            raise FetchError(
                f"{request.what} is larger than {most} bytes, the most that is taken.",
                hint=asked_of(request),
            )
        if not request.web_page and looks_like_page(part.path):
            part.discard()
            raise page_instead(request)

    @asynccontextmanager
    async def _answer(self, request: Request, headers: Mapping[str, str]) -> AsyncIterator[_Answer]:
        """The answer to the request after redirects, its status 200, 206 or 416."""
        url, trusted = request.url, request.trusted
        first = routed(url, self._hosts, trusted)
        for _ in range(self._limits.redirects + 1):
            route = routed(url, self._hosts, trusted)
            own = route.origin == first.origin and request.authorization is not None
            sending = {"Authorization": str(request.authorization), **headers} if own else headers
            async with self._sent(request, route, sending) as (response, reply):
                if reply.status not in _REDIRECTS:
                    check_status(request, reply)
                    yield response, reply
                    return
                target, host = redirected(request, route, reply)
                trusted = route.trusted and host == route.host
                if route.url.startswith("https:") and not target.startswith("https:"):
                    raise FetchError(f"{request.what} is redirected to an unsafe address.", hint=asked_host(route.host))
                url = target
        raise FetchError(
            f"{request.what} is redirected more than {self._limits.redirects} times.", hint=asked_host(first.host)
        )

    @asynccontextmanager
    async def _sent(self, request: Request, route: Route, headers: Mapping[str, str]) -> AsyncIterator[_Answer]:
        if route.origin in self._dead:
            raise unreachable(request, self._dead[route.origin])
        try:
            await check_address(route, request.what)
            self.asked += 1
            sending = {"Accept": request.accept, **headers}
            async with self._client_of(route).stream("GET", route.url, headers=sending) as response:
                self.reached += 1
                reply = _reply(response)
                check_peer(request, route, reply)
                yield response, reply
        except OfflineError as error:
            self._dead[route.origin] = error.hint
            raise
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            raise self._unreachable(request, route, error) from None
        except httpx.InvalidURL:
            raise FetchError(f"{request.what} has an unreadable address.", hint=asked_host(route.host)) from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise HindranceError(
                f"{request.what} did not arrive whole ({type(error).__name__}).", hint=asked_host(route.host)
            ) from None

    def _unreachable(self, request: Request, route: Route, error: httpx.TransportError) -> ImjoyError:
        if isinstance(error.__context__, ssl.SSLError) or "CERTIFICATE" in str(error).upper():
            return FetchError(
                f"{request.what} cannot be asked for safely: the server's certificate is not trusted.",
                hint=f"{asked_host(route.host)} ({error}) Set SSL_CERT_FILE to the authority's certificate.",
            )
        self._dead[route.origin] = f"{asked_host(route.host)} ({error})"
        return unreachable(request, self._dead[route.origin])


def _reply(response: httpx.Response) -> Reply:
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.url.host, str(peer[0]) if isinstance(peer, tuple) else None)
