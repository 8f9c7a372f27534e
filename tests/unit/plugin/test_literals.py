"""JSON and YAML texts read into plain values: what the config vectors do not show."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.errors import ManifestError
from imjoy_offline.plugin.literals import Place, read_json
from imjoy_offline.plugin.yaml_text import plain_scalar, read_yaml

PLACE = Place("list of things", 11, ManifestError)

OBJECTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=5,
)


@given(OBJECTS)
def test_json_that_was_written_is_read_back(value: dict[str, object]) -> None:
    literal = read_json(json.dumps(value), PLACE)
    assert literal.value == value
    assert literal.notes == ()


def test_errors_are_the_callers_and_name_its_text() -> None:
    with pytest.raises(ManifestError) as raised:
        read_json('\n{"a": 1,\n}', PLACE)
    assert raised.value.line == 12
    assert raised.value.message == (
        "The list of things is not valid JSON at line 12: there is a comma after the last entry."
    )
    assert raised.value.hint == "Remove that comma."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", "yes"),
        ("Off", "Off"),
        ("true", True),
        ("FALSE", False),
        ("", None),
        ("Null", None),
        ("012", 12),
        ("-0", 0),
        ("0o10", 8),
        ("0xff", 255),
        ("1_0", "1_0"),
        ("1:30", "1:30"),
        ("0b1", "0b1"),
        ("2020-01-02", "2020-01-02"),
        ("1.", 1.0),
        (".5e1", 5.0),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("-.inf", math.nan),
    ],
)
def test_plain_scalars_follow_yaml_1_2(text: str, expected: object) -> None:
    found = plain_scalar(text)
    assert type(found) is type(expected)
    assert found == expected or (isinstance(found, float) and math.isnan(found))


@pytest.mark.parametrize("body", ["a: .nan", "a: -.INF", "a: 1e999"])
def test_yaml_numbers_without_a_finite_value(body: str) -> None:
    with pytest.raises(ManifestError, match="too large"):
        read_yaml(body, PLACE)


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("a: 1\nb: !!binary aGk=", 12, "tag !!binary has no place"),
        ("a: 1\n? [x]\n: 2", 12, "a key is a list or a mapping"),
        ("a: 1\nb:\n  <<: text", 13, "<< wants a mapping"),
        ("a: 1\n---\nb: 2", 12, "not valid YAML"),
        ("a: 1\nb: \x07", 12, "a character that YAML does not allow"),
        ("a: *nowhere", 11, "undefined alias"),
        ("a:\n\t- x", 12, "not valid YAML"),
        ("# nothing", 11, "is empty"),
    ],
)
def test_yaml_errors_name_their_line(body: str, line: int, words: str) -> None:
    with pytest.raises(ManifestError) as raised:
        read_yaml(body, PLACE)
    assert words in raised.value.message
    assert raised.value.line == line


def test_of_several_merged_mappings_the_first_counts() -> None:
    body = "one: &one {x: 1}\ntwo: &two {x: 2, y: 2}\nall:\n  z: 0\n  <<: [*one, *two]"
    assert read_yaml(body, PLACE).value["all"] == {"x": 1, "y": 2, "z": 0}
