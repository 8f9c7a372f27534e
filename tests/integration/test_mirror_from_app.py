"""A mirror run that the app asks for: the real command as a child of the real server, against the stand-in upstream.

What a browser shows of it: tests/browser/test_install_by_link.py.
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.lab_plugin import (
    BROKEN_URL,
    LIBRARY,
    LIBRARY_URL,
    PLAIN_LIBRARY_URL,
    PLAIN_NAME,
    PLAIN_URL,
    PLUGIN_NAME,
    PLUGIN_URL,
    publish_lab_plugin,
    use_stand_in,
)
from tests.helpers.processes import LINK, AppProcess, app_process, free_port, run_app, wait_until
from tests.helpers.upstream import Sending, StandIn, running_stand_in

MISSING_URL = "https://cdn.jsdelivr.net/npm/no-such-package@1.0.0/No.imjoy.html"


@pytest.fixture
def upstream() -> Iterator[StandIn]:
    with running_stand_in() as stand_in:
        publish_lab_plugin(stand_in)
        yield stand_in


@dataclass
class Server:
    """A server in a session of ``--serve``, spoken to as its app does."""

    app: AppProcess
    origin: str
    sandbox: str
    token: str

    def ask(self, target: str, document: object = None) -> Any:
        """GET, or POST with a document; the JSON of the answer, with ``status``."""
        with self.open(target, document) as answer:
            return {"status": answer.status, **json.loads(answer.read())}

    def open(self, target: str, document: object = None) -> Any:
        """The answer, as it comes."""
        headers = {"Authorization": f"Bearer {self.token}", "Origin": self.origin, "Content-Type": "application/json"}
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(self.origin + target, body, headers)
        try:
            return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60)
        except urllib.error.HTTPError as error:
            return error

    def begin(self, url: str) -> str:
        """Start a run; its id."""
        answer = self.ask("/api/mirror/start", {"plugin": url})
        assert answer["status"] == 202, answer
        return str(answer["run"]["id"])

    def events(self, run: str) -> list[dict[str, Any]]:
        """All events of a run, to its end."""
        with self.open(f"/api/mirror/events?run={run}") as stream:
            assert stream.headers["Content-Type"] == "application/x-ndjson"
            return [json.loads(line) for line in stream]

    def children(self) -> list[psutil.Process]:
        """The processes below the server's."""
        return psutil.Process(self.app.process.pid).children(recursive=True)


@contextmanager
def serving(folder: Path, person: dict[str, str], wheel: InstalledWheel, *options: str) -> Iterator[Server]:
    port, sandbox = free_port(), free_port()
    ports = ("--port", str(port), "--sandbox-port", str(sandbox))
    with app_process(folder, ("--no-open", *ports, *options), environment=person, python=wheel.python) as app:
        found = LINK.search(app.wait_for_link(60))
        assert found
        yield Server(app, f"http://127.0.0.1:{port}", f"http://127.0.0.1:{sandbox}", found[2])


@pytest.fixture
def server(
    folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, upstream: StandIn
) -> Iterator[Server]:
    use_stand_in(folder, upstream)
    with serving(folder, person, installed_wheel, "--serve") as running:
        yield running


def hold(upstream: StandIn, part: str) -> tuple[threading.Event, threading.Event]:
    """Let requests for ``part`` wait; the events say that one has come, and let it go on."""
    came, released = threading.Event(), threading.Event()

    def wait() -> None:
        came.set()
        released.wait(30)

    upstream.on_request = lambda count, path: Sending(before=wait) if part in path else None
    return came, released


@pytest.mark.parametrize(
    ("url", "name", "library_url", "fetched"),
    [
        (PLUGIN_URL, PLUGIN_NAME, LIBRARY_URL, "lab-plugin@1.0.0"),
        (PLAIN_URL, PLAIN_NAME, PLAIN_LIBRARY_URL, PLAIN_LIBRARY_URL),
    ],
    ids=["of a package", "at a plain address"],
)
def test_a_plugin_is_brought_with_its_library_and_served_without_a_restart(
    server: Server, url: str, name: str, library_url: str, fetched: str
) -> None:
    library = library_url.replace("://", "/")
    with server.open("/catalogue.json") as answer:
        before = {plugin["name"] for plugin in json.load(answer)["plugins"]}
    assert name not in before
    assert server.ask("/api/mirror")["allowed"] is True

    events = server.events(server.begin(url))
    kinds = [event["kind"] for event in events]
    assert {"plan", "step", "item", "done", "end"} <= set(kinds), events
    assert events[-1] == {"kind": "end", "state": "done", "status": 0, "message": "", "hint": ""}
    items = [event for event in events if event["kind"] == "item"]
    assert any(fetched in item["text"] and item["total"] >= item["done"] > 0 for item in items), events

    with server.open("/catalogue.json") as answer:
        plugins = {plugin["name"]: plugin for plugin in json.load(answer)["plugins"]}
    assert before < set(plugins)
    entry = plugins[name]
    assert (entry["url"], entry["missing"]) == (url, [])
    with server.open(entry["path"]) as answer:
        assert name in answer.read().decode()
    with server.open(f"/plugins/at/{url.replace('://', '/')}") as answer:
        assert name in answer.read().decode()
    with urllib.request.urlopen(f"{server.sandbox}/cdn/x/{library}", timeout=10) as answer:
        assert answer.read().decode() == LIBRARY
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_there_is_one_run_at_a_time(server: Server, upstream: StandIn) -> None:
    came, released = hold(upstream, "lab-plugin")
    run = server.begin(PLUGIN_URL)
    assert came.wait(30)
    answer = server.ask("/api/mirror/start", {"plugin": MISSING_URL})
    assert (answer["status"], answer["error"]["code"], answer["run"]["id"]) == (409, "mirror-busy", run)
    assert server.ask("/api/mirror")["run"] == {"id": run, "plugin": PLUGIN_URL, "state": "running"}
    released.set()
    assert server.events(run)[-1]["state"] == "done"


