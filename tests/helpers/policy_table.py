"""Requests and what must become of them: one table, held against the pure policy and against the real server.

``{app}`` and ``{sandbox}`` stand for the two ports. The last columns are the kind of decision and the HTTP status.
"""

from dataclasses import dataclass, replace

from tests.helpers.served_site import TOKEN

ALLOWED = "https://imjoy.io"
HTML = ("Accept", "text/html,application/xhtml+xml")
NAVIGATE = (HTML, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))
BEARER = ("Authorization", f"Bearer {TOKEN}")
STATUS = "/api/status"


@dataclass(frozen=True)
class Case:
    """One request; ``server`` is the kind of server that it goes to: plain, allowing (another origin), or no_engine."""

    name: str
    decision: str
    status: int
    target: str = "/"
    hosts: tuple[str, ...] = ("127.0.0.1:{app}",)
    headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    websocket: bool = False
    sandbox: bool = False
    server: str = "plain"
    location: str = ""

    def filled(self, app: int, sandbox: int) -> "Case":
        """The case with the ports in place of their names."""

        def fill(text: str) -> str:
            return text.replace("{app}", str(app)).replace("{sandbox}", str(sandbox))

        return replace(
            self,
            hosts=tuple(fill(one) for one in self.hosts),
            headers=tuple((name, fill(value)) for name, value in self.headers),
            location=fill(self.location),
        )


def _page(name: str, decision: str, status: int, **more: object) -> Case:
    return Case(f"page: {name}", decision, status, **more)  # type: ignore[arg-type]


def _api(name: str, decision: str, status: int, *headers: tuple[str, str], **more: object) -> Case:
    return Case(f"api: {name}", decision, status, STATUS, headers=(BEARER, *headers), **more)  # type: ignore[arg-type]


def _socket(name: str, decision: str, status: int, *headers: tuple[str, str], **more: object) -> Case:
    settings = {"target": "/engine", "headers": headers, **more}
    return Case(f"socket: {name}", decision, status, websocket=True, **settings)  # type: ignore[arg-type]


APP_ORIGIN = ("Origin", "http://127.0.0.1:{app}")

FOREIGN_HOSTS = (
    "evil.example:{app}",
    "127.0.0.1.evil.example:{app}",
    "localhost.evil.example:{app}",
    "evil-localhost:{app}",
    "localhost.:{app}",
    "127.0.0.1.:{app}",
    "127.0.0.2:{app}",
    "127.1:{app}",
    "2130706433:{app}",
    "0x7f.0.0.1:{app}",
    "0.0.0.0:{app}",
    "[::]:{app}",
    "[::ffff:127.0.0.1]:{app}",
    "[0:0:0:0:0:0:0:1]:{app}",
    "127.0.0.1",
    "127.0.0.1:{sandbox}",
    "127.0.0.1:0{app}",
    "127.0.0.1:1",
    "127.0.0.1:123456",
    "localhost:{sandbox}",
)
MALFORMED_HOSTS = (
    "",
    "127.0.0.1:",
    "127.0.0.1:port",
    "127.0.0.1:-1",
    "127.0.0.1:{app}:{app}",
    "127.0.0.1:{app}/",
    "127.0.0.1:{app}?",
    "127.0.0.1:{app}#",
    "127.0.0.1:{app}, evil.example",
    "127.0.0.1 :{app}",
    "user@127.0.0.1:{app}",
    "http://127.0.0.1:{app}",
    "[::1",
    "::1:{app}",
    "[localhost]:{app}",
    "evil\xe9.example:{app}",
    "a b",
)
FOREIGN_ORIGINS = (
    "null",
    "",
    "https://imjoy.io",
    "http://imjoy.io",
    "http://127.0.0.1:{sandbox}",
    "http://127.0.0.1",
    "http://127.0.0.1:{app}0",
    "http://127.0.0.1:{app}/",
    "http://127.0.0.1:{app}.evil.example",
    "http://127.0.0.1.evil.example:{app}",
    "http://evil.example?http://127.0.0.1:{app}",
    "http://127.0.0.1:{app}@evil.example",
    "https://127.0.0.1:{app}",
    "HTTP://127.0.0.1:{app}",
    "http://localhost:{app}",
    "http://[::1]:{app}",
    "http://127.0.0.1:{app} http://evil.example",
    "file://",
    "*",
)
NEVER_ALLOWED = tuple(
    one
    for one in (*FOREIGN_ORIGINS, "https://www.imjoy.io", "https://imjoy.io.evil.example", "https://evilimjoy.io")
    if one != ALLOWED
)

