"""Every plugin has its entry, broken ones too, and each name one plugin."""

import hashlib
import json
from pathlib import Path

from imjoy_offline.cache.lockfile import LockedArtifact, LockedEnvironment, Lockfile, MissingItem
from imjoy_offline.plugin.manifest import scan_repository
from imjoy_offline.site.catalogue import Repository, make_catalogue
from tests.helpers.tiny_site import GONE, HERE, PLUGIN, write

LOCK = Lockfile.of([LockedArtifact("npm:here@1.2.3/here.js", 1, "0" * 64, (HERE,))], [], [], [])


def _repository(folder: Path, name: str = "Lab", **files: str) -> Repository:
    for stem, text in files.items():
        write(folder / f"{stem}.imjoy.html", text)
    return Repository(name, "Plugins.", folder, scan_repository(folder))


def test_an_entry(tmp_path: Path) -> None:
    catalogue = make_catalogue([_repository(tmp_path, viewer=PLUGIN)], LOCK)
    (entry,) = catalogue.document["plugins"]
    digest = hashlib.sha256(PLUGIN.encode()).hexdigest()
    assert entry["config"]["version"] == "0.1.0"
    assert {key: value for key, value in entry.items() if key not in ("config", "missing")} == {
        "name": "Viewer",
        "type": "window",
        "version": "0.1.0",
        "description": "Shows.",
        "icon": "eye",
        "cover": [],
        "tags": [],
        "labels": [],
        "repository": "Lab",
        "url": None,
        "path": f"/plugins/{digest}",
        "sha256": digest,
        "size": len(PLUGIN.encode()),
        "engine": False,
        "problem": None,
    }
    assert catalogue.texts == {digest: PLUGIN.encode()}
    assert catalogue.document["repositories"] == [{"name": "Lab", "description": "Plugins."}]
    assert catalogue.notes == ()


def test_what_nobody_mirrored_is_missing_with_its_line(tmp_path: Path) -> None:
    (entry,) = make_catalogue([_repository(tmp_path, viewer=PLUGIN)], LOCK).document["plugins"]
    (missing,) = entry["missing"]
    assert (missing["asked"], missing["line"]) == (GONE, 5)
    assert "python -m imjoy mirror" in missing["reason"]


def test_the_reason_in_the_lock_goes_before_ours(tmp_path: Path) -> None:
    items = [MissingItem(GONE, "Viewer", 5, "No such package."), MissingItem("other", "Another", 1, "Not ours.")]
    lock = Lockfile.of(LOCK.artifacts, [], [], items)
    (entry,) = make_catalogue([_repository(tmp_path, viewer=PLUGIN)], lock).document["plugins"]
    assert entry["missing"] == [{"asked": GONE, "line": 5, "reason": "No such package."}]


def test_a_fragment_does_not_make_another_address(tmp_path: Path) -> None:
    repository = _repository(tmp_path, viewer=PLUGIN.replace(HERE, HERE + "#part"))
    (entry,) = make_catalogue([repository], LOCK).document["plugins"]
    assert [item["asked"] for item in entry["missing"]] == [GONE]


def test_a_broken_plugin_has_its_entry_and_the_others_theirs(tmp_path: Path) -> None:
    repository = _repository(tmp_path, good=PLUGIN, bad="<config>{oops}</config><script></script>", empty="")
    catalogue = make_catalogue([repository], LOCK)
    entries = {entry["name"]: entry for entry in catalogue.document["plugins"]}
    assert set(entries) == {"Viewer", "bad", "empty"}
    assert entries["Viewer"]["problem"] is None
    for name in ("bad", "empty"):
        problem = entries[name]["problem"]
        assert problem is not None and name in problem
        assert entries[name]["config"] == {} and entries[name]["type"] == ""
    assert len(catalogue.notes) == 2


def test_the_first_repository_wins_and_the_other_is_noted(tmp_path: Path) -> None:
    own = _repository(tmp_path / "own", "Own", viewer=PLUGIN.replace("Shows.", "Mine."))
    shipped = _repository(tmp_path / "shipped", "Shipped", view=PLUGIN)
    catalogue = make_catalogue([own, shipped], LOCK)
    assert [(entry["repository"], entry["description"]) for entry in catalogue.document["plugins"]] == [
        ("Own", "Mine.")
    ]
    assert len(catalogue.texts) == 1
    (note,) = catalogue.notes
    assert all(word in note for word in ("Viewer", "viewer.imjoy.html", "view.imjoy.html", "Own", "Shipped"))


