"""WebKitGTK, driven by WebKitWebDriver in classic WebDriver, in a window of its own on a screen that nobody sees."""

import base64
import contextlib
import http.client
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.helpers.processes import free_port
from tests.other_browsers.driving import Document, DriverError, Element, Gone, Surroundings, Tab
from tests.other_browsers.programs import started, wait_for_start

ANSWER_SECONDS = 60.0
SCREEN = "1600x1200x24"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_GONE = ("no such frame", "no such element", "stale element reference", "no such window")
_CONSOLE = re.compile(r"CONSOLE (?:JS |[A-Z]+ )*(?:ERROR)\b")

# What can have a role; the browser is then asked for the role and name of each.
_CANDIDATES = {
    "button": "button, [role=button]",
    "combobox": "select, [role=combobox]",
    "group": "fieldset, [role=group]",
    "dialog": "dialog, [role=dialog]",
    "img": "canvas, img, [role=img]",
    "menuitem": "[role=menuitem]",
    "menuitemradio": "[role=menuitemradio]",
    "region": "section, [role=region]",
    "spinbutton": "input[type=number], [role=spinbutton]",
    "status": "output, [role=status]",
    "textbox": "input, textarea, [role=textbox]",
}
# Roles that go by another word here: a list to choose from is the button that opens it.
_ROLES = {"image": ("img",), "button": ("button", "combobox"), "textbox": ("textbox", "spinbutton")}


class Session:
    """A WebDriver session: its requests, and where in tabs and frames it stands."""

    def __init__(self, port: int, launcher: Path) -> None:
        self._port = port
        self._path = ""
        self._place: tuple[str, str | None] | None = None
        options = {"binary": str(launcher), "args": []}
        made = self.request("POST", "/session", capabilities={"alwaysMatch": {"webkitgtk:browserOptions": options}})
        self._path = f"/session/{made['sessionId']}"
        self.version: str = made["capabilities"]["browserVersion"]
        self.request("POST", "/timeouts", script=int(ANSWER_SECONDS * 1000))

    def request(self, method: str, path: str, **parameters: Any) -> Any:
        """Ask the driver; raises DriverError, and Gone where its target is no more."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            body = json.dumps(parameters) if method == "POST" else None
            connection.request(method, self._path + path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        except TimeoutError:
            raise DriverError("timeout", f"{path} was not answered in {ANSWER_SECONDS:g} s") from None
        finally:
            connection.close()
        if answer.status == 200:
            return value
        self._place = None
        raise (Gone if value["error"] in _GONE else DriverError)(value["error"], f"{path}: {value['message']}")

    def enter(self, window: str, frame: str | None) -> None:
        """Let the next requests be about this document."""
        if self._place == (window, frame):
            return
        self.request("POST", "/window", handle=window)
        self.request("POST", "/frame", id=None)
        if frame is not None:
            self.request("POST", "/frame", id={_ELEMENT: frame})
        self._place = (window, frame)

    def forget_place(self) -> None:
        """The document has been replaced, or another window has been opened."""
        self._place = None


@dataclass(frozen=True)
class WebKitElement(Element):
    """An element, by the reference that the driver gave it."""

    document: "WebKitDocument"
    reference: str

    def press(self) -> None:
        """As in the protocol."""
        self.document.enter()
        self.document.session.request("POST", f"/element/{self.reference}/click")

    def call(self, function: str, *arguments: Any) -> Any:
        """As in the protocol."""
        return self.document.run(function, [{_ELEMENT: self.reference}, *arguments])


@dataclass(frozen=True)
class WebKitDocument(Document):
    """The document of a window, or of a frame in it."""

    session: Session
    window: str
    frame: str | None = None

    def enter(self) -> None:
        """Let the next requests be about this document."""
        self.session.enter(self.window, self.frame)

    def call(self, function: str, *arguments: Any) -> Any:
        """As in the protocol."""
        return self.run(function, arguments)

    def run(self, function: str, arguments: Sequence[Any]) -> Any:
        """Call a function, elements among its arguments."""
        self.enter()
        script = f"""
            const done = arguments[arguments.length - 1];
            const work = async () => ({function})(...Array.prototype.slice.call(arguments, 0, -1));
            work().then(
              (value) => done({{ json: JSON.stringify(value ?? null) }}),
              (error) => done({{ error: String(error) }}),
            );"""
        result = self.session.request("POST", "/execute/async", script=script, args=list(arguments))
        if "error" in result:
            raise DriverError("javascript error", result["error"])
        return json.loads(result["json"])

    def find(self, role: str, name: str) -> Sequence[Element]:
        """As in the protocol."""
        self.enter()
        found: list[Element] = []
        for reference in self.references(_CANDIDATES[role]):
            with contextlib.suppress(Gone):
                if self._computed(reference, "label") == name and role in self._roles(reference):
                    found.append(WebKitElement(self, reference))
        return found

    def _roles(self, reference: str) -> tuple[str, ...]:
        computed = self._computed(reference, "role")
        return _ROLES.get(computed, (computed,))

    def _computed(self, reference: str, what: str) -> str:
        try:
            return str(self.session.request("GET", f"/element/{reference}/computed{what}"))
        except DriverError as error:
            if error.kind != "unknown error":
                raise
            # What is not shown yet has neither role nor name.
            raise Gone(error.kind, str(error)) from error

    def references(self, selector: str) -> list[str]:
        """The driver's references of all elements of a selector."""
        elements = self.session.request("POST", "/elements", using="css selector", value=selector)
        return [element[_ELEMENT] for element in elements]


