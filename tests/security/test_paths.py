"""A request tries to name files that lie beside the site: the folder's lock, the store, the token, the system's own.

Addresses are looked up in a table and never joined to a folder, so there is nothing to escape from; these hold that.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.served_site import PLUGIN_DIGEST, Served, build_served_site, serving

SECRET = "the-secret-beside-the-site"


@pytest.fixture(scope="module", params=["httptools", "h11"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root = tmp_path_factory.mktemp("served")
    folder = build_served_site(root / "folder")
    (folder.root / "imjoy.lock").write_text(SECRET)
    (folder.cache / "secret.txt").write_text(SECRET)
    built = folder.current_site()
    assert built is not None
    # In the site's own folder, but in no list; and a link that leads out.
    (built / "app/js/unlisted.js").write_text(SECRET)
    (built / "app/js/link.js").symlink_to(folder.root / "imjoy.lock")
    with serving(folder, root / "state", http=request.param) as served:
        yield served


CLIMBS = [
    "..",
    "%2e%2e",
    "%2E.",
    ".%2e",
    "..%2f..",
    "..%5c..",
    "..\\..",
    "....//..",
    "%252e%252e",
    "..;",
    "..%00",
    "%c0%ae%c0%ae",
]
BASES = [
    "/app/",
    "/app/js/",
    "/plugins/",
    "/cdn/npm/",
    "/cdn/npm/lit@3.0.0/",
    "/sandbox/",
    "/sandbox/js/",
    "/cdn/x/https/",
    "/",
]
ENDS = ["imjoy.lock", "secret.txt", "etc/passwd", "server.json", "current"]


@pytest.mark.parametrize("climb", CLIMBS)
def test_no_way_up(server: Served, climb: str) -> None:
    for base in BASES:
        for end in ENDS:
            for depth in (1, 3, 8):
                target = base + f"{climb}/" * depth + end
                for sandbox in (False, True):
                    answer = server.get(target, sandbox=sandbox)
                    assert 400 <= answer.status < 500, (target, answer)
                    assert SECRET not in answer.text
                    assert "root:" not in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "/app/js/unlisted.js",
        "/app/js/link.js",
        "/app/./js/main.js",
        "/app//js/main.js",
        "/app/js/main.js/",
        "/app/js/main.js%00",
        "/app/js/main.js%20",
        "/app/js/main.js::$DATA",
        "/app/js/MAIN.JS",
        "/app/js/../js/main.js",
        "/plugins/../app/js/main.js",
        f"/plugins/{PLUGIN_DIGEST.upper()}",
        "/app/C:/Windows/win.ini",
        "/app/\\\\host\\share\\x",
        "/file:///etc/passwd",
    ],
)
def test_only_what_is_listed_and_only_as_it_is_listed(server: Served, target: str) -> None:
    answer = server.get(target)
    assert answer.status in (400, 404), answer
    assert SECRET not in answer.text


def test_absent_and_hidden_files_have_the_same_answer(server: Served) -> None:
    hidden = server.get("/app/js/unlisted.js")
    absent = server.get("/app/js/no-such-file.js")
    assert (hidden.status, hidden.body) == (absent.status, absent.body)


def test_a_listed_file_is_given(server: Served) -> None:
    assert server.get("/app/js/main.js").status == 200
    assert server.get("/app/js/m%61in.js").status == 200


def test_no_answer_names_a_folder_of_this_computer(server: Served, tmp_path: Path) -> None:
    for target in ("/", "/no", "/app/js/unlisted.js", "/cdn/npm/no", "/api/status"):
        assert str(tmp_path.parent) not in server.get(target).text