def test_a_yaml_config_goes_along_as_json(tmp_path: Path) -> None:
    config = "name: Y\ntype: native-python\nversion: 0.2.0\nlabels: [a]\n"
    text = f"<config lang='yaml'>\n{config}</config>\n<script lang='python'>x = 1</script>"
    (entry,) = make_catalogue([_repository(tmp_path, y=text)], LOCK).document["plugins"]
    assert entry["problem"] is None
    assert entry["engine"]
    assert json.loads(json.dumps(entry["config"]))["labels"] == ["a"]


def test_pictures_that_nothing_here_answers_are_left_out(tmp_path: Path) -> None:
    here, gone = f'["https://x.org/a.png", "{HERE}"]', '"icon": "https://x.org/i.png"'
    text = PLUGIN.replace('"cover": ""', f'"cover": {here}').replace('"icon": "eye"', gone)
    (entry,) = make_catalogue([_repository(tmp_path, viewer=text)], LOCK).document["plugins"]
    assert entry["problem"] is None
    assert (entry["icon"], entry["cover"]) == ("", [HERE])


def test_a_byte_order_mark_stays_in_the_text(tmp_path: Path) -> None:
    catalogue = make_catalogue([_repository(tmp_path, viewer="\ufeff" + PLUGIN)], LOCK)
    (entry,) = catalogue.document["plugins"]
    assert entry["problem"] is None
    assert catalogue.texts[entry["sha256"]] == (tmp_path / "viewer.imjoy.html").read_bytes()


SNAKE = """\
<config lang="json">
{"name": "Snake", "type": "native-python", "version": "0.1.0", "api_version": "0.1.8",
 "requirements": ["pip: NumPy",
                  "scipy>=1", "conda: fiji"]}
</config>
<script lang="python">x = 1</script>
"""


def _told(folder: Path, lock: Lockfile, text: str = SNAKE) -> list[tuple[str, int, str]]:
    (entry,) = make_catalogue([_repository(folder, snake=text)], lock).document["plugins"]
    assert entry["engine"] and entry["problem"] is None
    return [(item["asked"], item["line"], item["reason"]) for item in entry["missing"]]


def test_packages_that_nobody_mirrored_are_missing_with_their_lines(tmp_path: Path) -> None:
    numpy, scipy, fiji = sorted(
        _told(tmp_path, LOCK), key=lambda told: ("NumPy" not in told[0], "scipy" not in told[0])
    )
    assert numpy[:2] == ("pip: NumPy", 3) and scipy[:2] == ("scipy>=1", 4) and fiji[:2] == ("conda: fiji", 4)
    assert all("python -m imjoy mirror" in told[2] for told in (numpy, scipy))
    assert "conda" in fiji[2]


def test_a_plugin_whose_environment_is_locked_is_complete(tmp_path: Path) -> None:
    text = SNAKE.replace(', "conda: fiji"', "")
    locked = LockedEnvironment(("numpy", "scipy>=1"), "x86_64-pc-windows-msvc", "3.12", ())
    assert _told(tmp_path, Lockfile.of([], [], [], [], [], [locked]), text) == []
    other = LockedEnvironment(("numpy",), "x86_64-pc-windows-msvc", "3.12", ())
    assert len(_told(tmp_path, Lockfile.of([], [], [], [], [], [other]), text)) == 2


def test_why_an_environment_could_not_be_had_goes_before_that_it_is_not_there(tmp_path: Path) -> None:
    items = [
        MissingItem("scipy>=1", "Snake", 4, "Nothing fits."),
        MissingItem("conda: fiji", "Snake", 4, "No conda."),
        MissingItem("pip: NumPy", "Cobra", 4, "Not ours."),
    ]
    assert _told(tmp_path, Lockfile.of([], [], [], items)) == [
        ("conda: fiji", 4, "No conda."),
        ("scipy>=1", 4, "Nothing fits."),
    ]


def test_a_python_plugin_without_requirements_lacks_nothing(tmp_path: Path) -> None:
    text = SNAKE.replace('"pip: NumPy",\n                  "scipy>=1", "conda: fiji"', '"imjoy-rpc"')
    assert _told(tmp_path, LOCK, text) == []
