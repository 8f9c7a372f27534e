"""Who may ask for what: pure decisions from the facts of a request and the rules of this server.

One gate (``server/middleware``) asks here before any route or socket is reached. Nothing here touches a connection, so
the whole table of cases is tested as values. The names of hosts and origins are compared as whole strings, never by
pattern; the order of the checks is Host, fetch metadata, Origin, method, token.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

APP_HOST = "127.0.0.1"
OTHER_NAMES = ("localhost", "[::1]")
ENGINE_PATH = "/engine"
API_PREFIX = "/api"
HELLO_PATH = "/api/hello"
# What the API can be told to do, each by POST and by the app itself alone; everything else can only be read.
MIRROR_START_PATH = "/api/mirror/start"
MIRROR_CANCEL_PATH = "/api/mirror/cancel"
ENGINE_CONFIRM_PATH = "/api/engines/confirm"
ENGINE_FORGET_PATH = "/api/engines/forget"
WRITING_PATHS = frozenset((MIRROR_START_PATH, MIRROR_CANCEL_PATH, ENGINE_CONFIRM_PATH, ENGINE_FORGET_PATH))

_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]+)(?::(?P<port>[0-9]{1,9}))?")
_READING = ("GET", "HEAD")
_NO_TOKEN = "The API needs this server's token: send it as 'Authorization: Bearer TOKEN'."  # noqa: S105 - a sentence


@dataclass(frozen=True)
class RequestFacts:
    """What a request says of itself; headers that may be given once are kept with all their occurrences.

    ``target`` is path and query as they came, percent signs and all; ``path`` is decoded.
    """

    port: int
    method: str
    path: str
    target: str
    websocket: bool = False
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    authorizations: tuple[str, ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_api(self) -> bool:
        """Whether this is a request to the API or the engine, by its path."""
        return self.path == ENGINE_PATH or self.path == API_PREFIX or self.path.startswith(API_PREFIX + "/")

    @property
    def is_navigation(self) -> bool:
        """Whether a person's browser asks for a page, as far as the request says."""
        if self.method not in _READING or self.websocket:
            return False
        if "sec-fetch-mode" in self.headers:
            return self.headers["sec-fetch-mode"] == "navigate"
        return "text/html" in self.headers.get("accept", "").lower()


@dataclass(frozen=True)
class Rules:
    """What this server is: its two ports, its token, and the other origins that the person allowed."""

    app_port: int
    sandbox_port: int
    token: str = field(repr=False)
    allow_origins: frozenset[str] = frozenset()
    engine: bool = True

    @property
    def app_origin(self) -> str:
        """The one origin of the app."""
        return f"http://{APP_HOST}:{self.app_port}"

    @property
    def sandbox_origin(self) -> str:
        """The address under which sandboxed frames load; their own origin is opaque."""
        return f"http://{APP_HOST}:{self.sandbox_port}"


@dataclass(frozen=True)
class Allow:
    """Go on; ``cors_origin`` is another origin that may read the answer."""

    cors_origin: str | None = None


@dataclass(frozen=True)
class Preflight:
    """Answer a browser that asks whether ``cors_origin`` may send a request."""

    cors_origin: str


@dataclass(frozen=True)
class Redirect:
    """Send the browser to the one address of the app."""

    url: str


@dataclass(frozen=True)
class Deny:
    """Refuse, with a reason in words; ``methods`` are those that the address takes.

    ``cors_origin`` is another origin that may read the reason: one that is allowed, and only lacks the token.
    """

    status: int
    reason: str
    methods: str = "GET, HEAD"
    cors_origin: str | None = None


Decision = Allow | Preflight | Redirect | Deny


def decide(facts: RequestFacts, rules: Rules) -> Decision:
    """The decision on one request or websocket upgrade."""
    host = _host_name(facts)
    if isinstance(host, Deny):
        return host
    if not facts.target.startswith("/"):
        return Deny(400, "The address of a request must begin with a slash.")
    if "service-worker" in facts.headers:
        return Deny(403, "No service worker may be registered here.")
    if facts.port == rules.sandbox_port:
        return _decide_sandbox(host, facts)
    if facts.port != rules.app_port:
        return Deny(421, "This port is neither that of the app nor that of the sandbox.")
    if host != APP_HOST:
        return _decide_other_name(facts, rules)
    return _decide_app(facts, rules)


