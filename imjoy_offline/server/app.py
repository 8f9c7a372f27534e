"""The routes: what each address of the two ports answers, after the gate has let a request through.

App port: ``/``, ``/app/``, ``/catalogue.json``, ``/plugins/<sha256>``, ``/plugins/at/`` (mirrored plugin files by their
original address), ``/cdn/npm/`` (our own libraries), ``/api/`` (``server/api``). Sandbox port: ``/sandbox/`` and
``/cdn/x/``. Both: ``/favicon.ico``. Nothing else; the websocket is ``server/websocket``.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from imjoy_offline.server.api import Api
from imjoy_offline.server.asgi import TEXT, Answer, text_answer
from imjoy_offline.server.cdn import PREFIX, missing_answer, outside_url
from imjoy_offline.server.frame import with_boot_script
from imjoy_offline.server.headers import NO_STORE
from imjoy_offline.server.policy import RequestFacts, Rules
from imjoy_offline.server.site import Entry, Site, SiteSource
from imjoy_offline.server.static import Shelf, file_answer

_PLUGIN_AT = "/plugins/at/"
_PLUGIN_ENDING = ".imjoy.html"
_ORIGIN_MARK = b"@SANDBOX_ORIGIN@"
_INDEX = "app/index.html"
_ICONS = ("app/static/favicon.ico", "app/static/icon.svg", "app/static/favicon.svg")


class Application:
    """Answers requests that the policy allowed; raises ImjoyError where the folder's own files are at fault."""

    def __init__(self, rules: Rules, source: SiteSource, api: Api) -> None:
        self.rules = rules
        self.source = source
        self._api = api
        self._shelf = Shelf()

    @property
    def engines(self) -> tuple[str, ...]:
        """The origins of other engines that the app's page may connect to."""
        return self._api.engines.origins

    async def answer(self, facts: RequestFacts, body: bytes = b"") -> Answer:
        """The answer to one request with its body."""
        if facts.path == "/favicon.ico":
            return await self._icon(facts)
        if facts.port == self.rules.sandbox_port:
            return await self._sandbox(facts)
        if facts.is_api:
            return await self._api.answer(facts, body)
        return await self._app(facts)

    async def _app(self, facts: RequestFacts) -> Answer:
        path = facts.path
        if path in ("/", "/index.html"):
            return await self._index()
        site = self.source.refresh() if path == "/catalogue.json" else self.source.site
        if path.startswith("/cdn/npm/"):
            return await self._give(site.vendor.get(path), facts)
        if facts.target.startswith(_PLUGIN_AT):
            return await self._plugin_at(facts)
        if path.startswith("/plugins/"):
            return await self._plugin(self._newest(lambda site: site.files.get(path[1:])), facts)
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

    async def _plugin_at(self, facts: RequestFacts) -> Answer:
        """The mirrored plugin file of an outside address, which is written as for the local CDN.

        That it is not mirrored is an answer and no failure, of which a browser would complain: the app has to ask.
        """
        url = outside_url(PREFIX + facts.target.removeprefix(_PLUGIN_AT))
        if url is None or not urlsplit(url).path.lower().endswith(_PLUGIN_ENDING):
            return _nothing_here()
        entry = self._newest(lambda site: site.mirrored(url))
        return Answer(204, (("Cache-Control", NO_STORE),)) if entry is None else await self._plugin(entry, facts)

    def _newest(self, find: Callable[[Site], Entry | None]) -> Entry | None:
        """What the site holds; where it lacks it, a mirror run may have brought it since."""
        return find(self.source.site) or find(self.source.refresh())

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
        entry = self._newest(lambda site: site.mirrored(url))
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


def _nothing_here() -> Answer:
    return text_answer(404, "There is nothing at this address.")
