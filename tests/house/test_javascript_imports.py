"""The import table of the browser's half, and that every name it imports is one that the site serves."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from imjoy_offline.cache.vendor import read_vendor
from tests.helpers.source_tree import ROOT, Import, javascript_imports, javascript_modules, without_js_comments

# What a plugin is, as words and values: everybody may read it. With them goes what they are made of.
PURE_ROOTS = ("file", "config", "ui", "form_operations", "words", "catalogue")
IMPORTS = javascript_imports()


def made_of(roots: Iterable[str], folder: str) -> set[str]:
    """These modules and those of the same folder that they import, however far."""
    found, waiting = set(), [f"{folder}/{root}.js" for root in roots]
    while waiting:
        module = waiting.pop()
        found.add(module)
        more = (one.target for one in IMPORTS if one.module == module and one.target.startswith(f"{folder}/"))
        waiting += [target for target in more if target not in found]
    return found


PURE_PLUGINS = made_of(PURE_ROOTS, "plugins")
# What runs inside a plugin's frame or worker; the rest of that folder runs in the app and may know these.
FRAME_SIDE = made_of(("boot", "boot_page", "frame", "page", "worker"), "sandbox")
HOST_SIDE = made_of(("host",), "sandbox") - FRAME_SIDE

# A room may import itself and these: rooms, or single modules.
ROOMS: dict[str, set[str]] = {
    "core": set(),
    "rpc": {"core"},
    "workspace": {"core", *PURE_PLUGINS},
    "pure plugins": {"core", "workspace/records.js"},
    "sandbox host": {"core", "rpc", "workspace", "sandbox frame", *PURE_PLUGINS},
    "sandbox frame": {"core", "rpc"},
    "engine": {"core", "rpc", "workspace", *PURE_PLUGINS},
    "plugins": {"core", "rpc", "workspace", "engine", *HOST_SIDE, *PURE_PLUGINS},
    "windows": {"core", "workspace", *PURE_PLUGINS},
    "forms": {"core", *PURE_PLUGINS},
    "dialogs": {"core", "workspace", "forms", "engine/reachability.js", *PURE_PLUGINS},
    "shell": {
        "core",
        "rpc",
        "workspace",
        "plugins",
        "pure plugins",
        "engine",
        "windows",
        "forms",
        "dialogs",
        *HOST_SIDE,
    },
    "main": {
        "core",
        "rpc",
        "workspace",
        "plugins",
        "pure plugins",
        "engine",
        "windows",
        "forms",
        "dialogs",
        "shell",
        *HOST_SIDE,
    },
}


def room_of(module: str) -> str:
    """The room of a module named by its path below ``js/``."""
    if module in PURE_PLUGINS:
        return "pure plugins"
    if module == "main.js":
        return "main"
    folder = module.split("/")[0]
    if folder == "sandbox":
        return "sandbox frame" if module in FRAME_SIDE else "sandbox host"
    return folder


def is_bare(target: str) -> bool:
    """Whether a name is left to the page's import map."""
    return not target.endswith(".js") or target.split("/")[0] in vendored_packages()


@cache
def vendored_packages() -> set[str]:
    """The packages that the import map knows."""
    return {package.name for package in read_vendor(ROOT / "site_src" / "vendor.toml").packages}


def _allowed(one: Import) -> bool:
    room, other = room_of(one.module), room_of(one.target)
    return room == other or one.target in ROOMS[room] or other in ROOMS[room]


def test_every_module_imports_only_what_its_room_may() -> None:
    assert len(IMPORTS) > 10
    unknown = sorted(
        {room_of(path.relative_to(ROOT / "site_src/js").as_posix()) for path in javascript_modules()} - set(ROOMS)
    )
    assert not unknown, f"rooms that the table does not know: {unknown}"
    forbidden = [one for one in IMPORTS if not is_bare(one.target) and not _allowed(one)]
    assert not forbidden, "\n".join(f"{one.module}, line {one.line}: {one.target}" for one in forbidden)


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("core/events.js", "rpc/peer.js"),
        ("rpc/peer.js", "sandbox/host.js"),
        ("sandbox/frame.js", "plugins/manager.js"),
        ("sandbox/worker.js", "sandbox/host.js"),
        ("dialogs/install.js", "plugins/manager.js"),
        ("windows/window.js", "engine/client.js"),
        ("plugins/file.js", "workspace/store.js"),
        ("engine/client.js", "shell/shell.js"),
        ("sandbox/frame.js", "workspace/settings.js"),
    ],
)
def test_the_table_forbids(module: str, target: str) -> None:
    assert not _allowed(Import(module, target, 1))


def test_what_is_imported_is_there() -> None:
    base, packages = ROOT / "site_src" / "js", vendored_packages()
    for one in IMPORTS:
        where = f"{one.module}, line {one.line}: {one.target}"
        if is_bare(one.target):
            parts = one.target.split("/")
            package = "/".join(parts[:2]) if one.target.startswith("@") else parts[0]
            assert package in packages, f"{where} is not in site_src/vendor.toml"
            assert room_of(one.module) != "sandbox frame", f"{where}: the frame brings no library of ours"
        else:
            assert (base / one.target).is_file(), f"{where} does not exist"


def test_there_are_no_import_cycles() -> None:
    graph: dict[str, set[str]] = {}
    for one in IMPORTS:
        graph.setdefault(one.module, set()).add(one.target)
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"a cycle: {' -> '.join((*path[path.index(module) :], module))}"
        if module not in done:
            for target in sorted(graph.get(module, ())):
                visit(target, (*path, module))
            done.add(module)

    for module in sorted(graph):
        visit(module, ())


def test_only_named_exports_and_snake_case_file_names() -> None:
    for path in javascript_modules():
        code = without_js_comments(path.read_text(encoding="utf-8"))
        assert "export default" not in code, f"{path} has a default export"
        assert Path(path.name).stem.replace("_", "").isalnum(), path
        assert path.name == path.name.lower(), path
