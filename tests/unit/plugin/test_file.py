"""The blocks of a plugin file, from the vectors that JavaScript reads too, and properties beyond them."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imjoy_offline.errors import PluginFileError
from imjoy_offline.plugin.file import Block, PluginFile, dedent, parse_plugin_file

VECTORS = Path(__file__).parents[2] / "vectors" / "plugin_file.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))

TAGS = ["<config>", "</config>", "<script lang='x'>", "</script>", "<window", "<div>", "</div>", "<link a=b>"]
PIECES = st.sampled_from(
    [
        *TAGS,
        "<style>",
        "</STYLE >",
        "<docs/>",
        '<attachment name="',
        "<!--",
        "-->",
        "<![",
        "<",
        "</",
        ">",
        '"',
        "'",
        "\n",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=40).map("".join)


def described(block: Block, wanted: dict[str, Any]) -> dict[str, Any]:
    found = {"type": block.type, "content": block.content, "attrs": dict(block.attrs), "line": block.line}
    if "content_line" in wanted:
        found["content_line"] = block.content_line
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(PluginFileError) as raised:
            parse_plugin_file(case["input"])
        assert {"line": raised.value.line, "message": str(raised.value)} == case["error"]
        return
    file = parse_plugin_file(case["input"])
    wanted = case["expected"]["blocks"]
    assert len(file.blocks) == len(wanted)
    assert [described(*pair) for pair in zip(file.blocks, wanted, strict=True)] == wanted
    assert list(file.notes) == case["expected"]["notes"]


def test_enough_vectors() -> None:
    assert len(CASES) >= 25


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_any_text_gives_blocks_or_the_own_error(text: str) -> None:
    try:
        file = parse_plugin_file(text)
    except PluginFileError as error:
        assert error.line is not None
        assert 1 <= error.line <= text.count("\n") + 1
        return
    end = 0
    for block in file.blocks:
        assert end <= block.start <= block.end <= len(file.text)
        assert block.content == dedent(file.text[block.start : block.end])
        assert block.line <= block.content_line == 1 + file.text.count("\n", 0, block.start)
        end = block.end


@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["", "x", "y z"])), max_size=12), st.sampled_from(" \t"))
def test_dedenting_twice_is_dedenting_once(lines: list[tuple[int, str]], character: str) -> None:
    body = "\n".join(character * width + word for width, word in lines)
    once = dedent(body)
    assert dedent(once) == once
    assert once.count("\n") == body.count("\n")


@pytest.mark.parametrize(
    "unit",
    ["<a>", "</a", "<!--", "<![", '<a b="', "<a b='", "<a x ", "</ ", "<textarea>", "<docs>", "<docs/>", "&amp;"],
)
def test_repetition_takes_no_more_than_linear_time(unit: str) -> None:
    text = "<docs>" + unit * 60_000
    assert parse_plugin_file(text).blocks[-1].content.endswith(unit) or unit == "<docs/>"


def test_the_line_of_a_requirement() -> None:
    file = parse_plugin_file(
        '<docs>\nb.js\n</docs>\n<config lang="json">\n{"r": ["a.js",\n"b.js", "c\\"d"]}\n</config>'
    )
    assert isinstance(file, PluginFile)
    assert file.line_of("a.js") == 5
    assert file.line_of("b.js") == 6
    assert file.line_of('c"d') == 6
    assert file.line_of("nowhere") == 1


def test_blocks_by_type_and_attributes() -> None:
    file = parse_plugin_file("<script tag='a' async>1</script><docs>d</docs><script>2</script>")
    scripts = file.of_type("script")
    assert [script.content for script in scripts] == ["1", "2"]
    assert [scripts[0].attribute(name) for name in ("tag", "async", "lang")] == ["a", None, None]
