"""The command line as a person meets it: exit statuses, messages, ports, tokens, a second start, Ctrl-C."""

import contextlib
import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.helpers.engine_page import engine_page
from tests.helpers.folder_state import files_of
from tests.helpers.installed_wheel import InstalledWheel
from tests.helpers.netcut import NAMESPACE, NetworkCut, cut_network
from tests.helpers.processes import LINK, AppProcess, app_process, free_port, run_app, wait_until


@pytest.fixture
def python(installed_wheel: InstalledWheel) -> Path:
    return installed_wheel.python


@pytest.fixture
def cut() -> Iterator[NetworkCut]:
    with cut_network() as the_cut:
        yield the_cut


@contextlib.contextmanager
def served(
    folder: Path, *arguments: str, person: dict[str, str], python: Path, ports: bool = True
) -> Iterator[tuple[AppProcess, str]]:
    """The app on free ports, once it has printed its link."""
    chosen = ("--port", str(free_port()), "--sandbox-port", str(free_port())) if ports else ()
    with app_process(folder, ("--no-open", *chosen, *arguments), environment=person, python=python) as app:
        yield app, app.wait_for_link()


def status_of(url: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def fetched(url: str) -> bytes:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=10) as answer:
        content: bytes = answer.read()
    return content


def port_of(link: str) -> int:
    found = LINK.search(link)
    assert found
    return int(found[1])


def token_of(link: str) -> str:
    found = LINK.search(link)
    assert found
    return found[2]


# ------------------------------------------------------------------ exit statuses and words


def test_a_folder_that_was_never_mirrored_is_explained_in_two_lines(
    tmp_path: Path, person: dict[str, str], python: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    done = run_app(folder, environment=person, python=python)
    assert done.returncode == 4
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 2, done.stderr
    assert "never mirrored" in lines[0]
    assert "python -m imjoy --serve" in lines[1]
    assert not list(folder.iterdir())


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::", "127.0.0.1.example.org"])
def test_any_other_host_is_refused_and_says_why(
    host: str, tmp_path: Path, person: dict[str, str], python: Path
) -> None:
    done = run_app(tmp_path, "--host", host, environment=person, python=python)
    assert done.returncode == 2
    assert "TLS" in done.stderr
    assert host in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "0"], "port"),
        (["--port", "65536"], "65536"),
        (["--port", "many"], "many"),
        (["--no-such-option"], "--no-such-option"),
        (["--force-quit-timeout", "-1"], "-1"),
        (["--allow-origin", "null"], "null"),
        (["--token", "short"], "--token"),
        (["publish"], "publish"),
    ],
)
def test_wrong_usage_is_named_and_exits_with_2(
    arguments: list[str], said: str, folder: Path, person: dict[str, str], python: Path
) -> None:
    done = run_app(folder, *arguments, environment=person, python=python)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_version_is_told(tmp_path: Path, person: dict[str, str], python: Path) -> None:
    done = run_app(tmp_path, "--version", environment=person, python=python)
    assert done.returncode == 0
    assert re.fullmatch(r"ImJoy Offline \d+\.\d+\.\d+", done.stdout.strip())


def test_an_unknown_key_in_the_settings_is_named_with_its_line(
    folder: Path, person: dict[str, str], python: Path
) -> None:
    (folder / "imjoy.yaml").write_text("plugins:\n  - Image Viewer\nplugin: []\n", encoding="utf-8")
    done = run_app(folder, "mirror", environment=person, python=python)
    assert done.returncode == 2, done.stderr
    assert "plugin" in done.stderr
    assert "line 3" in done.stderr


def own_plugin(folder: Path, name: str, requirements: list[str]) -> None:
    """A small plugin in the folder's own repository."""
    repository = folder / "plugin_repository"
    repository.mkdir(exist_ok=True)
    config = {"name": name, "type": "web-worker", "version": "1.0.0", "requirements": requirements}
    (repository / f"{name}.imjoy.html").write_text(
        f'<config lang="json">\n{json.dumps(config, indent=1)}\n</config>\n'
        '<script lang="javascript">\napi.export({ setup() {}, run() {} })\n</script>\n',
        encoding="utf-8",
    )


