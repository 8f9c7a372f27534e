"""The import table of the house: who may know whom, and who alone may reach the world.

Offline is a property of this graph: nothing that serves can reach what fetches.
"""

import ast
import sys

import pytest

from imjoy_offline.server.policy import APP_HOST
from tests.helpers.source_tree import Import, python_imports, python_modules, syntax_tree

GROUND = {
    "imjoy_offline.errors",
    "imjoy_offline.paths",
    "imjoy_offline.progress",
    "imjoy_offline.links",
    "imjoy_offline.mime",
}
_CACHE = "imjoy_offline.cache"
_PLUGIN = "imjoy_offline.plugin"

# A room may import itself, the standard library, third-party packages (below) and these, each with all that lies in it.
ROOMS: dict[str, set[str]] = {
    "imjoy": set(),
    "imjoy.rpc": set(),
    "imjoy.runtime": {"imjoy.rpc"},
    "imjoy_offline": {"imjoy.__version__"},
    "imjoy_offline.errors": set(),
    "imjoy_offline.progress": set(),
    "imjoy_offline.links": set(),
    "imjoy_offline.mime": set(),
    "imjoy_offline.paths": {"imjoy_offline.errors"},
    _PLUGIN: {"imjoy_offline.errors", "imjoy_offline.links"},
    _CACHE: {"imjoy_offline.errors", "imjoy_offline.paths", "imjoy_offline.progress"},
    "imjoy_offline.mirror": {_PLUGIN, _CACHE, *GROUND},
    "imjoy_offline.site": {_PLUGIN, _CACHE, *GROUND},
    "imjoy_offline.engine": {
        *("imjoy.rpc", _PLUGIN, _CACHE),
        *("imjoy_offline.errors", "imjoy_offline.paths", "imjoy_offline.progress"),
    },
    "imjoy_offline.server": {"imjoy_offline.engine", "imjoy.rpc", "imjoy_offline.cache.store", *GROUND},
    "imjoy_offline.cli": {"imjoy_offline", "imjoy.rpc"},
}
# The front door's one task is to hand over; the other one is told where it stands.
EXCEPTIONS = {
    ("imjoy.__main__", "imjoy_offline.cli.main.entry"),
    # It puts ``api`` there, for ``from imjoy import api``.
    ("imjoy.runtime.worker", "imjoy"),
}
# Asked for only where a plugin's own environment has them, inside the functions that need them.
OPTIONAL = {("imjoy.rpc.arrays", "numpy")}

