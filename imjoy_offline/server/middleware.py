"""The one gate in front of every route and socket: asks the policy, and puts the headers on every answer.

Refusals, redirects and faults are answers like others and carry the same headers. It is also the edge where errors of
ours become a text in words, and where errors that nobody foresaw become a plain 500 and a line in the log.
"""

import asyncio
import logging
import urllib.parse
from collections.abc import Sequence

from imjoy_offline.errors import ImjoyError
from imjoy_offline.server.app import Application
from imjoy_offline.server.asgi import Answer, Receive, Scope, Send, read_body, send_answer, text_answer
from imjoy_offline.server.headers import (
    Headers,
    app_headers,
    cors_headers,
    preflight_headers,
    sandbox_headers,
)
from imjoy_offline.server.policy import Allow, Decision, Deny, Preflight, Redirect, RequestFacts, decide
from imjoy_offline.server.websocket import EngineSocket, Sessions

_LOG = logging.getLogger(__name__)
BODY_BYTES = 16 * 1024
BODY_SECONDS = 10.0
_REPEATED = (b"host", b"origin", b"authorization")
_SAFE = "".join(map(chr, range(33, 127)))


def read_facts(scope: Scope) -> RequestFacts:
    """What the policy needs to know of a request."""
    repeated: dict[bytes, list[str]] = {name: [] for name in _REPEATED}
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name.lower() in repeated:
            repeated[name.lower()].append(value.decode("latin-1"))
        else:
            headers[name.lower().decode("latin-1")] = value.decode("latin-1")
    server = scope.get("server") or ("", 0)
    target = scope["raw_path"].decode("latin-1")
    if scope["query_string"]:
        target += "?" + scope["query_string"].decode("latin-1")
    websocket = scope["type"] == "websocket"
    return RequestFacts(
        port=server[1] or 0,
        method="GET" if websocket else scope["method"],
        path=scope["path"],
        target=urllib.parse.quote(target, safe=_SAFE, encoding="latin-1"),
        websocket=websocket,
        hosts=tuple(repeated[b"host"]),
        origins=tuple(repeated[b"origin"]),
        authorizations=tuple(repeated[b"authorization"]),
        headers=headers,
    )


class Gate:
    """The ASGI application that the server runs."""

    def __init__(self, application: Application, engine: EngineSocket, sessions: Sessions) -> None:
        self._application = application
        self._engine = engine
        self._sessions = sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request or websocket."""
        facts = read_facts(scope)
        decision = decide(facts, self._application.rules)
        if facts.websocket:
            await self._socket(facts, decision, scope, receive, send)
            return
        answer = await self._answer(facts, decision, receive)
        common = self._headers(facts)
        given = {name.lower() for name, _ in answer.headers}
        headers = (*answer.headers, *(pair for pair in common if pair[0].lower() not in given))
        await send_answer(Answer(answer.status, headers, answer.body), receive, send, head=facts.method == "HEAD")

    async def _answer(self, facts: RequestFacts, decision: Decision, receive: Receive) -> Answer:
        if isinstance(decision, Deny):
            return _with_cors(_refusal(decision), decision)
        if isinstance(decision, Redirect):
            return text_answer(302, f"The app is at {decision.url}", ("Location", decision.url))
        if isinstance(decision, Preflight):
            private = "access-control-request-private-network" in facts.headers
            return Answer(204, preflight_headers(decision.cors_origin, private_network=private))
        try:
            body = await _body_of(facts, receive)
        except asyncio.TimeoutError:
            return text_answer(408, "The body of the request did not come.", ("Connection", "close"))
        if body is None:
            return text_answer(413, f"A request may have {BODY_BYTES} bytes at most.", ("Connection", "close"))
        answer = await self._own_answer(facts, body)
        return _with_cors(answer, decision)

    async def _own_answer(self, facts: RequestFacts, body: bytes) -> Answer:
        try:
            return await self._application.answer(facts, body)
        except ImjoyError as error:
            # The path alone: somebody may have written a token into the query.
            _LOG.error("%s %s: %s", facts.method, facts.path, error)
            return text_answer(500, f"{error.message}\n{error.hint}".strip())
        except Exception:  # noqa: BLE001 - the outermost edge of a request: logged whole, told in words
            _LOG.exception("%s %s failed", facts.method, facts.path)
            return text_answer(500, "The server failed at this request; its log says how.")

    async def _socket(
        self, facts: RequestFacts, decision: Decision, scope: Scope, receive: Receive, send: Send
    ) -> None:
        full = self._sessions.refusal()
        if isinstance(decision, Allow) and full is None:
            await self._engine.run(scope, receive, send)
            return
        if isinstance(decision, Deny):
            refused = _refusal(decision)
        else:
            refused = text_answer(503, full or "A websocket cannot be answered so.")
        await receive()
        body = refused.body if isinstance(refused.body, bytes) else b""
        # Type (plain text) and length are added by the websocket library, in some versions even beside ours.
        headers = [pair for pair in (*refused.headers, *self._headers(facts)) if pair[0] != "Content-Type"]
        await send({"type": "websocket.http.response.start", "status": refused.status, "headers": _encoded(headers)})
        await send({"type": "websocket.http.response.body", "body": body})

    def _headers(self, facts: RequestFacts) -> Headers:
        user_agent = facts.headers.get("user-agent", "")
        rules = self._application.rules
        if facts.port == rules.sandbox_port:
            top_level = facts.headers.get("sec-fetch-dest") == "document"
            return sandbox_headers(rules, user_agent, top_level=top_level)
        hashes = self._application.source.site.script_hashes
        return app_headers(rules, hashes, user_agent, self._application.engines)


async def _body_of(facts: RequestFacts, receive: Receive) -> bytes | None:
    """The body of a request that has one; None where it is too large, TimeoutError where it does not come."""
    if facts.method != "POST":
        return b""
    return await asyncio.wait_for(read_body(receive, BODY_BYTES), BODY_SECONDS)


def _refusal(decision: Deny) -> Answer:
    more = {401: (("WWW-Authenticate", "Bearer"),), 405: (("Allow", decision.methods),)}
    return text_answer(decision.status, f"Refused: {decision.reason}", *more.get(decision.status, ()))


def _with_cors(answer: Answer, decision: Allow | Deny) -> Answer:
    if decision.cors_origin is None:
        return answer
    # The isolation headers of the app would keep the answer from the very page that may read it.
    headers = (*answer.headers, *cors_headers(decision.cors_origin), ("Cross-Origin-Resource-Policy", "cross-origin"))
    return Answer(answer.status, headers, answer.body)


def _encoded(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers]
