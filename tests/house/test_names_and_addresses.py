"""What must not stand in the tree: names that some disk cannot hold, catch-all names, outside addresses."""

import re
from pathlib import Path, PurePosixPath

import pytest

from tests.helpers.portable_names import name_problems
from tests.helpers.source_tree import ROOT, javascript_modules, project_files, python_modules

CATCH_ALLS = {"utils", "util", "helpers", "helper", "common", "misc", "shared", "tools", "stuff"}
SERVED = {".js", ".css", ".html", ".svg", ".json", ".webmanifest"}
# Names of vocabularies that look like addresses; nobody fetches them.
NAMESPACES = ("http://www.w3.org/",)
ADDRESS = re.compile(r"""(?:\b(?:https?|wss?):)?//(?=[a-z0-9\[])[^\s"'`<>)\\]+""", re.IGNORECASE)
LOOPBACK = re.compile(r"^(?:https?|wss?)://(?:127\.0\.0\.1|localhost|\[::1\])(?![\w.-])")


def test_every_name_can_lie_on_windows_and_exfat() -> None:
    files = project_files()
    assert len(files) > 20
    assert not name_problems(PurePosixPath(path.as_posix()) for path in files)


@pytest.mark.parametrize(
    "name", ["a:b", "a/con.txt", "a/LPT1", "x?", "dot./y", "blank ", "tab\tx", "q" * 256, "/".join(["long" * 10] * 6)]
)
def test_names_that_some_disk_cannot_hold_are_found(name: str) -> None:
    assert name_problems([PurePosixPath(name)])


def test_names_that_differ_by_case_alone_are_found() -> None:
    assert name_problems([PurePosixPath("a/Read"), PurePosixPath("A/other")])
    assert not name_problems([PurePosixPath("a/read"), PurePosixPath("a/other"), PurePosixPath("console.py")])


def test_no_module_is_a_catch_all() -> None:
    stems = [(path, path.stem) for path in python_modules().values()] + [
        (path, path.stem) for path in javascript_modules()
    ]
    folders = [(path, part) for path, _ in stems for part in path.relative_to(ROOT).parts[:-1]]
    assert not [str(path) for path, name in stems + folders if name in CATCH_ALLS]


def outside_addresses(text: str, kind: str) -> list[str]:
    """Every address in a served file that is not loopback's or a namespace's."""
    if kind == ".js":
        # A comment's slashes are not an address; one written into a comment is, and does not belong there either.
        text = re.sub(r"(?m)(^|\s)//+(?=\s|$|[^/\w])", r"\1", text)
        found = [one for one in ADDRESS.findall(text) if "://" in one]
    else:
        found = ADDRESS.findall(text)
    return [one for one in found if not one.startswith(NAMESPACES) and not LOOPBACK.match(one)]


def test_what_the_site_serves_as_its_own_names_no_outside_address() -> None:
    found = []
    for path in sorted((ROOT / "site_src").rglob("*")):
        if path.suffix in SERVED:
            text = path.read_text(encoding="utf-8")
            found += [f"{path.relative_to(ROOT)}: {one}" for one in outside_addresses(text, path.suffix)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (".js", "fetch('https://example.org/x')"),
        (".js", "// see http://example.org"),
        (".js", "new WebSocket(`wss://example.org`)"),
        (".css", "@import url(//example.org/a.css);"),
        (".css", "a { background: url('https://example.org/a.png') }"),
        (".html", '<script src="//example.org/a.js"></script>'),
        (".svg", '<image href="http://www.example.org/a.png"/>'),
    ],
)
def test_outside_addresses_are_found(kind: str, text: str) -> None:
    assert outside_addresses(text, kind)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (".js", "// a comment\n/// <reference/>\nconst x = `http://127.0.0.1:${port}/`;"),
        (".svg", '<svg xmlns="http://www.w3.org/2000/svg"/>'),
        (".css", "/* a / b */ a { color: red }"),
    ],
)
def test_loopback_namespaces_and_comments_are_not_outside(kind: str, text: str) -> None:
    assert not outside_addresses(text, kind)


def test_the_npm_lock_file_names_no_registry() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "://" not in lock
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text(encoding="utf-8").splitlines()


def test_every_relative_link_of_the_documents_leads_somewhere() -> None:
    documents = [path for path in project_files() if path.suffix == ".md"]
    assert documents
    broken = []
    for document in documents:
        text = (ROOT / document).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s#]+)(?:#[^)]*)?\)", text):
            if "://" not in target and not (ROOT / document).parent.joinpath(Path(target)).exists():
                broken.append(f"{document}: {target}")
    assert not broken, broken
