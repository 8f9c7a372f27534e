from pathlib import Path

from imjoy_offline.mirror.parts import Part, discard_all


def test_a_part_is_kept_with_what_identifies_it(tmp_path: Path) -> None:
    folder = tmp_path / "cache/partial"
    part = Part(folder, "https://me:secret@a.example/x.tgz?token=abc")
    assert (part.size, part.validator) == (0, "")
    part.begin('"tag"')
    part.path.write_bytes(b"half")
    again = Part(folder, part.url)
    assert (again.size, again.validator) == (4, '"tag"')
    for path in folder.iterdir():
        text = path.name + path.read_text()
        assert "secret" not in text and "a.example" not in text and "abc" not in text


def test_beginning_anew_forgets_what_was_there(tmp_path: Path) -> None:
    part = Part(tmp_path, "u")
    part.begin('"one"')
    part.path.write_bytes(b"old")
    part.begin("")
    assert (part.size, part.validator) == (0, "")


def test_parts_are_discarded_one_by_one_and_all_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "partial"
    one, two = Part(folder, "1"), Part(folder, "2")
    for part in (one, two):
        part.begin("t")
        part.path.write_bytes(b"x")
    one.discard()
    assert (one.size, two.size) == (0, 1)
    discard_all(folder)
    assert not folder.exists()
    discard_all(folder)
