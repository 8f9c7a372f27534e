import pytest

from imjoy_offline.mirror.files import by_base_name, default_file, exact_candidates, sibling


@pytest.mark.parametrize(
    ("manifest", "jsdelivr", "unpkg"),
    [
        ({"jsdelivr": "a.js", "unpkg": "b.js", "browser": "c.js", "main": "d.js"}, "a.js", "b.js"),
        ({"unpkg": "b.js", "browser": "c.js", "main": "d.js"}, "c.js", "b.js"),
        ({"browser": {"./x": "./y"}, "main": "./lib/d"}, "lib/d", "lib/d"),
        ({"main": "."}, "index.js", "index.js"),
        ({"main": "../../secret.js"}, "index.js", "index.js"),
        ({"main": "/lib/d.js"}, "lib/d.js", "lib/d.js"),
        ({"main": ""}, "index.js", "index.js"),
        ({}, "index.js", "index.js"),
        (None, "index.js", "index.js"),
        ([], "index.js", "index.js"),
    ],
)
def test_the_file_of_an_address_without_a_path(manifest: object, jsdelivr: str, unpkg: str) -> None:
    assert default_file(manifest, "jsdelivr") == jsdelivr
    assert default_file(manifest, "unpkg") == unpkg


def test_what_is_tried_for_a_path() -> None:
    assert exact_candidates("dist/a") == ("dist/a", "dist/a.js", "dist/a/index.js")


@pytest.mark.parametrize(
    ("path", "beside"),
    [
        ("dist/ol.min.js", "dist/ol.js"),
        ("a.min.css", "a.css"),
        ("jquery-min.js", "jquery.js"),
        ("a.min/b.js", None),
        ("a.js", None),
    ],
)
def test_the_unminified_sibling(path: str, beside: str | None) -> None:
    assert sibling(path) == beside


def test_the_search_by_base_name() -> None:
    names = ["deep/er/UPNG.js", "src/UPNG.js", "lib/x.min.js", "index.js", "package.json"]
    assert by_base_name("dist/UPNG.js", names) == "src/UPNG.js"
    assert by_base_name("dist/upng.min.js", names) == "src/UPNG.js"
    assert by_base_name("X.min.js", names) == "lib/x.min.js"
    assert by_base_name("y.js", names) is None
    assert by_base_name("dist/index.js", names) is None
    assert by_base_name("dist/package.json", names) is None