_HOSTS = [
    *(_page(f"own name {name}", "allow", 200, hosts=(name,)) for name in ("127.0.0.1:{app}",)),
    *(_page(f"foreign host {name}", "deny", 421, hosts=(name,)) for name in FOREIGN_HOSTS),
    *(_page(f"malformed host {name!r}", "deny", 400, hosts=(name,)) for name in MALFORMED_HOSTS),
    _page("no host", "deny", 400, hosts=()),
    _page("the right host twice", "deny", 400, hosts=("127.0.0.1:{app}", "127.0.0.1:{app}")),
    _page("the right host and a foreign one", "deny", 400, hosts=("127.0.0.1:{app}", "evil.example")),
    _api("foreign host with the token", "deny", 421, hosts=("evil.example:{app}",)),
    _api("no host, with the token", "deny", 400, hosts=()),
    _socket("foreign host", "deny", 421, APP_ORIGIN, hosts=("evil.example:{app}",)),
    _socket("wrong port", "deny", 421, APP_ORIGIN, hosts=("127.0.0.1:{sandbox}",)),
    _socket("no host", "deny", 400, APP_ORIGIN, hosts=()),
    _socket("host twice", "deny", 400, APP_ORIGIN, hosts=("127.0.0.1:{app}", "127.0.0.1:{app}")),
    _socket("malformed host", "deny", 400, APP_ORIGIN, hosts=("127.0.0.1:port",)),
    *(
        case
        for name in ("localhost:{app}", "[::1]:{app}", "LocalHost:{app}")
        for case in (
            _page(
                f"{name} is led to the one address",
                "redirect",
                302,
                hosts=(name,),
                target="/a%20b/%2e?q=%26&r=/x",
                headers=NAVIGATE,
                location="http://127.0.0.1:{app}/a%20b/%2e?q=%26&r=/x",
            ),
            _page(
                f"{name} without fetch metadata",
                "redirect",
                302,
                hosts=(name,),
                headers=(HTML,),
                location="http://127.0.0.1:{app}/",
            ),
            _page(f"{name} for a script", "deny", 403, hosts=(name,), target="/app/js/main.js"),
            _page(
                f"{name} by fetch, though it takes pages",
                "deny",
                403,
                hosts=(name,),
                headers=(HTML, ("Sec-Fetch-Mode", "cors")),
            ),
            _page(f"{name} by POST", "deny", 403, hosts=(name,), method="POST", headers=NAVIGATE),
            _api(f"{name} with the token", "deny", 403, hosts=(name,)),
            _api(f"{name} as a page", "deny", 403, *NAVIGATE, hosts=(name,)),
            _socket(f"{name}", "deny", 403, APP_ORIGIN, hosts=(name,)),
            _socket(f"{name} of its own origin", "deny", 403, ("Origin", f"http://{name}"), hosts=(name,)),
        )
    ),
    _page(
        "a path with two slashes leads nowhere else",
        "redirect",
        302,
        hosts=("localhost:{app}",),
        target="//evil.example/%0d%0aX:y",
        headers=NAVIGATE,
        location="http://127.0.0.1:{app}//evil.example/%0d%0aX:y",
    ),
    *(
        _page(f"sandbox as {name}", "deny", 421, sandbox=True, hosts=(name,), headers=NAVIGATE)
        for name in ("localhost:{sandbox}", "[::1]:{sandbox}", "127.0.0.1:{app}", "evil.example:{sandbox}")
    ),
    _page("sandbox with a malformed host", "deny", 400, sandbox=True, hosts=("a b",)),
]