# Third-party packages and the modules (or rooms) that alone may import them. Not listed: not used.
THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "httpx": ("imjoy_offline.mirror.fetch",),
    "jinja2": ("imjoy_offline.site",),
    "markupsafe": ("imjoy_offline.site",),
    "packaging": (_PLUGIN, _CACHE, "imjoy_offline.mirror"),
    "platformdirs": ("imjoy_offline.cli", "imjoy_offline.server.places"),
    "psutil": ("imjoy_offline.engine", "imjoy_offline.server", "imjoy_offline.site.build", "imjoy_offline.cli"),
    "rich": ("imjoy_offline.cli",),
    "starlette": ("imjoy_offline.server",),
    "tomli": (_CACHE, "imjoy_offline.site", "imjoy_offline.mirror"),
    "uv": ("imjoy_offline.mirror.pypi", "imjoy_offline.engine.environment"),
    "uvicorn": ("imjoy_offline.server.http_server",),
    "watchfiles": ("imjoy_offline.cli", "imjoy_offline.server"),
    "websockets": ("imjoy_offline.server",),
    "yaml": (_PLUGIN, "imjoy_offline.mirror.settings"),
}
# Standard modules that can speak to another computer; a listening server needs none of them.
OUTGOING = (
    "http.client",
    "urllib.request",
    "ftplib",
    "smtplib",
    "poplib",
    "imaplib",
    "xmlrpc",
    "asyncio.open_connection",
)
MAY_FETCH = ("imjoy_offline.mirror.fetch",)
# Modules that take one harmless thing from a package that could do more: what they may name of it.
HARMLESS_PARTS = {
    ("imjoy_offline.mirror.trust", "httpx"): {"httpx.create_ssl_context"},
    ("imjoy_offline.mirror.addresses", "urllib.request"): {"urllib.request.getproxies", "urllib.request.proxy_bypass"},
    ("imjoy_offline.mirror.wheels", "urllib.request"): {"urllib.request.url2pathname"},
}
STARTERS = ("subprocess", "multiprocessing", "pty", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell")
MAY_START = (
    "imjoy_offline.engine.worker",
    "imjoy_offline.engine.guardian",
    "imjoy_offline.engine.environment",
    "imjoy_offline.mirror.npm",
    "imjoy_offline.mirror.pypi",
    "imjoy_offline.site.trial",
    "imjoy_offline.server.launch",
    "imjoy.__main__",
)
_STARTING_CALLS = {"os": ("system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "startfile")}
CONSOLE = "imjoy_offline.cli.console"

IMPORTS = python_imports()


def _within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def room_of(name: str) -> str:
    """The innermost room of the table that holds this module."""
    return max((room for room in ROOMS if _within(name, room)), key=len)


def _allowed(one: Import) -> bool:
    room = room_of(one.module)
    if (one.module, one.target) in EXCEPTIONS or one.target == "imjoy_offline.__version__":
        return True
    if _within(one.target, room) and room not in ("imjoy", "imjoy_offline"):
        return True
    if room == "imjoy_offline.cli" and _within(one.target, "imjoy.runtime"):
        return False
    return any(_within(one.target, friend) for friend in ROOMS[room])


def _dotted(node: ast.AST) -> str:
    """``a.b.c`` for an attribute of an attribute of a name; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    base = _dotted(node.value) if isinstance(node, ast.Attribute) else ""
    return f"{base}.{node.attr}" if base and isinstance(node, ast.Attribute) else ""


def _attributes(module: str) -> set[str]:
    """Every dotted name like ``os.system`` that a module uses."""
    return {
        _dotted(node) for node in ast.walk(syntax_tree(python_modules()[module])) if isinstance(node, ast.Attribute)
    }


def _harmless(one: Import) -> bool:
    """Whether a module takes from a package only the parts that it may."""
    parts = HARMLESS_PARTS.get((one.module, one.target))
    if parts is None:
        return False
    return {name for name in _attributes(one.module) if _within(name, one.target) and name != one.target} <= parts


def _told(imports: list[Import]) -> str:
    return "\n".join(f"{one.module}, line {one.line}: {one.target}" for one in imports)


def test_every_room_imports_only_what_the_table_allows() -> None:
    ours = [one for one in IMPORTS if one.target.split(".")[0] in ("imjoy", "imjoy_offline")]
    assert len(ours) > 20
    forbidden = [one for one in ours if not _allowed(one)]
    assert not forbidden, _told(forbidden)


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("imjoy_offline.server.app", "imjoy_offline.mirror.fetch.Fetcher"),
        ("imjoy_offline.server.app", "imjoy_offline.cache.lockfile.Lockfile"),
        ("imjoy_offline.site.build", "imjoy_offline.mirror.plan.plan"),
        ("imjoy_offline.mirror.sync", "imjoy_offline.site.build.build_site"),
        ("imjoy_offline.engine.session", "imjoy_offline.server.app.App"),
        ("imjoy_offline.plugin.file", "imjoy_offline.cache.store.Store"),
        ("imjoy_offline.cli.main", "imjoy.runtime.loader"),
        ("imjoy.rpc.wire", "imjoy_offline.errors.ImjoyError"),
        ("imjoy.rpc.wire", "imjoy.runtime.loader"),
        ("imjoy_offline.paths", "imjoy_offline.progress.Progress"),
    ],
)
def test_the_table_forbids(module: str, target: str) -> None:
    assert not _allowed(Import(module, target, 1))


def test_every_module_has_a_room() -> None:
    stray = [name for name in python_modules() if room_of(name) == "imjoy_offline" and "." in name]
    assert not stray, f"Modules beside the rooms of the table: {stray}"


def test_the_ground_and_the_wire_use_the_standard_library_alone() -> None:
    pure = {"imjoy", "imjoy.rpc", "imjoy.runtime", *GROUND}
    forbidden = [one for one in IMPORTS if room_of(one.module) in pure and one.target.split(".")[0] in THIRD_PARTY]
    assert not forbidden, _told(forbidden)


def test_third_party_packages_are_imported_only_in_their_place() -> None:
    standard = set(sys.stdlib_module_names)
    forbidden = []
    for one in IMPORTS:
        package = one.target.split(".")[0]
        if package in standard or package in ("imjoy", "imjoy_offline") or (one.module, package) in OPTIONAL:
            continue
        places = THIRD_PARTY.get(package, ())
        if not any(_within(one.module, place) for place in places) and not _harmless(one):
            forbidden.append(one)
    assert not forbidden, _told(forbidden)


def test_only_the_fetcher_can_speak_to_another_computer() -> None:
    outgoing = [one for one in IMPORTS if any(_within(one.target, name) for name in OUTGOING)]
    forbidden = [one for one in outgoing if one.module not in MAY_FETCH and not _harmless(one)]
    assert not forbidden, _told(forbidden)


def test_outside_the_mirror_connections_go_to_this_computer_alone() -> None:
    forbidden = []
    for module, path in python_modules().items():
        if room_of(module) == "imjoy_offline.mirror":
            continue
        for node in ast.walk(syntax_tree(path)):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in ("connect", "connect_ex", "create_connection", "open_connection", "sendto"):
                target = node.args[0] if node.args else None
                host = target.elts[0] if isinstance(target, ast.Tuple) else None
                if host is None or _dotted(host) != "APP_HOST":
                    forbidden.append(f"{module}, line {node.lineno}")
    assert not forbidden, forbidden
    assert APP_HOST == "127.0.0.1"


def test_processes_are_started_only_in_their_places() -> None:
    forbidden = {
        one.module
        for one in IMPORTS
        if any(_within(one.target, name) for name in STARTERS) and one.module not in MAY_START
    }
    for module in set(python_modules()) - set(MAY_START):
        for call in _attributes(module):
            base, _, name = call.partition(".")
            if base == "os" and (name in _STARTING_CALLS["os"] or name.startswith(("exec", "spawn"))):
                forbidden.add(f"{module} ({call})")
            if base == "asyncio" and name.startswith("create_subprocess"):
                forbidden.add(f"{module} ({call})")
    assert not forbidden, sorted(forbidden)


def test_only_the_console_prints() -> None:
    forbidden = []
    for module, path in python_modules().items():
        if module in (CONSOLE, "imjoy.__main__") or room_of(module) == "imjoy.runtime":
            continue
        for node in ast.walk(syntax_tree(path)):
            if isinstance(node, ast.Name) and node.id == "print":
                forbidden.append(f"{module}, line {node.lineno}: print")
        forbidden += [f"{module}: {call}" for call in _attributes(module) if call in ("sys.stdout", "sys.stderr")]
    assert not forbidden, forbidden
