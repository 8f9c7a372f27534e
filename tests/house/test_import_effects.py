"""Importing any module of the product does no work: nothing is written, started, connected, printed or configured."""

import json
import subprocess
import sys
from pathlib import Path

from tests.helpers.interpreters import installed_interpreters
from tests.helpers.processes import bare_environment
from tests.helpers.source_tree import ROOT, python_modules

# Run by a bare interpreter: one forked child a module where there is fork, so that each is the first to be imported.
PROBE = """
import importlib, json, logging, os, sys, threading
sys.dont_write_bytecode = True
WRITING = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink", "os.link", "shutil.", "tempfile.")
STARTING = ("subprocess.Popen", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "os.startfile")
SPEAKING = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "webbrowser.", "urllib.")
seen = []

def hook(event, arguments):
    if event == "open":
        path, mode = arguments[0], arguments[1] or ""
        if any(letter in mode for letter in "wax+"):
            seen.append("open %s %s" % (path, mode))
    elif event.startswith(WRITING + STARTING + SPEAKING):
        seen.append("%s %s" % (event, arguments))

def effects(module):
    before = dict(os.environ), list(logging.root.handlers), threading.active_count(), list(sys.path)
    out, err = os.pipe(), os.pipe()
    sys.addaudithook(hook)
    try:
        importlib.import_module(module)
    except BaseException as error:
        return ["import fails: %r" % error]
    after = dict(os.environ), list(logging.root.handlers), threading.active_count(), list(sys.path)
    names = "environment", "logging", "threads", "sys.path"
    return seen + [name for name, was, now in zip(names, before, after) if was != now]

def in_child(module):
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write, 1)
        found = effects(module)
        sys.stdout.flush()
        os.write(write, ("\\0" + json.dumps(found)).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        printed, _, found = stream.read().decode().rpartition("\\0")
    os.waitpid(child, 0)
    return json.loads(found or '["it ended the process"]') + (["printed " + printed] if printed else [])

look = in_child if hasattr(os, "fork") else effects
print(json.dumps({module: look(module) for module in sys.argv[1:]}))
"""


def imported_by(interpreter: str, modules: list[str], folder: Path) -> dict[str, list[str]]:
    """What each import did, by module, as seen in an empty folder by a bare process of this interpreter."""
    command = [interpreter, "-c", PROBE, *modules]
    environment = bare_environment(folder / "home", PYTHONPATH=str(ROOT))
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    left = [path.name for path in folder.rglob("*") if path.name != "home"]
    assert not left, f"importing left {left}"
    found: dict[str, list[str]] = json.loads(done.stdout)
    return {module: effects for module, effects in found.items() if effects}


def test_importing_any_module_does_no_work(tmp_path: Path) -> None:
    modules = [name for name in python_modules() if not name.endswith("__main__")]
    assert not imported_by(sys.executable, modules, tmp_path)


def test_the_probe_sees_work(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    bodies = {
        "writes": "import os; os.mkdir('made'); os.rmdir('made')",
        "starts": "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
        "prints": "print('hello')",
        "configures": "import os; os.environ['A_NEW_ONE'] = '1'",
        "connects": "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
        "quiet": "import json",
    }
    for name, body in bodies.items():
        (packages / f"{name}.py").write_text(body + "\n", encoding="utf-8")
    command = [sys.executable, "-c", PROBE, *bodies]
    environment = bare_environment(tmp_path / "home", PYTHONPATH=str(packages))
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    found = json.loads(done.stdout)
    assert {name for name, effects in found.items() if effects} == set(bodies) - {"quiet"}


def test_what_runs_in_plugins_processes_imports_under_every_interpreter_found(tmp_path: Path) -> None:
    modules = [name for name in python_modules() if name.split(".")[0] == "imjoy" and not name.endswith("__main__")]
    interpreters = installed_interpreters()
    for version, interpreter in interpreters.items():
        folder = tmp_path / version
        folder.mkdir()
        assert not imported_by(interpreter, modules, folder), version
        check = "import sys; [compile(open(path, 'rb').read(), path, 'exec') for path in sys.argv[1:]]"
        paths = [str(python_modules()[name]) for name in python_modules() if name.split(".")[0] == "imjoy"]
        subprocess.run([interpreter, "-I", "-c", check, *paths], check=True, timeout=60)
