from dataclasses import dataclass
from pathlib import Path

import pytest

from imjoy_offline.cache.vendor import Vendor, VendorPackage
from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.errors import ConfigError
from imjoy_offline.mirror.environments import PackageSet
from imjoy_offline.mirror.plan import Plan, plan, repository_folders
from imjoy_offline.mirror.settings import Settings, parse_settings
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.plugin.manifest import RepositoryEntry, scan_repository

VIEWER = """\
<config lang="json">
{
  "name": "Viewer",
  "type": "window",
  "version": "0.1.0",
  "api_version": "0.1.8",
  "tags": ["small", "large"],
  "cover": "https://example.org/cover.png",
  "icon": "extension",
  "requirements": {
    "small": ["https://unpkg.com/leaflet@1.3.1"],
    "large": ["https://unpkg.com/leaflet@1.3.1", "js:https://cdn.jsdelivr.net/npm/vega@5?x#y"]
  },
  "dependencies": ["Maker", "oeway/elsewhere:Other Plugin@stable"]
}
</config>
<script lang="javascript">api.export({})</script>
"""
MAKER = """\
<config lang="json">
{"name": "Maker", "type": "web-worker", "version": "0.1.0", "requirements":
 ["https://example.org/own.js", "lib/own.js"], "api_version": "0.1.8"}
</config>
<script lang="javascript">api.export({})</script>
"""
PYTHON = """\
<config lang="json">
{"name": "Snake", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8",
 "requirements": ["numpy", "strange:thing"]}
</config>
<script lang="python">api.export({})</script>
"""

TAGGED = (
    '"tags": ["CPU", "GPU", "none"], "requirements": {"CPU": "pip: NumPy", "GPU": ["pip:numpy", "cupy"], "none": []}'
)


@dataclass(frozen=True)
class Scanned:
    entries: tuple[RepositoryEntry, ...]


def scanned(folder: Path, **plugins: str) -> Scanned:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in plugins.items():
        (folder / f"{name}.imjoy.html").write_text(text, encoding="utf-8")
    return Scanned(scan_repository(folder))


def wants(made: Plan) -> list[tuple[str, str, int]]:
    return [(want.asked, want.plugin, want.line) for want in made.wants]


def test_what_plugins_want_under_any_tag_with_plugin_and_line(tmp_path: Path) -> None:
    made = plan(Settings(), Vendor(), [scanned(tmp_path, viewer=VIEWER, maker=MAKER)])
    assert wants(made) == [
        ("https://cdn.jsdelivr.net/npm/vega@5?x#y", "Viewer", 12),
        ("https://unpkg.com/leaflet@1.3.1", "Viewer", 11),
    ]
    assert made.wants[0].source.url == "https://cdn.jsdelivr.net/npm/vega@5?x"
    assert [(want.asked, want.plugin, want.line) for want in made.direct] == [
        ("https://example.org/cover.png", "Viewer", 8),
        ("https://example.org/own.js", "Maker", 3),
    ]
    assert made.plugins == ("Maker", "Viewer")
    refused = {(item.asked, item.plugin): (item.line, item.reason) for item in made.refused}
    assert refused.keys() == {
        ("lib/own.js", "Maker"),
        ("oeway/elsewhere:Other Plugin@stable", "Viewer"),
    }
    assert refused["lib/own.js", "Maker"][0] == 3
    assert all(reason for _, reason in refused.values())


def test_python_packages_are_wanted_under_each_tag(tmp_path: Path) -> None:
    made = plan(Settings(), Vendor(), [scanned(tmp_path, snake=PYTHON)])
    assert [(want.plugin, want.tag, want.packages) for want in made.python] == [("Snake", "", ("numpy",))]
    assert made.python[0].places == (("numpy", "numpy", 3),)
    assert {(item.asked, item.line) for item in made.refused} == {("strange:thing", 3)}
    assert made.package_sets == (PackageSet(("numpy",), Target.here()),)


def test_plugins_with_the_same_packages_share_a_set(tmp_path: Path) -> None:
    tagged = PYTHON.replace('"requirements": ["numpy", "strange:thing"]', TAGGED).replace("Snake", "Cobra")
    made = plan(Settings(), Vendor(), [scanned(tmp_path, snake=PYTHON, cobra=tagged)])
    assert [(want.plugin, want.tag, want.packages) for want in made.python] == [
        ("Cobra", "CPU", ("numpy",)),
        ("Cobra", "GPU", ("cupy", "numpy")),
        ("Cobra", "none", ()),
        ("Snake", "", ("numpy",)),
    ]
    assert [one.packages for one in made.package_sets] == [("cupy", "numpy"), ("numpy",)]
    assert "; 2 sets of Python packages; 1 thing that this version cannot bring" in made.text


