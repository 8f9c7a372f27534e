"""A plugin file cut into its blocks.

An ``*.imjoy.html`` file looks like HTML but is not a document: the elements without an open parent whose names are
in ``BLOCK_TYPES`` are its blocks, everything else is kept out. Nothing is interpreted here; ``config`` reads the
config block. Called by ``config``, ``manifest`` and the builders. ``site_src/js/plugins/file.js`` is the twin; both
are held together by ``tests/vectors/plugin_file.json``.
"""

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from imjoy_offline.errors import PluginFileError

BLOCK_TYPES = frozenset({"config", "script", "window", "style", "docs", "link", "attachment"})

_FIRST_COUNTS = frozenset({"config", "docs"})
_RAW_TEXT = frozenset({"script", "style", "textarea"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "frame", "hr", "img", "input", "isindex", "keygen", "link"}
    | {"meta", "param", "source", "track", "wbr"}
)
_TAG_NAME = r"[A-Za-z_][A-Za-z0-9_.:-]*"
_TAG_OPEN = re.compile(rf"<({_TAG_NAME})")
_TAG_OPEN_END = re.compile(r"[ \t\n\r\f]*(/?)>")
_TAG_CLOSE = re.compile(rf"</({_TAG_NAME})")
_ATTRIBUTE = re.compile(
    r"""[ \t\n\r\f]*([^ \t\n\r\f"'<>/=]+)"""
    r"""(?:[ \t\n\r\f]*=[ \t\n\r\f]*(?:"([^"]*)"+|'([^']*)'+|([^ \t\n\r\f"'=<>`]+)))?"""
)
_ENTITY = re.compile(r"&(lt|gt|quot|amp);")
_ENTITIES = {"lt": "<", "gt": ">", "quot": '"', "amp": "&"}
_DOCTYPE = re.compile(r"<!doctype", re.IGNORECASE)
_LINE_END = re.compile(r"\r?\n")
_NOT_BLANK = re.compile(r"[^ \t\n\r\f\v]")


@dataclass(frozen=True)
class Block:
    """One block: ``content`` is the dedented body, ``start`` and ``end`` bound the body in the file's text.

    ``line`` is that of the start tag, ``content_line`` the one on which the body begins; both count from 1, and
    dedenting moves no line. An attribute without a value is ``True``.
    """

    type: str
    content: str
    attrs: Mapping[str, str | bool]
    start: int
    end: int
    line: int
    content_line: int

    def attribute(self, name: str) -> str | None:
        """The attribute's text; None where it is absent or has no value."""
        value = self.attrs.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class PluginFile:
    """A plugin file: its blocks in file order, its text without a byte order mark, and what was odd about it."""

    blocks: tuple[Block, ...]
    text: str
    notes: tuple[str, ...] = ()

    def of_type(self, block_type: str) -> tuple[Block, ...]:
        """The blocks of one type, in file order."""
        return tuple(block for block in self.blocks if block.type == block_type)

    def line_of(self, wanted: str) -> int:
        """The line on which the config block says ``wanted``, else the first line of the file that does, else 1.

        For naming the place of a requirement: the text is looked for as written and as a JSON string.
        """
        forms = (json.dumps(wanted), json.dumps(wanted, ensure_ascii=False), wanted)
        for block in self.of_type("config")[:1]:
            for form in forms:
                if (found := block.content.find(form)) >= 0:
                    return block.content_line + block.content.count("\n", 0, found)
        found = self.text.find(wanted)
        return 1 + self.text.count("\n", 0, max(found, 0))


def parse_plugin_file(text: str) -> PluginFile:
    """The blocks of a plugin's text; block and tag names in any letter case.

    Raises PluginFileError, with the line, for a text without any block and for a script or style that never ends.
    """
    scanner = _Scanner(text.removeprefix("\ufeff"))
    scanner.run()
    if not scanner.blocks:
        raise PluginFileError(
            "This is not a plugin file: there is no <config> or other block at its top level.",
            hint=" ".join(scanner.notes) or "A plugin begins with a <config> block; check that this is the right file.",
            line=1,
        )
    return PluginFile(tuple(scanner.blocks), scanner.text, tuple(scanner.notes))


def dedent(body: str) -> str:
    """The body without its common indentation; unchanged when its first non-blank line starts at column 0.

    Only the character (space or tab) that the first non-blank line begins with counts as indentation.
    """
    lines = _LINE_END.split(body)
    written = [line for line in lines if _NOT_BLANK.search(line)]
    if not written or written[0][0] not in " \t":
        return body
    character = written[0][0]
    width = min(len(line) - len(line.lstrip(character)) for line in written)
    return "\n".join(line[width:] for line in lines)


@dataclass(frozen=True)
class _Element:
    """The element at the top level that is open."""

    name: str
    attrs: Mapping[str, str | bool]
    tag_start: int
    body_start: int