_ORIGINS = [
    *(_page(f"origin {one!r}", "deny", 403, headers=(("Origin", one),)) for one in FOREIGN_ORIGINS),
    *(_api(f"origin {one!r}", "deny", 403, ("Origin", one)) for one in FOREIGN_ORIGINS),
    *(_socket(f"origin {one!r}", "deny", 403, ("Origin", one)) for one in FOREIGN_ORIGINS),
    *(
        _api(f"origin {one!r} where another is allowed", "deny", 403, ("Origin", one), server="allowing")
        for one in NEVER_ALLOWED
    ),
    *(
        _socket(f"origin {one!r} where another is allowed", "deny", 403, ("Origin", one), server="allowing")
        for one in NEVER_ALLOWED
    ),
    _page("own origin", "allow", 200, headers=(APP_ORIGIN,)),
    _api("own origin", "allow", 200, APP_ORIGIN),
    _socket("own origin", "allow", 101, APP_ORIGIN),
    _api("no origin", "allow", 200),
    _socket("no origin", "deny", 403),
    _api("allowed origin", "allow", 200, ("Origin", ALLOWED), ("Sec-Fetch-Site", "cross-site"), server="allowing"),
    _socket("allowed origin", "allow", 101, ("Origin", ALLOWED), server="allowing"),
    _page("allowed origin has no pages", "deny", 403, headers=(("Origin", ALLOWED),), server="allowing"),
    _page("own origin twice", "deny", 400, headers=(APP_ORIGIN, APP_ORIGIN)),
    _api("own origin and a foreign one", "deny", 400, APP_ORIGIN, ("Origin", "http://evil.example")),
    _socket("own origin and a foreign one", "deny", 400, APP_ORIGIN, ("Origin", "http://evil.example")),
]

_TOKENS = [
    Case("token: none", "deny", 401, STATUS),
    *(
        Case(f"token: {value!r}", "deny", 401, STATUS, headers=(("Authorization", value),))
        for value in (
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN.upper()}",
            f"Bearer {TOKEN} {TOKEN}",
            f"Basic {TOKEN}",
            f"Token {TOKEN}",
            TOKEN,
            "Bearer t\xf6ken",
        )
    ),
    Case("token: twice", "deny", 401, STATUS, headers=(BEARER, BEARER)),
    Case("token: in the query", "deny", 401, f"{STATUS}?token={TOKEN}"),
    Case("token: as a cookie", "deny", 401, STATUS, headers=(("Cookie", f"token={TOKEN}"),)),
    Case("token: scheme in small letters", "allow", 200, STATUS, headers=(("Authorization", f"bearer {TOKEN}"),)),
    Case("token: asked for with HEAD", "deny", 401, STATUS, method="HEAD"),
    Case("token: an unknown path below the API", "deny", 401, "/api/no/such/thing"),
    Case("token: the API's own name", "deny", 401, "/api"),
    Case("token: the API spelled with a percent sign", "deny", 401, "/%61pi/status"),
    Case("token: an unknown path below the API, with it", "allow", 404, "/api/no", headers=(BEARER,)),
]

_METADATA = [
    *(
        Case(
            f"fetch metadata: {site} may not {target}", "deny", 403, target, headers=(BEARER, ("Sec-Fetch-Site", site))
        )
        for site in ("cross-site", "same-site", "anything")
        for target in (STATUS, "/api/hello?nonce=" + "0" * 32, "/app/js/main.js", "/catalogue.json", "/engine")
    ),
    *(
        Case(f"fetch metadata: {site} may", "allow", 200, STATUS, headers=(BEARER, ("Sec-Fetch-Site", site)))
        for site in ("same-origin", "none")
    ),
    _page(
        "a link on another site leads to the app", "allow", 200, headers=(*NAVIGATE, ("Sec-Fetch-Site", "cross-site"))
    ),
    _api("a link on another site does not lead to the API", "deny", 403, *NAVIGATE, ("Sec-Fetch-Site", "cross-site")),
]

_METHODS = [
    *(
        _page(f"method {one}", "deny", 405, method=one)
        for one in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
    ),
    _page("method HEAD", "allow", 200, method="HEAD"),
    _api("method POST", "deny", 405, APP_ORIGIN, method="POST"),
    _api("method OPTIONS of its own origin", "deny", 405, APP_ORIGIN, method="OPTIONS"),
    Case(
        "preflight: allowed",
        "preflight",
        204,
        STATUS,
        method="OPTIONS",
        headers=(("Origin", ALLOWED),),
        server="allowing",
    ),
    Case("preflight: not allowed", "deny", 403, STATUS, method="OPTIONS", headers=(("Origin", ALLOWED),)),
    Case(
        "preflight: from null", "deny", 403, STATUS, method="OPTIONS", headers=(("Origin", "null"),), server="allowing"
    ),
]

WRITING = ("/api/mirror/start", "/api/mirror/cancel", "/api/engines/confirm", "/api/engines/forget")
_JSON = ("Content-Type", "application/json")


def _doing(name: str, status: int, target: str, *headers: tuple[str, str], **more: object) -> Case:
    settings = {"method": "POST", **more}
    return Case(f"doing: {target} {name}", "deny", status, target, headers=(_JSON, *headers), **settings)  # type: ignore[arg-type]


