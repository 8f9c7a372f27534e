"""Configs, from the vectors that JavaScript reads too, and properties beyond them."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imjoy_offline.errors import ConfigError
from imjoy_offline.plugin.config import TAGGED_FIELDS, PluginConfig, compare_versions, read_config
from imjoy_offline.plugin.file import Block, parse_plugin_file

VECTORS = Path(__file__).parents[2] / "vectors" / "plugin_config.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text(encoding="utf-8"))
FORMS: list[dict[str, Any]] = json.loads((VECTORS.parent / "plugin_form.json").read_text(encoding="utf-8"))

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3) | st.just("a"), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*TAGGED_FIELDS, "name", "tags", "version", "api_version", "mode", "defaults", "lang", "docs"])


def plain(value: object) -> object:
    """A field as the vectors write it: blocks by their content."""
    if isinstance(value, tuple):
        return [item.content if isinstance(item, Block) else item for item in value]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_vector(case: dict[str, Any]) -> None:
    file = parse_plugin_file(case["input"])
    if "error" in case:
        with pytest.raises(ConfigError) as raised:
            read_config(file, case.get("tag"))
        assert {"line": raised.value.line, "message": str(raised.value)} == case["error"]
        return
    config = read_config(file, case.get("tag"))
    assert {name: plain(getattr(config, name)) for name in case["expected"]} == case["expected"]


def test_the_vectors_know_every_field() -> None:
    assert len(CASES) >= 25
    complete = CASES[0]["expected"]
    assert {field.name for field in fields(PluginConfig)} == set(complete)


@pytest.mark.parametrize("case", FORMS, ids=lambda case: case["name"])
def test_a_form_reaches_the_page_as_it_was_written(case: dict[str, Any]) -> None:
    config = {"name": "F", "type": "window", "description": "d", "ui": case["input"], "tags": []}
    if isinstance(case["input"], dict):
        with pytest.raises(ConfigError, match="one value for each tag"):
            read_config(parse_plugin_file(f'<config lang="json">{json.dumps(config)}</config><script>x</script>'))
        return
    text = f'<config lang="json">{json.dumps(config)}</config><script>x</script>'
    expected = case["input"] if isinstance(case["input"], str | list) else ""
    assert read_config(parse_plugin_file(text)).ui == expected


@given(st.dictionaries(NAMES, VALUES, max_size=8), st.sampled_from(["json", "yaml"]), st.none() | st.just("a"))
@settings(max_examples=150, deadline=None)
def test_any_object_gives_a_config_or_the_own_error(values: dict[str, Any], lang: str, tag: str | None) -> None:
    whole = {"name": "N", "type": "window", **values}
    text = f'<config lang="{lang}">{json.dumps(whole)}</config><script>x</script>'
    try:
        config = read_config(parse_plugin_file(text), tag)
    except ConfigError as error:
        assert error.line == 1
        return
    json.dumps(dict(config.raw), allow_nan=False).encode()
    assert config.name == whole["name"]
    assert config.type
    assert all(isinstance(entry, str) for entry in config.requirements)


@given(st.text(alphabet="{}[]:,\"'-ab1.e\\ \n\t#&*!|><?%@~", max_size=60), st.sampled_from(["json", "yaml", "none"]))
@settings(max_examples=400, deadline=None)
def test_any_config_text_gives_a_config_or_the_own_error(body: str, lang: str) -> None:
    file = parse_plugin_file(f'<docs>\n</docs><config lang="{lang}">{body}</config><script>x</script>')
    try:
        read_config(file)
    except ConfigError as error:
        assert error.line is not None
        assert 1 <= error.line <= file.text.count("\n") + 1
        assert error.hint


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_yaml_text_gives_a_config_or_the_own_error(body: str) -> None:
    file = parse_plugin_file(f'<config lang="yaml">\nname: {body}\ntype: window\n</config><script>x</script>')
    try:
        read_config(file)
    except ConfigError as error:
        assert error.line is not None


@pytest.mark.parametrize("depth", [70, 3_000])
@pytest.mark.parametrize("lang", ["json", "yaml"])
def test_depth_is_an_error_in_words(depth: int, lang: str) -> None:
    body = '{"x": ' + "[" * depth + "]" * depth + "}"
    with pytest.raises(ConfigError, match="nested too deeply"):
        read_config(parse_plugin_file(f'<config lang="{lang}">{body}</config><script>x</script>'))


def test_merges_that_multiply_are_an_error_in_words() -> None:
    lines = ["a0: &a0 {k: v}"] + [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)]
    body = "\n".join(lines)
    with pytest.raises(ConfigError, match="too many values"):
        read_config(parse_plugin_file(f'<config lang="yaml">\n{body}\n</config><script>x</script>'))


def test_a_number_of_very_many_digits_is_an_error_in_words() -> None:
    for lang in ("json", "yaml"):
        text = f'<config lang="{lang}">{{"x": {"9" * 6000}, "name": "N"}}</config><script>x</script>'
        with pytest.raises(ConfigError):
            read_config(parse_plugin_file(text))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("0.1.1", "0.1.1", 0),
        ("0.1.10", "0.1.9", 1),
        ("0.1", "0.1.0", 0),
        ("1", "0.9.9", 1),
        ("", "0.0.1", -1),
        ("0.x.3", "0.0.3", 0),
        ("0.1.8b", "0.1.0", 0),
    ],
)
def test_versions(left: str, right: str, expected: int) -> None:
    assert compare_versions(left, right) == expected
    assert compare_versions(right, left) == -expected


def test_which_types_need_an_engine() -> None:
    def needs(plugin_type: str) -> bool:
        text = f'<config lang="json">{{"name": "N", "type": "{plugin_type}"}}</config><script>x</script>'
        return read_config(parse_plugin_file(text)).needs_engine

    assert [needs(name) for name in ("window", "web-worker", "collection", "native-python", "web-python")] == [
        *(False, False, False),
        *(True, True),
    ]
