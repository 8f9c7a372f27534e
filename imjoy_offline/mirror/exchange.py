"""What is asked for, and how an answer is judged before anything of it is used. ``fetch`` does the asking.

Messages call a thing by ``Request.what`` and never name addresses, since they may end in the lock; hosts are in the
hints, for the person in front of the screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

from imjoy_offline.errors import FetchError, ImjoyError, OfflineError
from imjoy_offline.mirror.addresses import Route, goes_by_proxy, is_public, private_address


class AbsentError(FetchError):
    """The server says that there is no such thing; asking again brings nothing else."""


@dataclass(frozen=True)
class Request:
    """One thing to ask for.

    ``what`` is how messages call it. ``trusted`` addresses (the person configured them) may be private.
    ``authorization`` (the header's value) goes to the address's own origin only. ``verified`` says that the caller
    knows the digest, so that a part may be continued without the server's word for it. ``web_page`` allows an HTML
    answer. ``most_bytes`` replaces the usual cap on the size of a file.
    """

    url: str
    what: str
    accept: str = "*/*"
    authorization: str | None = field(default=None, repr=False)
    trusted: bool = False
    verified: bool = False
    web_page: bool = False
    most_bytes: int | None = None


@dataclass(frozen=True)
class Reply:
    """The head of an answer; ``headers`` in lower case, ``peer`` the address that really answered, if known."""

    status: int
    headers: Mapping[str, str]
    host: str
    peer: str | None = None

    def header(self, name: str) -> str:
        """A header's value, or an empty text."""
        return self.headers.get(name, "").strip()


class HindranceError(ImjoyError):
    """Something that may pass by itself; ``wait`` is what the server asked for."""

    code: ClassVar[str] = "hindrance"

    def __init__(self, message: str, *, hint: str = "", wait: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


def unreachable(request: Request, hint: str) -> OfflineError:
    """Nobody answers."""
    return OfflineError(f"{request.what} cannot be asked for: its host does not answer.", hint=hint)


def check_status(request: Request, reply: Reply) -> None:
    """Let 200, 206 and 416 pass; raises FetchError, AbsentError or HindranceError for the rest and for web pages."""
    status, hint = reply.status, asked_host(reply.host)
    if status in (404, 410):
        raise AbsentError(f"{request.what} does not exist there (status {status}).", hint=hint)
    if status == 429 or status >= 500:
        raise HindranceError(
            f"{request.what} could not be had: the server answered with status {status}.",
            hint=hint,
            wait=_retry_after(reply),
        )
    if status not in (200, 206, 416):
        raise FetchError(f"{request.what} was refused with status {status}.", hint=hint)
    is_page = reply.header("content-type").lower().startswith("text/html")
    if status != 416 and is_page and not request.web_page:
        raise page_instead(request)


def check_peer(request: Request, route: Route, reply: Reply) -> None:
    """Whoever really answers must be outside too; raises FetchError."""
    # The name was looked up before; by now it may mean another address.
    if route.trusted or goes_by_proxy(route.url) or reply.peer is None:
        return
    if not is_public(reply.peer):
        raise private_address(request.what, route.host)


def redirected(request: Request, route: Route, reply: Reply) -> tuple[str, str]:
    """The address that a redirect leads to, and its host; raises FetchError where it is unreadable."""
    try:
        target = urljoin(route.url, reply.header("location"))
        return target, (urlsplit(target).hostname or "").lower()
    except ValueError:
        raise FetchError(
            f"{request.what} is redirected to an unreadable address.", hint=asked_host(reply.host)
        ) from None


def continues(reply: Reply, have: int) -> bool:
    """Whether a partial answer begins where ``have`` bytes end."""
    return reply.header("content-range").replace(" ", "").lower().startswith(f"bytes{have}-")


def total_size(reply: Reply) -> int | None:
    """The size of the whole, where a partial answer tells it."""
    total = reply.header("content-range").rpartition("/")[2].strip()
    return int(total) if total.isdigit() else None


def validator_of(reply: Reply) -> str:
    """What the server says identifies the content: a strong tag, else a date, else nothing."""
    tag = reply.header("etag")
    return tag if tag and not tag.startswith("W/") else reply.header("last-modified")


def _retry_after(reply: Reply) -> float | None:
    text = reply.header("retry-after")
    return float(text) if text.isdigit() else None


def looks_like_page(path: Path) -> bool:
    """Whether the file begins as HTML does."""
    with path.open("rb") as stream:
        start = stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html"))


def page_instead(request: Request) -> FetchError:
    """The refusal of a web page where none was asked for."""
    return FetchError(
        f"{request.what} is not what was asked for: the answer is a web page (a login page of the network, perhaps).",
        hint=asked_of(request),
    )


def asked_host(host: str) -> str:
    """A hint that names the host."""
    return f"Asked: {host}."


def asked_of(request: Request) -> str:
    """A hint that names the host of the request."""
    return asked_host(urlsplit(request.url).hostname or "")
