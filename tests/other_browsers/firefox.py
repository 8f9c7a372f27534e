"""Firefox, driven in WebDriver BiDi, which it speaks by itself: no driver stands between."""

import base64
import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.other_browsers.bidi import BidiConnection, Event
from tests.other_browsers.driving import Document, DriverError, Element, Gone, Surroundings, Tab
from tests.other_browsers.programs import started, wait_for_start

WIDTH, HEIGHT = 1280, 900
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# Of what is inert there are no accessible elements, and Firefox would wait for them for ever.
SEEN_FRAMES = """() => [...document.querySelectorAll("iframe")]
  .filter((frame) => frame.closest("[inert]") === null).map((frame) => frame.contentWindow)"""
# Of two words of ARIA for one role, Firefox knows the younger one.
_ROLE_WORDS = {"img": "image"}
_EVENTS = ("log.entryAdded", "network.fetchError", "network.responseCompleted")

# Errands of the browser's own, which have nothing to do with the page, and would be taken for leaks of it.
_ERRANDS_OFF: dict[str, str | int | bool] = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.newtabpage.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.search.update": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.trr.mode": 5,
    "services.settings.server": "data:,",
    "signon.management.page.breach-alerts.enabled": False,
    "toolkit.telemetry.server": "",
}
# Without it Firefox does not let its settings' server be taken away.
_ENVIRONMENT = {"MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"}


@dataclass(frozen=True)
class FirefoxElement(Element):
    """An element, by the reference that Firefox gave it."""

    document: "FirefoxDocument"
    reference: str

    def press(self) -> None:
        """As in the protocol."""
        self.call("(element) => element.scrollIntoView({ block: 'center', behavior: 'instant' })")
        origin = {"type": "element", "element": {"sharedId": self.reference}}
        actions: list[dict[str, Any]] = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        self.document.act({"type": "pointer", "id": "mouse", "actions": actions})

    def call(self, function: str, *arguments: Any) -> Any:
        """As in the protocol."""
        return self.document.run(function, [{"sharedId": self.reference}], arguments)


@dataclass(frozen=True)
class FirefoxDocument(Document):
    """A browsing context: that of a tab or of a frame."""

    connection: BidiConnection
    context: str

    def call(self, function: str, *arguments: Any) -> Any:
        """As in the protocol."""
        return self.run(function, [], arguments)

    def run(self, function: str, handles: Sequence[dict[str, str]], arguments: Sequence[Any]) -> Any:
        """Call a function with elements ahead of its other arguments."""
        names = "".join(f"element{at}, " for at in range(len(handles)))
        result = self.connection.send(
            "script.callFunction",
            functionDeclaration=(
                f"async ({names}text) => JSON.stringify((await ({function})({names}...JSON.parse(text))) ?? null)"
            ),
            target={"context": self.context},
            arguments=[*handles, {"type": "string", "value": json.dumps(arguments)}],
            awaitPromise=True,
            userActivation=False,
        )
        if result["type"] == "exception":
            raise DriverError("javascript error", str(result["exceptionDetails"]["text"]))
        return json.loads(result["result"]["value"])

    def find(self, role: str, name: str) -> Sequence[Element]:
        """As in the protocol."""
        locator = {"type": "accessibility", "value": {"role": _ROLE_WORDS.get(role, role), "name": name}}
        try:
            found = self.connection.send("browsingContext.locateNodes", context=self.context, locator=locator)
        except DriverError as error:
            if error.kind != "unknown error":
                raise
            # Firefox stumbles over documents that are still on their way.
            raise Gone(error.kind, str(error)) from error
        return [FirefoxElement(self, node["sharedId"]) for node in found["nodes"]]

    def act(self, source: dict[str, Any]) -> None:
        """Move, press and release one input device."""
        self.connection.send("input.performActions", context=self.context, actions=[source])


