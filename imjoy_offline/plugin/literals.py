"""JSON texts that people write, read into plain values.

Beyond the standard parser: one sentence per error with its line in the whole file, duplicate keys noted, limits.
Called by ``config``, ``manifest`` and ``yaml_text``, which reads YAML into the same values.
``site_src/js/plugins/literals.js`` is the twin; both are held together by ``tests/vectors/plugin_config.json``.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from imjoy_offline.errors import InputError

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

DEPTH_LIMIT: Final = 64
_LONGEST_INTEGER: Final = 400
_STRING_OR_CONSTANT = re.compile(r'"(?:\\.|[^"\\])*"|NaN|-?Infinity', re.DOTALL)
_LAST_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Literal:
    """An object that was read, and what was odd about it."""

    value: Mapping[str, JsonValue]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """What is read, for the sentences: its name, the line it begins on, and the error to raise about it."""

    what: str
    first_line: int
    error: type[InputError]

    def fail(self, problem: str, hint: str, line: int = 1) -> InputError:
        """The error for ``line`` of this text (from 1)."""
        return self.error(problem, hint=hint, line=self.first_line + line - 1)


class _NotFinite(ValueError):
    """NaN or Infinity, which JSON does not know."""


def read_json(text: str, place: Place) -> Literal:
    """The object that ``text`` holds as JSON; raises ``place.error`` with the line in the whole file."""
    notes: list[str] = []

    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        result = dict(items)
        if len(result) < len(items):
            notes.extend(_repeated([key for key, _ in items], place.what))
        return result

    def constant(name: str) -> None:
        raise _NotFinite(name)

    if not text.strip(" \t\r\n"):
        raise empty(place)
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=constant, parse_int=_integer)
    except json.JSONDecodeError as problem:
        position, unended = problem.pos, problem.msg.startswith("Unterminated")
        if problem.msg.startswith("Invalid \\"):
            position = text.rfind("\\", 0, problem.pos + 1)
            unended = bool(_LAST_ESCAPE.match(text, position))
        raise _json_error(text, position, place, unended_text=unended) from None
    except _NotFinite:
        found = (match for match in _STRING_OR_CONSTANT.finditer(text) if not match[0].startswith('"'))
        raise _json_error(text, next(found).start(), place) from None
    except RecursionError:
        raise too_large(place) from None
    return literal(value, notes, place)


def literal(value: object, notes: Sequence[str], place: Place) -> Literal:
    """``value`` as a plain object within the limits; raises the place's error for anything else."""
    plain = _plain(value, 0, place)
    if not isinstance(plain, dict):
        kind = "a list" if isinstance(plain, list) else "a single value"
        raise place.fail(
            f"The {place.what} must hold one object with named fields, but it holds {kind}.",
            'Write it as { "name": ... }.',
        )
    return Literal(plain, tuple(notes))


def empty(place: Place) -> InputError:
    """The error for a text that holds nothing."""
    return place.fail(f"The {place.what} is empty.", 'Write it as { "name": ... }.')


def too_large(place: Place) -> InputError:
    """The error for a text beyond the limits."""
    return place.fail(f"The {place.what} is nested too deeply or holds too many values.", "Make it smaller or flatter.")


def _repeated(keys: Sequence[str], what: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
    return (repeated_note(key, what) for key, count in seen.items() if count > 1)


def repeated_note(key: str, what: str) -> str:
    """What is said of a key that is there twice."""
    return f'The key "{key}" is written more than once in the {what}; the last one counts.'


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else math.inf


def _json_error(text: str, position: int, place: Place, *, unended_text: bool = False) -> InputError:
    """Say what a person did wrong at ``position``; the wording is by the character there, equal in the twin."""
    character = text[position : position + 1]
    before = text[:position].rstrip(" \t\r\n")
    if character in ("}", "]") and before.endswith(","):
        position = len(before) - 1
        character = ","
    if character == "," and text[position + 1 :].lstrip(" \t\r\n")[:1] in ("}", "]"):
        detail, hint = "there is a comma after the last entry", "Remove that comma."
    elif not character:
        detail, hint = "it ends too early", "Close every { with } and every [ with ]."
    elif unended_text:
        detail, hint = "a text begins there that never ends", 'Write the missing ".'
    elif character == '"':
        detail, hint = 'a " was not expected there', "Look for a comma missing before it."
    elif character == "'":
        detail, hint = "a text begins with '", 'JSON wants double quotes: write ".'
    elif character in "/#":
        detail, hint = f"a {character} was not expected there", "JSON knows no comments: remove them."
    elif character == "\\":
        detail, hint = "a text holds a backslash that means nothing", "Write it twice: \\\\."
    elif character < " ":
        detail, hint = "a text is broken off by a line end or tab", "Write \\n or \\t in place of it."
    else:
        detail = f'"{character}" was not expected there'
        hint = "Look for a missing quote, comma or colon; names and texts stand in double quotes."
    line = 1 + text.count("\n", 0, position)
    where = place.first_line + line - 1
    return place.fail(f"The {place.what} is not valid JSON at line {where}: {detail}.", hint, line)


def _plain(given: object, depth: int, place: Place) -> JsonValue:
    """``given`` with whole texts and finite numbers; raises the place's error for what JSON cannot carry."""
    if depth > DEPTH_LIMIT:
        raise too_large(place)
    if given is None or isinstance(given, bool | int):
        return given
    if isinstance(given, str):
        return _whole(given)
    if isinstance(given, list):
        return [_plain(item, depth + 1, place) for item in given]
    if isinstance(given, dict):
        return {_whole(key): _plain(item, depth + 1, place) for key, item in given.items()}
    if isinstance(given, float) and math.isfinite(given):
        return given
    raise place.fail(f"The {place.what} holds a number that is too large.", "Write an ordinary number.")


def _whole(text: str) -> str:
    """The text with surrogate pairs joined and lone halves replaced, which could not be written as UTF-8."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
