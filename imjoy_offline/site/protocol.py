"""The wire's table as a JavaScript module: ``imjoy/rpc/protocol.json`` is the authority, the module its copy.

``scripts/protocol.py`` writes the module to ``site_src/js/rpc/protocol.js``; a house test compares the two.
"""

import json
import re

_HEAD = """\
// Generated from imjoy/rpc/protocol.json by scripts/protocol.py: change that table and run the script again.

/** The table that both ends of every connection keep to. */
export const protocol = """
_WIDTH = 110
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def protocol_module(text: str) -> str:
    """The ES module for the table in ``text``; raises json.JSONDecodeError when that is no JSON."""
    return f"{_HEAD}{_frozen(json.loads(text), 0)};\n"


def _frozen(value: object, depth: int) -> str:
    """``value`` as JavaScript, every object and array of it frozen, one line each where they fit."""
    if isinstance(value, dict):
        items = [f"{_key(key)}: {_frozen(item, depth + 1)}" for key, item in value.items()]
        return _group("{", "}", items, depth, spaced=True)
    if isinstance(value, list):
        return _group("[", "]", [_frozen(item, depth + 1) for item in value], depth, spaced=False)
    return json.dumps(value, ensure_ascii=True)


def _group(opening: str, closing: str, items: list[str], depth: int, *, spaced: bool) -> str:
    gap = " " if spaced and items else ""
    line = f"Object.freeze({opening}{gap}{', '.join(items)}{gap}{closing})"
    if depth and "\n" not in line and len(line) + 4 * depth <= _WIDTH:
        return line
    indent = "  " * (depth + 1)
    body = "".join(f"{indent}{item},\n" for item in items)
    return f"Object.freeze({opening}\n{body}{'  ' * depth}{closing})"


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else json.dumps(name)