@dataclass(frozen=True)
class FirefoxTab(FirefoxDocument, Tab):
    """A tab."""

    def frames(self) -> Sequence[Document]:
        """As in the protocol."""
        result = self.connection.send(
            "script.callFunction", functionDeclaration=SEEN_FRAMES, target={"context": self.context}, awaitPromise=False
        )
        windows = result["result"]["value"]
        return [FirefoxDocument(self.connection, window["value"]["context"]) for window in windows]

    def type_text(self, text: str) -> None:
        """As in the protocol."""
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.act({"type": "key", "id": "keyboard", "actions": actions})

    def reload(self) -> None:
        """As in the protocol."""
        self.connection.send("browsingContext.reload", context=self.context, wait="complete")

    def close(self) -> None:
        """As in the protocol."""
        self.connection.send("browsingContext.close", context=self.context)

    def save_screenshot(self, path: Path) -> None:
        """As in the protocol."""
        shot = self.connection.send("browsingContext.captureScreenshot", context=self.context)
        path.write_bytes(base64.b64decode(shot["data"]))


def complaint(event: Event) -> str | None:
    """An event as a complaint, or None where it is none."""
    about = event["params"]
    if event["method"] == "log.entryAdded":
        return f"{about['type']}: {about['text']}" if about["level"] == "error" else None
    url = about["request"]["url"]
    if event["method"] == "network.fetchError":
        return f"request: {url}: {about['errorText']}"
    if event["method"] == "network.responseCompleted" and about["response"]["status"] >= 400:
        return f"request: {url}: {about['response']['status']}"
    return None


class Firefox:
    """A running Firefox."""

    # It watches workers for its driver, and a worker that starts another one then waits for that watch, sometimes for
    # ever: in version 153 once in about thirty. A page without any of ours shows the same, and none of it undriven.
    stalls_nested_workers = True

    def __init__(self, connection: BidiConnection, version: str) -> None:
        self._connection = connection
        self.version = version

    def open(self, url: str) -> Tab:
        """As in the protocol."""
        context = self._connection.send("browsingContext.create", type="tab")["context"]
        self._connection.send(
            "browsingContext.setViewport", context=context, viewport={"width": WIDTH, "height": HEIGHT}
        )
        self._connection.send("browsingContext.navigate", context=context, url=url, wait="complete")
        return FirefoxTab(self._connection, context)

    def take_complaints(self) -> list[str]:
        """As in the protocol."""
        return [said for event in self._connection.take_events() if (said := complaint(event))]


def _write_profile(folder: Path, surroundings: Surroundings) -> None:
    # Without a setting, a browser without a screen prefers what its toolkit prefers, which differs by desktop.
    preferences = _ERRANDS_OFF | {"ui.systemUsesDarkTheme": int(surroundings.dark)}
    folder.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (folder / "user.js").write_text("".join(lines), encoding="utf-8")


def _address(log: Path) -> str | None:
    """Where the browser listens, once it has said so."""
    found = _LISTENING.search(log.read_text(encoding="utf-8", errors="replace"))
    return found and found[1]


@contextlib.contextmanager
def open_firefox(program: Path, surroundings: Surroundings) -> Iterator[Firefox]:
    """A headless Firefox that keeps everything in the folder; it ends with the block."""
    profile, log = surroundings.folder / "profile", surroundings.folder / "firefox.log"
    _write_profile(profile, surroundings)
    command = [str(program), "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(started(command, {**surroundings.environment, **_ENVIRONMENT}, log))
        address = wait_for_start(lambda: _address(log), process, log)
        options: dict[str, Any] = {"proxy": None, "max_size": None, "max_queue": None, "ping_interval": None}
        connection = BidiConnection(stack.enter_context(connect(f"{address}/session", **options)))
        capabilities = {"alwaysMatch": _proxy_capability(surroundings.proxy)}
        session = connection.send("session.new", capabilities=capabilities)
        connection.send("session.subscribe", events=list(_EVENTS))
        yield Firefox(connection, session["capabilities"]["browserVersion"])
        connection.send("session.end")


def _proxy_capability(proxy: str | None) -> dict[str, Any]:
    if proxy is None:
        return {}
    host = proxy.removeprefix("http://").rstrip("/")
    settings = {"httpProxy": host, "sslProxy": host, "noProxy": ["127.0.0.1", "localhost", "::1"]}
    return {"proxy": {"proxyType": "manual", **settings}}