_WRITING = [
    case
    for target in WRITING
    for case in (
        # Past the gate each of them misses a body that says something.
        Case(f"doing: {target} by the app", "allow", 400, target, method="POST", headers=(_JSON, BEARER, APP_ORIGIN)),
        _doing("without a token", 401, target, APP_ORIGIN),
        _doing("with a wrong token", 401, target, APP_ORIGIN, ("Authorization", "Bearer wrong")),
        _doing("without an origin", 403, target, BEARER),
        *(_doing(f"from {one!r}", 403, target, BEARER, ("Origin", one)) for one in FOREIGN_ORIGINS),
        _doing("from an allowed origin", 403, target, BEARER, ("Origin", ALLOWED), server="allowing"),
        _doing("from two origins", 400, target, BEARER, APP_ORIGIN, APP_ORIGIN),
        *(
            _doing(f"from {site}", 403, target, BEARER, APP_ORIGIN, ("Sec-Fetch-Site", site))
            for site in ("cross-site", "same-site")
        ),
        *(
            _doing(f"by {one}", 405, target, BEARER, APP_ORIGIN, method=one)
            for one in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")
        ),
        _doing("under another name", 403, target, BEARER, APP_ORIGIN, hosts=("localhost:{app}",)),
        _doing("of another host", 421, target, BEARER, APP_ORIGIN, hosts=("evil.example:{app}",)),
        _doing("on the sandbox's port", 405, target, BEARER, APP_ORIGIN, sandbox=True, hosts=("127.0.0.1:{sandbox}",)),
    )
]

_SANDBOX = [
    replace(one, sandbox=True, hosts=("127.0.0.1:{sandbox}",), name=f"sandbox: {one.name}")
    for one in (
        Case("frame", "allow", 200, "/sandbox/frame.html"),
        Case("frame, from null", "allow", 200, "/sandbox/frame.html", headers=(("Origin", "null"),)),
        Case("frame, from the app", "allow", 200, "/sandbox/frame.html", headers=(APP_ORIGIN,)),
        Case("frame, from anywhere", "allow", 200, "/sandbox/frame.html", headers=(("Origin", "http://evil.example"),)),
        Case("HEAD", "allow", 200, "/sandbox/frame.html", method="HEAD"),
        Case("preflight", "preflight", 204, "/sandbox/frame.html", method="OPTIONS", headers=(("Origin", "null"),)),
        *(Case(one, "deny", 405, "/sandbox/frame.html", method=one) for one in ("POST", "PUT", "DELETE", "PATCH")),
        Case("no app", "allow", 404, "/"),
        Case("no modules of the app", "allow", 404, "/app/js/main.js"),
        Case("no catalogue", "allow", 404, "/catalogue.json"),
        Case("no API, even with the token", "allow", 404, STATUS, headers=(BEARER,)),
        Case("no engine", "allow", 404, "/engine"),
        Case("no socket", "deny", 403, "/engine", websocket=True, headers=(APP_ORIGIN,)),
        Case("no socket from null", "deny", 403, "/engine", websocket=True, headers=(("Origin", "null"),)),
    )
]

_OTHERS = [
    _socket("another path", "deny", 403, APP_ORIGIN, target="/other"),
    _socket("the root", "deny", 403, APP_ORIGIN, target="/"),
    _socket("below the API", "deny", 403, APP_ORIGIN, target=STATUS),
    _socket("a slash too many", "deny", 403, APP_ORIGIN, target="/engine/"),
    _socket("the engine is off", "deny", 403, APP_ORIGIN, server="no_engine"),
    _page("a service worker's script", "deny", 403, target="/app/js/main.js", headers=(("Service-Worker", "script"),)),
    replace(
        _page("a service worker's script", "deny", 403, target="/sandbox/frame.html"),
        sandbox=True,
        hosts=("127.0.0.1:{sandbox}",),
        headers=(("Service-Worker", "script"),),
        name="sandbox: a service worker's script",
    ),
    Case("the engine without a socket", "allow", 426, "/engine"),
    Case("mirrored pages are not on the app's port", "allow", 404, "/cdn/x/https/pages.example.org/app/index.html"),
]

CASES: tuple[Case, ...] = (*_HOSTS, *_ORIGINS, *_TOKENS, *_METADATA, *_METHODS, *_WRITING, *_SANDBOX, *_OTHERS)