class _Scanner:
    """Walks once over the text and collects blocks; every search that found nothing is remembered, not repeated."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self.notes: list[str] = []
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._open: list[str] = []
        self._open_counts: Counter[str] = Counter()
        self._top = _Element("", {}, 0, 0)
        self._absent: set[str] = set()
        self._firsts: dict[str, int] = {}

    def run(self) -> None:
        """Read the whole text."""
        position = self.text.find("<")
        while position >= 0:
            position = self.text.find("<", self._step(position))
        if self._open:
            self._end_of_file()

    def _step(self, at: int) -> int:
        """Read what begins with the ``<`` at ``at``; the answer is where to go on."""
        text = self.text
        if text.startswith("<!", at):
            return self._declaration(at)
        if text.startswith("</", at):
            match = _TAG_CLOSE.match(text, at)
            end = self._find(">", match.end()) if match else -1
            if match is None or end < 0:
                return at + 2
            self._close(match[1].lower(), at)
            return end + 1
        match = _TAG_OPEN.match(text, at)
        return self._start(match[1].lower(), at, match.end()) if match else at + 1

    def _declaration(self, at: int) -> int:
        """Skip a comment, a conditional comment or a doctype; any other ``<!`` is text."""
        end = ""
        if self.text.startswith("<!--", at):
            end = "-->"
        elif self.text.startswith("<![", at):
            end = "]>"
        elif _DOCTYPE.match(self.text, at):
            end = ">"
        found = self._find(end, at + 2) if end else -1
        return found + len(end) if found >= 0 else at + 2

    def _start(self, name: str, at: int, position: int) -> int:
        """Read a start tag whose name ends at ``position``."""
        attrs, position = self._attributes(position)
        tag_end = _TAG_OPEN_END.match(self.text, position)
        if tag_end is None:
            return position
        position = tag_end.end()
        if not self._open:
            self._top = _Element(name, attrs, at, position)
        if name in _VOID or tag_end[1]:
            if not self._open:
                self._finish(position)
        elif name in _RAW_TEXT:
            return self._raw_text(name, at, position)
        else:
            self._open.append(name)
            self._open_counts[name] += 1
        return position

    def _attributes(self, position: int) -> tuple[dict[str, str | bool], int]:
        attrs: dict[str, str | bool] = {}
        while match := _ATTRIBUTE.match(self.text, position):
            position = match.end()
            value = next((group for group in match.groups()[1:] if group is not None), None)
            attrs[match[1]] = True if value is None else _ENTITY.sub(lambda found: _ENTITIES[found[1]], value)
        return attrs, position

    def _raw_text(self, name: str, at: int, position: int) -> int:
        """Skip to behind the end tag; without one, the element is an error as a block and text inside another."""
        match = None
        if name not in self._absent:
            match = re.compile(rf"</{name}(?=[ \t\n\r\f/>])[^>]*>", re.IGNORECASE).search(self.text, position)
        if match is None:
            self._absent.add(name)
            if not self._open and name in BLOCK_TYPES:
                line = self._line(at)
                raise PluginFileError(
                    f"The <{name}> block that begins on line {line} never ends.",
                    hint=f"Write </{name}> where it ends.",
                    line=line,
                )
            return position
        if not self._open:
            self._finish(match.start())
        return match.end()

    def _close(self, name: str, at: int) -> None:
        """Close the innermost open element of that name and all inside it; a stray end tag is nothing."""
        if not self._open_counts[name]:
            return
        while True:
            closed = self._open.pop()
            self._open_counts[closed] -= 1
            if closed == name:
                break
        if not self._open:
            self._finish(at)

    def _finish(self, end: int) -> None:
        """The element at the top level ends: keep it if it is a block."""
        top = self._top
        if top.name not in BLOCK_TYPES:
            return
        line = self._line(top.tag_start)
        if top.name in _FIRST_COUNTS:
            if first := self._firsts.get(top.name):
                self.notes.append(
                    f"There is a second <{top.name}> block on line {line}; the one on line {first} is used."
                )
            self._firsts.setdefault(top.name, line)
        content = dedent(self.text[top.body_start : end])
        content_line = self._line(top.body_start)
        self.blocks.append(Block(top.name, content, top.attrs, top.body_start, end, line, content_line))

    def _end_of_file(self) -> None:
        """An element is still open: a block reaches to the end, anything else has swallowed the rest."""
        name, line = self._top.name, self._line(self._top.tag_start)
        what = "it reaches to the end of the file" if name in BLOCK_TYPES else "everything in it is ignored"
        self.notes.append(f"The <{name}> element that begins on line {line} is never closed, so {what}.")
        self._finish(len(self.text))

    def _find(self, wanted: str, start: int) -> int:
        if wanted in self._absent:
            return -1
        found = self.text.find(wanted, start)
        if found < 0:
            self._absent.add(wanted)
        return found

    def _line(self, offset: int) -> int:
        return bisect_left(self._line_ends, offset) + 1
