"""The routes: what each address of the two ports answers, after the gate has let a request through.

App port: ``/``, ``/app/``, ``/catalogue.json``, ``/plugins/<sha256>``, ``/cdn/npm/`` (our own libraries), ``/api/``.
Sandbox port: ``/sandbox/``, ``/cdn/x/``. Both: ``/favicon.ico``. Nothing else; the websocket is ``server/websocket``.
"""

import json
import re
import urllib.parse
from collections.abc import Mapping

from imjoy_offline import __version__
from imjoy_offline.server.asgi import JSON, TEXT, Answer, text_answer
from imjoy_offline.server.cdn import PREFIX, missing_answer, outside_url
from imjoy_offline.server.frame import with_boot_script
from imjoy_offline.server.headers import NO_STORE
from imjoy_offline.server.policy import API_PREFIX, ENGINE_PATH, HELLO_PATH, RequestFacts, Rules
from imjoy_offline.server.running import Identity
from imjoy_offline.server.site import Entry, SiteSource
from imjoy_offline.server.static import Shelf, file_answer
from imjoy_offline.server.websocket import Sessions

STATUS_PATH = f"{API_PREFIX}/status"
_ORIGIN_MARK = b"@SANDBOX_ORIGIN@"
_NONCE = re.compile(r"[0-9a-f]{32,128}")
_INDEX = "app/index.html"
_ICONS = ("app/static/favicon.ico", "app/static/icon.svg", "app/static/favicon.svg")


class Application:
    """Answers requests that the policy allowed; raises ImjoyError where the folder's own files are at fault."""

    def __init__(self, rules: Rules, source: SiteSource, sessions: Sessions, identity: Identity) -> None:
        self.rules = rules
        self.source = source
        self._sessions = sessions
        self._identity = identity
        self._shelf = Shelf()

    async def answer(self, facts: RequestFacts) -> Answer:
        """The answer to one request."""
        if facts.path == "/favicon.ico":
            return await self._icon(facts)
        if facts.port == self.rules.sandbox_port:
            return await self._sandbox(facts)
        if facts.is_api:
            return self._api(facts)
        return await self._app(facts)

    async def _app(self, facts: RequestFacts) -> Answer:
        path = facts.path
        if path in ("/", "/index.html"):
            return await self._index()
        site = self.source.refresh() if path == "/catalogue.json" else self.source.site
        if path.startswith("/cdn/npm/"):
            return await self._give(site.vendor.get(path), facts)
        if path.startswith("/plugins/"):
            return await self._plugin(site.files.get(path[1:]), facts)
        if path == "/catalogue.json" or (path.startswith("/app/") and path != f"/{_INDEX}"):
            return await self._give(site.files.get(path[1:]), facts)
        return _nothing_here()

    async def _index(self) -> Answer:
        """The app's page, with the address of the sandbox port filled in."""
        entry = self.source.refresh().files.get(_INDEX)
        if entry is None:
            return _nothing_here()
        page = (await self._shelf.read(entry)).replace(_ORIGIN_MARK, self.rules.sandbox_origin.encode())
        return Answer(200, (("Content-Type", entry.type), ("Cache-Control", NO_STORE)), page)

    async def _plugin(self, entry: Entry | None, facts: RequestFacts) -> Answer:
        """A plugin's text: never a page, whatever it looks like, and named by its digest."""
        if entry is None:
            return _nothing_here()
        text = Entry(entry.name, entry.path, entry.digest, TEXT, immutable=True)
        return file_answer(text, await self._shelf.fetch(text), facts.headers)

    async def _sandbox(self, facts: RequestFacts) -> Answer:
        path = facts.path
        if path.startswith("/sandbox/"):
            site = self.source.refresh() if path.endswith(".html") else self.source.site
            return await self._give(site.files.get(path[1:]), facts)
        if facts.target.startswith(PREFIX):
            return await self._mirrored(facts)
        return _nothing_here()

    async def _mirrored(self, facts: RequestFacts) -> Answer:
        """A mirrored address, straight from the store and never by a redirect, which would lift the paths' limits."""
        url = outside_url(facts.target)
        if url is None:
            return _nothing_here()
        entry = self.source.site.mirrored(url)
        if entry is None:
            return missing_answer(url)
        if not entry.is_html:
            return await self._give(entry, facts)
        vary = ("Vary", "Sec-Fetch-Dest")
        if facts.headers.get("sec-fetch-dest") not in ("iframe", "frame"):
            return file_answer(entry, await self._shelf.fetch(entry), facts.headers, vary)
        page = with_boot_script(await self._shelf.read(entry))
        return Answer(200, (("Content-Type", entry.type), ("Cache-Control", NO_STORE), vary), page)

    async def _icon(self, facts: RequestFacts) -> Answer:
        for name in _ICONS:
            entry = self.source.site.files.get(name)
            if entry is not None:
                return await self._give(entry, facts)
        return Answer(204, (("Cache-Control", NO_STORE),))

    async def _give(self, entry: Entry | None, facts: RequestFacts) -> Answer:
        if entry is None:
            return _nothing_here()
        return file_answer(entry, await self._shelf.fetch(entry), facts.headers)

    def _api(self, facts: RequestFacts) -> Answer:
        if facts.path == STATUS_PATH:
            return _json_answer(
                {
                    "version": __version__,
                    "sessions": self._sessions.open_count,
                    "sandbox_origin": self.rules.sandbox_origin,
                    "engine": self.rules.engine,
                    "site": self.source.site.root.name,
                }
            )
        if facts.path == HELLO_PATH:
            return self._hello(facts)
        if facts.path == ENGINE_PATH:
            return text_answer(426, "This address is a websocket.", ("Upgrade", "websocket"))
        return _nothing_here()

    def _hello(self, facts: RequestFacts) -> Answer:
        """Proof that this is the server that wrote the person's running file; it tells a stranger nothing."""
        query = urllib.parse.parse_qs(facts.target.partition("?")[2], max_num_fields=8)
        nonce = query.get("nonce", [""])[0]
        if not _NONCE.fullmatch(nonce):
            return text_answer(400, "A hello needs a nonce of 32 to 128 hexadecimal digits.")
        return _json_answer({"proof": self._identity.proof(nonce)})


def _nothing_here() -> Answer:
    return text_answer(404, "There is nothing at this address.")


def _json_answer(document: Mapping[str, object]) -> Answer:
    return Answer(200, (("Content-Type", JSON), ("Cache-Control", NO_STORE)), json.dumps(document).encode())