def tokens_equal(given: str, expected: str) -> bool:
    """Whether two tokens are the same, in a time that does not tell how much of them is."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))


def _host_name(facts: RequestFacts) -> str | Deny:
    """The lower-case name in the one Host header, where it is ours and has the port that the request came to."""
    if len(facts.hosts) != 1:
        found = "has none" if not facts.hosts else f"has {len(facts.hosts)}"
        return Deny(400, f"A request needs exactly one Host header; this one {found}.")
    match = _HOST.fullmatch(facts.hosts[0])
    if match is None:
        return Deny(400, "The Host header is malformed.")
    name, port = match["name"].lower(), match["port"] or "80"
    if name != APP_HOST and name not in OTHER_NAMES:
        return Deny(
            421,
            f"This server is not {match['name']}. It answers only to this computer's own browser, at "
            f"http://{APP_HOST}:{facts.port}/. If a link or a page led you here, it tried to reach a program on "
            "your computer in another's name.",
        )
    if port != str(facts.port):
        return Deny(421, f"The Host header names port {port}, but the request came to port {facts.port}.")
    return name


def _decide_sandbox(host: str, facts: RequestFacts) -> Decision:
    if host != APP_HOST:
        return Deny(421, f"Sandboxed plugins load only from http://{APP_HOST}:{facts.port}/.")
    if facts.websocket:
        return Deny(403, "There is no websocket on the sandbox port.")
    if facts.method == "OPTIONS":
        return Preflight("*")
    if facts.method not in _READING:
        return Deny(405, "The sandbox port can only be read.")
    return Allow()


def _decide_other_name(facts: RequestFacts, rules: Rules) -> Decision:
    """Pages asked for at localhost or [::1] go to 127.0.0.1, or the browser's storage would be split."""
    if facts.is_navigation and not facts.is_api:
        return Redirect(rules.app_origin + facts.target)
    return Deny(
        403, f"The app and its engine have one address: {rules.app_origin}/. Nothing else answers to its names."
    )


def _decide_app(facts: RequestFacts, rules: Rules) -> Decision:
    refused = _refuse_origin(facts, rules)
    if refused is not None:
        return refused
    origin = facts.origins[0] if facts.origins else None
    allowed = origin if origin != rules.app_origin else None
    if facts.websocket:
        return _decide_socket(facts, rules)
    if allowed is None and not facts.is_navigation and _from_elsewhere(facts):
        return Deny(403, "Another site's page may not use this address.")
    if facts.is_api:
        return _decide_api(facts, rules, allowed)
    if facts.method not in _READING:
        return Deny(405, "This address can only be read.")
    return Allow()


def _refuse_origin(facts: RequestFacts, rules: Rules) -> Deny | None:
    if not facts.origins:
        return None
    if len(facts.origins) > 1:
        return Deny(400, "A request may have one Origin header at most.")
    origin = facts.origins[0]
    if origin == rules.app_origin:
        return None
    # Plugins have these two, so neither can be allowed, whatever the options say.
    never = origin in ("null", rules.sandbox_origin)
    if not never and origin in rules.allow_origins:
        if facts.is_api:
            return None
        return Deny(403, f"The origin {_shown(origin)} may use the API and the engine, and nothing else.")
    hint = "" if never else " The person who runs this server can allow another origin with --allow-origin."
    return Deny(403, f"A page of the origin {_shown(origin)} may not use this server.{hint}")


def _decide_socket(facts: RequestFacts, rules: Rules) -> Decision:
    if facts.path != ENGINE_PATH:
        return Deny(403, f"The only websocket here is {ENGINE_PATH}.")
    if not facts.origins:
        return Deny(403, "A websocket must say by its Origin header which page opens it.")
    if not rules.engine:
        return Deny(403, "The engine is switched off: this server was started with --no-engine.")
    return Allow()


def _decide_api(facts: RequestFacts, rules: Rules, allowed: str | None) -> Decision:
    if facts.method == "OPTIONS":
        if allowed is None:
            return Deny(405, "This address can only be read.")
        return Preflight(allowed)
    # A page that merely links or navigates to the API is not the app either.
    if allowed is None and _from_elsewhere(facts):
        return Deny(403, "Only the app itself may use the API.")
    if facts.path in WRITING_PATHS:
        return _decide_writing(facts, rules)
    if facts.method not in _READING:
        return Deny(405, "This address can only be read.")
    if facts.path in (HELLO_PATH, ENGINE_PATH):
        return Allow(allowed)
    if not _has_token(facts, rules):
        return Deny(401, _NO_TOKEN, cors_origin=allowed)
    return Allow(allowed)


def _decide_writing(facts: RequestFacts, rules: Rules) -> Decision:
    """Whoever wants something done must be the app's own page, by its Origin, and know the token."""
    if facts.method != "POST":
        return Deny(405, "This address takes POST alone.", methods="POST")
    if facts.origins != (rules.app_origin,):
        return Deny(403, "Only the app itself may have anything done here, by its Origin header.")
    return Allow() if _has_token(facts, rules) else Deny(401, _NO_TOKEN)


def _has_token(facts: RequestFacts, rules: Rules) -> bool:
    if len(facts.authorizations) != 1:
        return False
    scheme, _, given = facts.authorizations[0].partition(" ")
    return scheme.lower() == "bearer" and tokens_equal(given.strip(), rules.token)


def _from_elsewhere(facts: RequestFacts) -> bool:
    """Whether the browser says that another origin's page makes this request; other programs say nothing."""
    return facts.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _shown(origin: str) -> str:
    """An origin as it may stand in a text: whatever a stranger sent is cut and made printable."""
    return "".join(letter if letter.isprintable() else "?" for letter in origin[:200])
