"""The headers that every answer carries, by port: content security, isolation, and what may be cached.

Pure text. On the sandbox port the content security policy goes on every answer, scripts included, because a worker
takes its policy from its own script, not from its page: without it a sandboxed worker could open the engine's socket.
"""

import re
from collections.abc import Iterable

from imjoy_offline.server.policy import Rules

Headers = tuple[tuple[str, str], ...]

NO_STORE = "no-store"
REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"

_POWERFUL = ("camera", "microphone", "geolocation", "usb", "serial", "hid", "payment", "display-capture")
_PERMISSIONS = ", ".join(f"{name}=()" for name in _POWERFUL)
_HASH = re.compile(r"sha(256|384|512)-[A-Za-z0-9+/]+={0,2}")


def is_script_hash(text: str) -> bool:
    """Whether ``text`` is the hash of a script as a content security policy spells it."""
    return _HASH.fullmatch(text) is not None


def is_webkit(user_agent: str) -> bool:
    """Whether a browser is Safari or another of WebKit; Chromium's name themselves after WebKit too."""
    return "AppleWebKit/" in user_agent and not re.search(r"Chrome/|Chromium/|Edg/|HeadlessChrome/", user_agent)


def app_headers(rules: Rules, script_hashes: Iterable[str], user_agent: str, engines: Iterable[str] = ()) -> Headers:
    """The headers of every answer on the app's port; ``engines`` are origins that the person has confirmed."""
    sandbox = rules.sandbox_origin
    others = "".join(f" {one} {_socket_origin(one)}" for one in engines)
    hashes = "".join(f" '{one}'" for one in script_hashes if is_script_hash(one))
    policy = (
        "default-src 'none'",
        f"script-src 'self'{hashes}",
        "style-src 'self' 'unsafe-inline'",
        f"img-src 'self' data: blob: {sandbox}/cdn/",
        "font-src 'self' data:",
        # Not every browser counts a websocket to the same address as 'self'.
        f"connect-src 'self' data: {_socket_origin(rules.app_origin)}{others}",
        "worker-src 'self'",
        f"frame-src {sandbox}/sandbox/ {sandbox}/cdn/",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
    return (
        ("Content-Security-Policy", "; ".join(policy)),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        *_embedder(user_agent),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
        ("Permissions-Policy", _PERMISSIONS),
        *_COMMON,
    )


def sandbox_headers(rules: Rules, user_agent: str, *, top_level: bool = False) -> Headers:
    """The headers of every answer on the sandbox port.

    ``top_level`` is for a page that somebody opens by itself and not in a frame of the app: it is caged by the policy,
    since no frame does it, and so never gets the origin that plugins with storage share.
    """
    here = rules.sandbox_origin
    both = f"{here}/cdn/ {here}/sandbox/"
    policy = (
        "default-src 'none'",
        f"script-src {both} 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob: data:",
        f"worker-src {both} blob: data:",
        f"connect-src {both} blob: data:",
        f"style-src {both} 'unsafe-inline' blob: data:",
        f"img-src {both} data: blob:",
        f"font-src {here}/cdn/ data: blob:",
        f"media-src {here}/cdn/ data: blob:",
        "frame-src 'none'",
        "object-src 'none'",
        f"base-uri {here}/sandbox/",
        "form-action 'none'",
        f"frame-ancestors {rules.app_origin}",
        *(("sandbox allow-scripts",) if top_level else ()),
    )
    return (
        ("Content-Security-Policy", "; ".join(policy)),
        *_embedder(user_agent),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", "X-ImJoy-Missing"),
        ("Origin-Agent-Cluster", "?1"),
        ("Permissions-Policy", _PERMISSIONS),
        *_COMMON,
    )


def _socket_origin(origin: str) -> str:
    """The same scheme, name and port as a websocket has them: ``http`` becomes ``ws``, ``https`` becomes ``wss``."""
    return f"ws{origin.removeprefix('http')}"


_COMMON: Headers = (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"))


def _embedder(user_agent: str) -> Headers:
    # WebKit starts no blob worker in a sandboxed frame that has this header, and gives nothing for it.
    return () if is_webkit(user_agent) else (("Cross-Origin-Embedder-Policy", "require-corp"),)


def cors_headers(origin: str) -> Headers:
    """What lets a page of ``origin`` read an answer; nothing here allows cookies, and there are none."""
    if origin == "*":
        return ()
    return (("Access-Control-Allow-Origin", origin), ("Vary", "Origin"))


def preflight_headers(origin: str, *, private_network: bool) -> Headers:
    """The answer to a browser that asks before it sends; ``private_network`` when it asks for that too."""
    headers: Headers = (
        *cors_headers(origin),
        ("Access-Control-Allow-Methods", "GET, HEAD"),
        ("Access-Control-Allow-Headers", "*" if origin == "*" else "Authorization, Content-Type"),
        ("Access-Control-Max-Age", "600"),
    )
    if private_network and origin != "*":
        headers += (("Access-Control-Allow-Private-Network", "true"),)
    return headers