def test_what_cannot_be_had_is_a_finding_and_under_strict_an_exit_status(
    folder: Path, person: dict[str, str], python: Path
) -> None:
    address = "https://github.com/some/library"
    own_plugin(folder, "Wants Too Much", [address])
    for arguments, status in ((["mirror"], 0), (["mirror", "--strict"], 1)):
        done = run_app(folder, *arguments, environment=person, python=python)
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert address in said
        assert "Wants Too Much" in said
    listed = json.loads((folder / "imjoy.lock").read_text(encoding="utf-8"))["missing"]
    missing = [item for item in listed if item["plugin"] == "Wants Too Much"]
    assert [item["asked"] for item in missing] == [address]
    assert missing[0]["line"] > 0
    assert missing[0]["reason"]


def test_offline_and_missing_exits_with_4(
    tmp_path: Path, person: dict[str, str], python: Path, cut: NetworkCut
) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    for arguments in (("mirror",), ("--serve", "--no-open")):
        done = run_app(folder, *arguments, environment={**person, **cut.environment}, python=python)
        assert done.returncode == 4, done.stderr
        assert "Traceback" not in done.stderr
        assert re.search("network|connect|offline", done.stderr, re.IGNORECASE), done.stderr


def test_a_broken_lock_file_exits_with_5(folder: Path, person: dict[str, str], python: Path) -> None:
    (folder / "imjoy.lock").write_text('{"version": 1, "artifacts": [', encoding="utf-8")
    done = run_app(folder, "mirror", environment=person, python=python)
    assert done.returncode == 5, done.stderr
    assert "imjoy.lock" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("package", ["yaml", "httpx"])