@dataclass(frozen=True)
class WebKitTab(WebKitDocument, Tab):
    """A window."""

    def frames(self) -> Sequence[Document]:
        """As in the protocol."""
        self.enter()
        return [WebKitDocument(self.session, self.window, frame) for frame in self.references(":not([inert]) > iframe")]

    def type_text(self, text: str) -> None:
        """As in the protocol."""
        self.enter()
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        self.session.request("POST", "/actions", actions=[{"type": "key", "id": "keyboard", "actions": actions}])

    def reload(self) -> None:
        """As in the protocol."""
        self.enter()
        self.session.request("POST", "/refresh")
        self.session.forget_place()

    def close(self) -> None:
        """As in the protocol."""
        self.enter()
        self.session.request("DELETE", "/window")
        self.session.forget_place()

    def save_screenshot(self, path: Path) -> None:
        """As in the protocol."""
        self.enter()
        path.write_bytes(base64.b64decode(self.session.request("GET", "/screenshot")))


class WebKit:
    """A running WebKitGTK."""

    stalls_nested_workers = False

    def __init__(self, session: Session, log: Path) -> None:
        self._session = session
        self._log = log
        self._read = 0
        self._used = False
        self.version = session.version

    def open(self, url: str) -> Tab:
        """As in the protocol."""
        if self._used:
            window = self._session.request("POST", "/window/new", type="window")["handle"]
        else:
            window = self._session.request("GET", "/window")
        self._used = True
        self._session.forget_place()
        tab = WebKitTab(self._session, window)
        tab.enter()
        self._session.request("POST", "/url", url=url)
        self._session.forget_place()
        return tab

    def take_complaints(self) -> list[str]:
        """As in the protocol."""
        said = self._log.read_bytes()[self._read :]
        self._read += len(said)
        return [line for line in said.decode("utf-8", "replace").splitlines() if _CONSOLE.search(line)]


def _launcher(folder: Path, python: Path, log: Path, *, dark: bool) -> Path:
    """The program that the driver starts."""
    program = Path(__file__).with_name("webkit_window.py")
    words = [str(python), "-u", str(program), str(folder), "dark" if dark else "light"]
    launcher = folder / "window"
    launcher.write_text(f"#!/bin/sh\nexec {shlex.join(words)} >{shlex.quote(str(log))} 2>&1\n", encoding="utf-8")
    launcher.chmod(0o755)
    return launcher


@contextlib.contextmanager
def _screen(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """A screen that nobody sees; its name."""
    number, log = folder / "screen.number", folder / "screen.log"
    number.touch()
    # The shell hands the number over in a file: a descriptor of ours would have to be inherited.
    command = ["sh", "-c", f'exec Xvfb -displayfd 3 -screen 0 {SCREEN} -nolisten tcp 3>"$0"', str(number)]
    with started(command, environment, log) as process:
        yield ":" + wait_for_start(lambda: number.read_text(encoding="ascii").strip(), process, log)


@contextlib.contextmanager
def open_webkit(python: Path, surroundings: Surroundings) -> Iterator[WebKit]:
    """A WebKitGTK that keeps everything in the folder; it ends with the block. ``python`` has GTK."""
    folder, port = surroundings.folder, free_port()
    folder.mkdir(parents=True)
    console, log = folder / "console.log", folder / "driver.log"
    console.touch()
    launcher = _launcher(folder, python, console, dark=surroundings.dark)
    with _screen(folder, surroundings.environment) as display:
        environment = {**surroundings.environment, "DISPLAY": display, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        with started(["WebKitWebDriver", f"--port={port}"], environment, log) as process:
            wait_for_start(lambda: _answers(port), process, log)
            session = Session(port, launcher)
            yield WebKit(session, console)
            session.request("DELETE", "")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/status")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
