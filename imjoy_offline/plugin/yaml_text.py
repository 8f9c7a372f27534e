"""YAML texts that people write, read into the plain values of ``literals``.

YAML 1.2 as far as a config needs it: yes, no, on, off and dates stay text, 012 is twelve, a key that is no text
becomes one. PyYAML composes the nodes; the values are built here, since its own constructors know YAML 1.1 and let
aliases multiply without end. Called by ``config``. It has no twin: pages get YAML configs as JSON.
"""

import math
import re
from typing import Final

import yaml

from imjoy_offline.errors import InputError
from imjoy_offline.plugin.literals import (
    DEPTH_LIMIT,
    JsonValue,
    Literal,
    Place,
    empty,
    literal,
    repeated_note,
    too_large,
)

_VALUE_LIMIT: Final = 100_000
_PREFIX: Final = "tag:yaml.org,2002:"
_MERGE: Final = _PREFIX + "merge"
_PLAIN: Final = _PREFIX + "plain"
_SCALARS: Final = frozenset(_PREFIX + name for name in ("plain", "merge", "int", "float", "bool", "null"))
_INTEGER = re.compile(r"[-+]?[0-9]{1,400}|0o[0-7]{1,400}|0x[0-9a-fA-F]{1,400}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_CONSTANTS: Final[dict[str, JsonValue]] = {
    **{word: None for word in ("", "~", "null", "Null", "NULL")},
    **{word: True for word in ("true", "True", "TRUE")},
    **{word: False for word in ("false", "False", "FALSE")},
}


def read_yaml(text: str, place: Place) -> Literal:
    """The object that ``text`` holds as YAML 1.2; raises ``place.error`` with the line in the whole file."""
    if not text.strip():
        raise empty(place)
    try:
        node: yaml.Node | None = _Loader(text).get_single_node()
    except yaml.YAMLError as problem:
        raise _unreadable(problem, text, place) from None
    except RecursionError:
        raise too_large(place) from None
    if node is None:
        raise empty(place)
    builder = _Builder(place)
    return literal(builder.value(node, 0), builder.notes, place)


def _unreadable(problem: yaml.YAMLError, text: str, place: Place) -> InputError:
    """The parser's own words and place."""
    line, words = 1, "it cannot be read"
    if isinstance(problem, yaml.MarkedYAMLError):
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        words = problem.problem or problem.context or words
    elif isinstance(problem, yaml.reader.ReaderError):
        line = 1 + text.count("\n", 0, problem.position)
        words = "there is a character that YAML does not allow"
    return _fail(place, line, words, "Check the indentation, the colons and the quotes there.")


def _fail(place: Place, line: int, words: str, hint: str) -> InputError:
    where = place.first_line + line - 1
    return place.fail(f"The {place.what} is not valid YAML at line {where}: {words}.", hint, line)


class _Loader(yaml.SafeLoader):
    """Composes nodes; a scalar without quotes and tag is marked plain in place of what YAML 1.1 makes of it."""

    def resolve(self, kind: type[yaml.Node], value: str, implicit: tuple[bool, bool]) -> str:
        """The tag of a node that has none."""
        if kind is yaml.ScalarNode and implicit[0]:
            return _MERGE if value == "<<" else _PLAIN
        tag: str = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        return tag


class _Builder:
    """Turns composed nodes into plain values, counting them."""

    def __init__(self, place: Place) -> None:
        self.notes: list[str] = []
        self._place = place
        self._left = _VALUE_LIMIT
        self._checked: set[int] = set()

    def value(self, node: yaml.Node, depth: int) -> JsonValue:
        """The node's value; raises the place's error beyond the limits and for tags that JSON has nothing for."""
        self._left -= 1
        if depth > DEPTH_LIMIT or self._left < 0:
            raise too_large(self._place)
        if isinstance(node, yaml.MappingNode) and node.tag == _PREFIX + "map":
            return self._mapping(node, depth)
        if isinstance(node, yaml.SequenceNode) and node.tag == _PREFIX + "seq":
            return [self.value(item, depth + 1) for item in node.value]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        raise self._unsupported(node)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, JsonValue]:
        merged: dict[str, JsonValue] = {}
        own: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                merged = self._merged(value_node, depth) | merged
                continue
            key = self._key(key_node)
            if key in own and id(node) not in self._checked:
                self.notes.append(repeated_note(key, self._place.what))
            own[key] = self.value(value_node, depth + 1)
        self._checked.add(id(node))
        return merged | own

    def _merged(self, node: yaml.Node, depth: int) -> dict[str, JsonValue]:
        """What ``<<`` brings in; of a list, earlier mappings count before later ones."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, JsonValue] = {}
        for source in sources:
            value = self.value(source, depth + 1)
            if not isinstance(value, dict):
                raise _fail(self._place, node.start_mark.line + 1, "<< wants a mapping", "Name a mapping there.")
            merged = value | merged
        return merged

    def _key(self, node: yaml.Node) -> str:
        """The key as the text that JavaScript makes of it."""
        value = self.value(node, DEPTH_LIMIT) if isinstance(node, yaml.ScalarNode) else [None]
        if isinstance(value, str):
            return value
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, int | float):
            return str(value)
        line = node.start_mark.line + 1
        raise _fail(self._place, line, "a key is a list or a mapping", "Write a simple name as the key.")

    def _scalar(self, node: yaml.ScalarNode) -> JsonValue:
        text: str = node.value
        if node.tag == _PREFIX + "str":
            return text
        if node.tag in _SCALARS:
            return plain_scalar(text)
        raise self._unsupported(node)

    def _unsupported(self, node: yaml.Node) -> InputError:
        tag = node.tag.replace(_PREFIX, "!!")
        line = node.start_mark.line + 1
        return _fail(self._place, line, f"the tag {tag} has no place in a config", "Remove that tag.")


def plain_scalar(text: str) -> JsonValue:
    """A scalar without quotes, by the core schema of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _FLOAT.fullmatch(text):
        return float(text)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", text):
        return math.nan
    return text