def test_a_python_that_lacks_something_is_told_how_to_get_it(
    package: str, tmp_path: Path, person: dict[str, str], python: Path
) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from imjoy_offline.cli.main import entry; sys.exit(entry())"
    done = subprocess.run(
        [python, "-c", code, "mirror"],
        cwd=tmp_path,
        env=person,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert f"lacks the package {package}" in done.stderr
    assert "scripts/install.py" in done.stderr
    assert "Traceback" not in done.stderr and "fault of ImJoy Offline" not in done.stderr


# ------------------------------------------------------------------ links, tokens, ports


def test_the_link_is_the_one_line_on_stdout_and_the_app_answers(
    folder: Path, person: dict[str, str], python: Path
) -> None:
    port, sandbox = free_port(), free_port()
    command = [str(python), "-m", "imjoy", "--no-open", "--port", str(port), "--sandbox-port", str(sandbox)]
    with subprocess.Popen(
        command, cwd=folder, env=person, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            link = process.stdout.readline().strip()
            assert LINK.fullmatch(link), link
            assert port_of(link) == port
            assert status_of(f"http://127.0.0.1:{port}/") == 200
            assert status_of(f"http://127.0.0.1:{port}/catalogue.json") == 200
            assert status_of(f"http://127.0.0.1:{sandbox}/") == 404
        finally:
            process.terminate()
            rest, _ = process.communicate(timeout=20)
    assert rest == ""


def test_the_spellings_of_2018_are_understood(folder: Path, person: dict[str, str], python: Path) -> None:
    arguments = ("--no_open", "--sandbox_port", str(free_port()), "--port", str(free_port()), "--no_engine", "--freeze")
    more = ("--force_quit_timeout", "3", "--allow_origin", "https://imjoy.io", "--rotate_token", "--workspace", "work")
    with app_process(folder, (*arguments, *more), environment=person, python=python) as app:
        assert status_of(app.wait_for_link().split("#")[0]) == 200


def test_the_token_is_kept_by_folder_outside_the_folder_and_can_be_rotated(
    folder: Path, tmp_path: Path, person: dict[str, str], python: Path
) -> None:
    tokens = []
    for arguments in ((), (), ("--rotate-token",), ()):
        with served(folder, *arguments, person=person, python=python) as (app, link):
            tokens.append(token_of(link))
            app.interrupt()
            app.wait_for_end()
    first, again, rotated, after = tokens
    assert first == again
    assert rotated != first
    assert after == rotated
    assert len(rotated) >= 32
    for path in folder.rglob("*"):
        assert not path.is_file() or rotated.encode() not in path.read_bytes(), f"{path} holds the token"
    holders = [
        path for path in (tmp_path / "home").rglob("*") if path.is_file() and rotated.encode() in path.read_bytes()
    ]
    assert holders
    if os.name == "posix":
        assert {stat.S_IMODE(path.stat().st_mode) for path in holders} == {0o600}
    other = shutil.copytree(folder, tmp_path / "another")
    with served(other, person=person, python=python) as (_, link):
        assert token_of(link) != rotated, "a folder that was copied has a token of its own"


def test_a_token_given_for_one_run_is_in_the_link_and_is_not_kept(
    folder: Path, tmp_path: Path, person: dict[str, str], python: Path
) -> None:
    with served(folder, "--token", "for-this-run-alone", person=person, python=python) as (_, link):
        assert token_of(link) == "for-this-run-alone"
    with served(folder, person=person, python=python) as (_, link):
        assert token_of(link) != "for-this-run-alone"


def test_ports_begin_at_8080_are_remembered_and_never_changed_in_silence(
    folder: Path, tmp_path: Path, person: dict[str, str], python: Path, cut: NetworkCut
) -> None:
    first_free = 8080 if cut.how == NAMESPACE else None  # elsewhere, others may hold ports
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    with served(folder, person=person, python=python, ports=False) as (_, link):
        port = port_of(link)
        assert first_free in (None, port)
        kept = json.loads((folder / "cache" / "ports.json").read_text(encoding="utf-8"))
        assert kept["app"] == port
        assert kept["sandbox"] != port
        with served(other, person=person, python=python, ports=False) as (_, other_link):
            assert port_of(other_link) not in (port, kept["sandbox"])
    with served(folder, person=person, python=python, ports=False) as (_, link):
        assert port_of(link) == port
    with served(other, person=person, python=python, ports=False) as (_, again):
        assert port_of(again) == port_of(other_link), "a free 8080 does not move a folder that has its port"
    with socket.create_server(("127.0.0.1", port)):
        done = run_app(folder, "--no-open", environment=person, python=python)
        assert done.returncode == 3, done.stderr
        assert str(port) in done.stderr
        assert json.loads((folder / "cache" / "ports.json").read_text(encoding="utf-8")) == kept


def test_a_port_held_by_something_else_is_named_with_its_holder(
    folder: Path, person: dict[str, str], python: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        done = run_app(folder, "--no-open", "--port", str(port), environment=person, python=python)
        sandbox = run_app(
            folder,
            "--no-open",
            "--port",
            str(free_port()),
            "--sandbox-port",
            str(port),
            environment=person,
            python=python,
        )
    assert done.returncode == sandbox.returncode == 3
    assert f"Port {port} is held by" in done.stderr
    assert str(os.getpid()) in done.stderr
    assert "--port" in done.stderr
    assert "--sandbox-port" in sandbox.stderr


# ------------------------------------------------------------------ browser, second start, end


def fake_browser(tmp_path: Path) -> tuple[Path, str]:
    """A program for BROWSER that writes down what it is asked to open, and the file that it writes."""
    opened = tmp_path / "opened.txt"
    script = tmp_path / "browser.py"
    script.write_text(f"import sys\nopen({str(opened)!r}, 'a').write(sys.argv[1] + '\\n')\n", encoding="utf-8")
    return opened, f"{sys.executable} {script} %s"


def leads_to(address: str) -> str:
    """The link behind what was opened: the address, or the one that a page of the person's own leads to."""
    if not address.startswith("file://"):
        return address
    page = Path(urllib.request.url2pathname(address.removeprefix("file://")))
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    found = LINK.search(page.read_text(encoding="utf-8"))
    assert found
    return found.group(0).split('"')[0]


def test_the_browser_is_opened_on_the_link_and_a_second_start_opens_the_running_one(
    folder: Path, tmp_path: Path, person: dict[str, str], python: Path
) -> None:
    opened, browser = fake_browser(tmp_path)
    environment = {**person, "BROWSER": browser}

    def lines() -> list[str]:
        return opened.read_text(encoding="utf-8").splitlines() if opened.exists() else []

    ports = ("--port", str(free_port()), "--sandbox-port", str(free_port()))
    with app_process(folder, ports, environment=environment, python=python) as app:
        link = app.wait_for_link()
        wait_until(lambda: len(lines()) == 1, "the browser to be opened")
        assert leads_to(lines()[0]) == link

        second = run_app(folder, environment=environment, python=python)
        assert second.returncode == 0, second.stderr
        assert second.stdout.strip() == link
        assert "running already" in second.stderr
        wait_until(lambda: len(lines()) == 2, "the browser to be opened on the running one")
        assert leads_to(lines()[1]) == link

        quiet = run_app(folder, "--no-open", environment=environment, python=python)
        assert quiet.returncode == 0
        assert len(lines()) == 2
        assert app.process.poll() is None


def test_a_stranger_on_the_port_of_a_server_that_died_gets_no_token(
    folder: Path, person: dict[str, str], python: Path
) -> None:
    port, sandbox = free_port(), free_port()
    arguments = ("--no-open", "--port", str(port), "--sandbox-port", str(sandbox))
    with app_process(folder, arguments, environment=person, python=python) as app:
        token = token_of(app.wait_for_link())
        app.kill()
    with socket.create_server(("127.0.0.1", port)) as stranger:
        stranger.settimeout(20)
        command = [str(python), "-m", "imjoy", *arguments]
        with subprocess.Popen(
            command, cwd=folder, env=person, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as second:
            try:
                asked = b""
                while b"\r\n\r\n" not in asked:
                    connection, _ = stranger.accept()
                    connection.settimeout(5)
                    with connection:
                        asked += connection.recv(65536)
                        body = b'{"proof": "' + b"0" * 64 + b'"}'
                        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                        connection.sendall(head % len(body) + body)
                output, _ = second.communicate(timeout=20)
            finally:
                second.kill()
    assert token.encode() not in asked
    assert second.returncode == 3
    assert str(port).encode() in output
    assert token.encode() not in output


@pytest.mark.parametrize("ending", ["interrupt", "terminate"])
def test_ctrl_c_ends_it_and_every_child_within_the_quit_timeout(
    ending: str, folder: Path, person: dict[str, str], python: Path
) -> None:
    with served(folder, "--force-quit-timeout", "4", person=person, python=python) as (app, link):
        port = port_of(link)
        children = psutil.Process(app.process.pid).children(recursive=True)
        # A browser that keeps its connection open must not hold the server up.
        with socket.create_connection(("127.0.0.1", port), timeout=5) as idle:
            idle.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            assert idle.recv(64).startswith(b"HTTP/1.1 200")
            started = time.monotonic()
            if ending == "interrupt":
                app.interrupt()
            else:
                app.process.terminate()
            assert app.wait_for_end(15) == 0, app.output
            assert time.monotonic() - started < 6
        assert not [child for child in children if child.is_running()]
        assert "Traceback" not in app.output
        with pytest.raises(OSError, match=r"refused|reset"):
            socket.create_connection(("127.0.0.1", port), timeout=2)


STUBBORN = """
import os, signal, subprocess, sys, time
from imjoy import api

for sign in (signal.SIGINT, signal.SIGTERM):
    signal.signal(sign, signal.SIG_IGN)
deaf = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf])

class Plugin:
    def setup(self):
        pass

    def processes(self):
        return [os.getpid(), child.pid]

    def hang(self):
        while True:
            time.sleep(600)

api.export(Plugin())
"""


@pytest.mark.parametrize("seconds", [2, 5])
def test_ctrl_c_ends_plugins_that_do_not_want_to_end_and_what_they_started(
    seconds: int, folder: Path, person: dict[str, str], python: Path
) -> None:
    with (
        served(folder, "--force-quit-timeout", str(seconds), person=person, python=python) as (app, link),
        engine_page(port_of(link), token_of(link)) as page,
    ):
        plugin = page.start("Stubborn", STUBBORN)
        own = [psutil.Process(number) for number in plugin.call("processes")]
        children = psutil.Process(app.process.pid).children(recursive=True)
        assert len(own) == 2 and {one.pid for one in own} <= {one.pid for one in children}
        plugin.exported()["hang"]()
        started = time.monotonic()
        app.interrupt()
        assert app.wait_for_end(seconds + 10) == 0, app.output
        assert time.monotonic() - started < seconds + 2
        assert "Traceback" not in app.output
        wait_until(lambda: not any(one.is_running() for one in [*own, *children]), "the end of all children", 2)


def test_a_mirror_run_ends_on_ctrl_c_and_its_folder_is_no_worse(
    tmp_path: Path, installed_wheel: InstalledWheel
) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    with app_process(
        folder, ("mirror",), environment=installed_wheel.environment(), python=installed_wheel.python
    ) as app:
        app.wait_for(r"\S")
        app.interrupt()
        assert app.wait_for_end(20) in (130, 0), app.output
        assert "Traceback" not in app.output
    again = run_app(
        folder, "mirror", environment=installed_wheel.environment(), python=installed_wheel.python, seconds=240
    )
    assert again.returncode == 0, again.stderr


# ------------------------------------------------------------------ mirror


def test_a_second_run_with_nothing_changed_asks_nobody_and_touches_nothing(
    folder: Path, person: dict[str, str], python: Path, cut: NetworkCut
) -> None:
    before = files_of(folder)
    done = run_app(folder, "mirror", environment={**person, **cut.environment}, python=python)
    assert done.returncode == 0, done.stderr
    assert cut.leaks() == []
    assert files_of(folder) == before


def test_serve_typed_without_a_network_on_a_complete_folder_says_so_and_serves_at_once(
    folder: Path, person: dict[str, str], python: Path, cut: NetworkCut
) -> None:
    with served(folder, person={**person, **cut.environment}, python=python, ports=False) as (app, _):
        app.interrupt()
        app.wait_for_end()
    before = files_of(folder)
    started = time.monotonic()
    with served(folder, "--serve", person={**person, **cut.environment}, python=python, ports=False) as (app, link):
        assert time.monotonic() - started < 5
        assert status_of(link.split("#")[0]) == 200
        assert "Everything is here" in app.output, app.output
    assert cut.leaks() == []
    assert files_of(folder) == before


def test_one_plugin_is_added_by_its_address(folder: Path, tmp_path: Path, person: dict[str, str], python: Path) -> None:
    own_plugin(tmp_path, "Added Later", [])
    plugin = tmp_path / "plugin_repository" / "Added Later.imjoy.html"
    done = run_app(folder, "mirror", "--plugin", str(plugin), environment=person, python=python)
    assert done.returncode == 0, done.stderr
    with served(folder, person=person, python=python) as (_, link):
        catalogue = json.loads(fetched(link.split("#")[0] + "catalogue.json"))
    assert "Added Later" in [entry["name"] for entry in catalogue["plugins"]]
    missing = run_app(
        folder, "mirror", "--plugin", str(tmp_path / "none.imjoy.html"), environment=person, python=python
    )
    assert missing.returncode != 0
    assert "none.imjoy.html" in missing.stderr
