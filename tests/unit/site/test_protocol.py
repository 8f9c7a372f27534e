"""The JavaScript module holds the same values as the JSON that it is made from."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imjoy_offline.site.protocol import protocol_module


def _values(module: str) -> object:
    """The module's value, read back by turning its few forms of JavaScript into JSON."""
    body = module.split("export const protocol = ", 1)[1].removesuffix(";\n")
    assert body.count("Object.freeze(") == body.count("{") + body.count("[")
    body = body.replace("Object.freeze(", "").replace("})", "}").replace("])", "]")
    body = re.sub(r",(\s*[}\]])", r"\1", body)
    return json.loads(re.sub(r"([{\n,]\s*)([A-Za-z_]\w*): ", r'\1"\2": ', body))


_WORDS = st.text(alphabet="ab_-1", min_size=1, max_size=30)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(_WORDS, inner, max_size=6),
    max_leaves=30,
)


@settings(max_examples=40)
@given(st.dictionaries(_WORDS, _VALUES))
def test_values_survive(table: dict[str, object]) -> None:
    assert _values(protocol_module(json.dumps(table))) == table


def test_it_says_where_it_comes_from() -> None:
    first = protocol_module("{}").splitlines()[0]
    assert first.startswith("// Generated from imjoy/rpc/protocol.json")


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(json.JSONDecodeError):
        protocol_module("{")