def test_a_run_that_was_cancelled_leaves_nothing_and_can_be_done_again(server: Server, upstream: StandIn) -> None:
    came, released = hold(upstream, "lab-plugin")
    run = server.begin(PLUGIN_URL)
    assert came.wait(30)
    children = server.children()
    assert children
    answer = server.ask("/api/mirror/cancel", {"run": run})
    assert (answer["status"], answer["run"]["state"]) == (200, "cancelled")
    assert server.events(run)[-1]["state"] == "cancelled"
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    released.set()
    upstream.on_request = lambda count, path: None
    assert server.events(server.begin(PLUGIN_URL))[-1]["state"] == "done"


def test_ctrl_c_of_the_server_ends_the_run_and_whoever_follows_it(server: Server, upstream: StandIn) -> None:
    came, _ = hold(upstream, "lab-plugin")
    run = server.begin(PLUGIN_URL)
    assert came.wait(30)
    children = server.children()
    assert children
    with server.open(f"/api/mirror/events?run={run}") as stream:
        before = time.monotonic()
        server.app.process.terminate()
        lines = [json.loads(line) for line in stream]
    assert lines[-1]["state"] == "cancelled"
    assert server.app.wait_for_end(15) == 0, server.app.output
    assert time.monotonic() - before < 7
    wait_until(lambda: not [one for one in children if one.is_running()], "the run to end")
    assert "Traceback" not in server.app.output


def test_a_plugin_that_is_not_there_fails_with_its_reason_and_spoils_no_later_run(server: Server, folder: Path) -> None:
    end = server.events(server.begin(MISSING_URL))[-1]
    assert (end["state"], end["status"]) == ("failed", 4)
    assert "no-such-package" in end["message"]
    assert end["hint"]
    with server.open("/catalogue.json") as answer:
        assert "No.imjoy" not in answer.read().decode()
    assert MISSING_URL not in (folder / "imjoy.lock").read_text(encoding="utf-8")
    assert server.events(server.begin(PLUGIN_URL))[-1]["state"] == "done"


def test_what_is_no_plugin_is_told_and_not_kept(server: Server, folder: Path) -> None:
    assert server.events(server.begin(PLUGIN_URL))[-1]["state"] == "done"
    lock = (folder / "imjoy.lock").read_bytes()
    end = server.events(server.begin(BROKEN_URL))[-1]
    assert (end["state"], end["status"]) == ("failed", 2)
    assert BROKEN_URL in end["message"]
    assert (folder / "imjoy.lock").read_bytes() == lock
    with server.open("/catalogue.json") as answer:
        plugins = {plugin["name"]: plugin for plugin in json.load(answer)["plugins"]}
    assert plugins[PLUGIN_NAME]["missing"] == []


def test_a_run_in_a_terminal_is_not_disturbed(
    server: Server, folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, upstream: StandIn
) -> None:
    came, released = hold(upstream, "lab-plugin")
    arguments = ("mirror", "--plugin", PLUGIN_URL)
    with app_process(folder, arguments, environment=person, python=installed_wheel.python) as terminal:
        assert came.wait(30)
        end = server.events(server.begin(PLUGIN_URL))[-1]
        assert (end["state"], end["status"]) == ("failed", 3)
        assert "Another mirror run is at work" in end["message"]
        released.set()
        assert terminal.wait_for_end(60) == 0, terminal.output
    with server.open("/catalogue.json") as answer:
        assert PLUGIN_NAME in answer.read().decode(), "the server follows a run in a terminal too"


def test_without_serve_the_server_starts_nothing(
    folder: Path, person: dict[str, str], installed_wheel: InstalledWheel
) -> None:
    with serving(folder, person, installed_wheel) as server:
        answer = server.ask("/api/mirror/start", {"plugin": PLUGIN_URL})
        assert answer["status"] == 403
        assert f'python -m imjoy mirror --plugin "{PLUGIN_URL}"' in answer["error"]["hint"]
        assert server.children() == []


def test_the_command_says_the_same_to_a_program(
    folder: Path, person: dict[str, str], installed_wheel: InstalledWheel, upstream: StandIn
) -> None:
    use_stand_in(folder, upstream)
    done = run_app(
        folder, "mirror", "--json", "--plugin", PLUGIN_URL, environment=person, python=installed_wheel.python
    )
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert "done" in [event["kind"] for event in events]
    wrong = run_app(
        folder, "mirror", "--json", "--plugin", MISSING_URL, environment=person, python=installed_wheel.python
    )
    assert wrong.returncode == 4
    assert json.loads(wrong.stdout.splitlines()[-1])["kind"] == "error"