def test_python_for_the_browser_is_told_not_skipped(tmp_path: Path) -> None:
    web = PYTHON.replace("native-python", "web-python").replace('"strange:thing"', '"https://example.org/x.js"')
    made = plan(Settings(), Vendor(), [scanned(tmp_path, web=web)])
    assert made.python == ()
    reasons = {item.asked: item.reason for item in made.refused}
    assert reasons.keys() == {"numpy"} and "for the browser" in reasons["numpy"]
    assert [want.asked for want in made.direct] == ["https://example.org/x.js"]


def test_broken_plugins_want_nothing(tmp_path: Path) -> None:
    made = plan(Settings(), Vendor(), [scanned(tmp_path, broken="<config>{", maker=MAKER)])
    assert made.plugins == ("Maker",)


def test_only_the_chosen_plugins_and_what_they_depend_on(tmp_path: Path) -> None:
    repository = scanned(tmp_path, viewer=VIEWER, maker=MAKER, snake=PYTHON)
    assert plan(Settings(plugins=("Viewer",)), Vendor(), [repository]).plugins == ("Maker", "Viewer")
    assert plan(Settings(plugins=("Maker",)), Vendor(), [repository]).plugins == ("Maker",)
    with pytest.raises(ConfigError, match=r"line 2: no repository has a plugin named 'Nobody'") as caught:
        plan(parse_settings("plugins:\n  - Nobody\n"), Vendor(), [repository])
    assert caught.value.line == 2 and "Maker, Snake, Viewer" in caught.value.hint


def test_of_two_plugins_of_one_name_the_first_counts(tmp_path: Path) -> None:
    other = MAKER.replace("https://example.org/own.js", "https://unpkg.com/other@1.0.0")
    made = plan(Settings(), Vendor(), [scanned(tmp_path / "1", a=MAKER), scanned(tmp_path / "2", a=other)])
    assert made.wants == ()


def test_extra_comes_with_its_line() -> None:
    settings = parse_settings("extra:\n  - npm:a@1.0.0/b.js\n  - https://example.org/x\n  - own/file.js\n")
    made = plan(settings, Vendor(), [])
    assert wants(made) == [("npm:a@1.0.0/b.js", "imjoy.yaml", 2)]
    assert [(want.asked, want.plugin, want.line) for want in made.direct] == [
        ("https://example.org/x", "imjoy.yaml", 3)
    ]
    assert [(item.asked, item.line) for item in made.refused] == [("own/file.js", 4)]


def test_the_plan_in_words(tmp_path: Path) -> None:
    vendor = Vendor((VendorPackage("lit", "3.3.3", "sha512-x", {"a.js": "a" * 64, "b.js": "b" * 64}),))
    text = plan(Settings(), vendor, [scanned(tmp_path, viewer=VIEWER)]).text
    assert text == (
        "1 plugin; 2 files of 1 package for the app itself; 3 addresses for plugins; "
        "2 things that this version cannot bring"
    )


def test_repositories_of_a_folder(tmp_path: Path) -> None:
    shipped, lab = tmp_path / "shipped", tmp_path / "lab"
    folder = WorkingFolder(tmp_path / "work")
    for path in (shipped, lab, folder.root):
        path.mkdir()
    assert repository_folders(folder, Settings(), shipped) == (shipped,)
    assert repository_folders(folder, parse_settings("repositories: [../lab]"), shipped) == (folder.root / "../lab",)
    both = parse_settings(f"repositories: [shipped, '{lab}', ../lab]")
    assert repository_folders(folder, both, shipped) == (shipped, lab)
    folder.own_repository.mkdir()
    assert repository_folders(folder, Settings(), shipped) == (shipped, folder.own_repository)
    assert repository_folders(folder, Settings(), folder.own_repository) == (folder.own_repository,)
    with pytest.raises(ConfigError, match=r"line 1: there is no folder 'nowhere'"):
        repository_folders(folder, parse_settings("repositories: [nowhere]"), shipped)
