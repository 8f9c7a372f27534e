"""The API of the app's port: how the server stands, mirror runs, and other engines. The gate has judged each request.

Reading needs the token; what changes something is done by POST, by the app's own page alone (``server/policy``), with a
body of JSON. Failures are JSON too: ``{"error": {"code", "message", "hint"}}``.
"""

import json
import re
import urllib.parse
from collections.abc import Mapping

from imjoy_offline import __version__
from imjoy_offline.errors import ImjoyError, InputError, StartError
from imjoy_offline.server.asgi import JSON, Answer, Streamed, text_answer
from imjoy_offline.server.engines import ConfirmedEngines
from imjoy_offline.server.headers import NO_STORE
from imjoy_offline.server.mirror_runs import MirrorRun, MirrorRuns, RunningAlreadyError
from imjoy_offline.server.policy import (
    API_PREFIX,
    ENGINE_CONFIRM_PATH,
    ENGINE_FORGET_PATH,
    ENGINE_PATH,
    HELLO_PATH,
    MIRROR_CANCEL_PATH,
    MIRROR_START_PATH,
    WRITING_PATHS,
    RequestFacts,
    Rules,
)
from imjoy_offline.server.running import Identity
from imjoy_offline.server.site import SiteSource
from imjoy_offline.server.websocket import Sessions

STATUS_PATH = f"{API_PREFIX}/status"
ENGINES_PATH = f"{API_PREFIX}/engines"
MIRROR_PATH = f"{API_PREFIX}/mirror"
MIRROR_EVENTS_PATH = f"{API_PREFIX}/mirror/events"
LINES = "application/x-ndjson"
_NONCE = re.compile(r"[0-9a-f]{32,128}")


class Api:
    """Answers what is asked below ``/api``, and at the engine's address without a websocket."""

    def __init__(
        self,
        rules: Rules,
        source: SiteSource,
        sessions: Sessions,
        identity: Identity,
        engines: ConfirmedEngines,
        runs: MirrorRuns,
    ) -> None:
        self.engines = engines
        self._rules = rules
        self._source = source
        self._sessions = sessions
        self._identity = identity
        self._runs = runs

    async def answer(self, facts: RequestFacts, body: bytes) -> Answer:
        """The answer to one request."""
        if facts.path in WRITING_PATHS:
            return await self._write(facts, body)
        if facts.path == STATUS_PATH:
            return json_answer(self._status())
        if facts.path == ENGINES_PATH:
            return json_answer({"engines": list(self.engines.origins)})
        if facts.path == MIRROR_PATH:
            run = self._runs.current
            return json_answer({"allowed": self._runs.allowed, "run": run.describe() if run else None})
        if facts.path == MIRROR_EVENTS_PATH:
            return self._follow(facts)
        if facts.path == HELLO_PATH:
            return self._hello(facts)
        if facts.path == ENGINE_PATH:
            return text_answer(426, "This address is a websocket.", ("Upgrade", "websocket"))
        return text_answer(404, "There is nothing at this address.")

    def _status(self) -> Mapping[str, object]:
        return {
            "version": __version__,
            "sessions": self._sessions.open_count,
            "sandbox_origin": self._rules.sandbox_origin,
            "engine": self._rules.engine,
            "mirrors": self._runs.allowed,
            "site": self._source.refresh().root.name,
        }

    def _hello(self, facts: RequestFacts) -> Answer:
        """Proof that this is the server that wrote the person's running file; it tells a stranger nothing."""
        nonce = _query(facts, "nonce")
        if not _NONCE.fullmatch(nonce):
            return text_answer(400, "A hello needs a nonce of 32 to 128 hexadecimal digits.")
        return json_answer({"proof": self._identity.proof(nonce)})

    def _follow(self, facts: RequestFacts) -> Answer:
        run = self._runs.find(_query(facts, "run"))
        if run is None:
            return text_answer(404, "There is no mirror run of this id.")
        headers = (("Content-Type", LINES), ("Cache-Control", NO_STORE))
        return Answer(200, headers, Streamed(run.follow()))

    async def _write(self, facts: RequestFacts, body: bytes) -> Answer:
        kind = facts.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON:
            return text_answer(415, f"What is to be done is said as {JSON}.")
        try:
            return await self._do(facts.path, _document(body))
        except InputError as error:
            return _failure(400, error)
        except RunningAlreadyError as error:
            return _failure(409, error, run=self._runs.current)
        except StartError as error:
            return _failure(403 if not self._runs.allowed else 500, error)

    async def _do(self, path: str, document: Mapping[str, object]) -> Answer:
        if path == ENGINE_CONFIRM_PATH:
            return self._told_engines(self.engines.confirm(document.get("origin")))
        if path == ENGINE_FORGET_PATH:
            return self._told_engines(self.engines.forget(document.get("origin")))
        if path == MIRROR_START_PATH:
            run = await self._runs.begin(str(document.get("plugin", "")))
            return json_answer({"run": run.describe()}, 202)
        if path == MIRROR_CANCEL_PATH:
            found = self._runs.find(str(document.get("run", "")))
            if found is None:
                raise InputError("There is no mirror run of this id.")
            await self._runs.cancel(found)
            return json_answer({"run": found.describe()})
        raise InputError("There is nothing to be done at this address.")

    def _told_engines(self, kept: bool) -> Answer:
        return json_answer({"engines": list(self.engines.origins), "kept": kept})


def json_answer(document: Mapping[str, object], status: int = 200) -> Answer:
    """A JSON answer, which no cache keeps."""
    return Answer(status, (("Content-Type", JSON), ("Cache-Control", NO_STORE)), json.dumps(document).encode())


def _failure(status: int, error: ImjoyError, run: MirrorRun | None = None) -> Answer:
    document: dict[str, object] = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
    if run is not None:
        document["run"] = run.describe()
    return json_answer(document, status)


def _document(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("The body of the request is no JSON object.")
    return found


def _query(facts: RequestFacts, name: str) -> str:
    try:
        query = urllib.parse.parse_qs(facts.target.partition("?")[2], max_num_fields=8)
    except ValueError:
        return ""
    return query.get(name, [""])[0]
