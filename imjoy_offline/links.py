"""References that a JavaScript, CSS or HTML text makes to other files, and putting other addresses in their place.

Pure: text in, values out; nothing is fetched or resolved. The mirror follows references with it, the site builder
checks and rewrites with it. It is a tokenizer, not a parser: comments, strings, template literals and regular
expressions are skipped as such, and only literal addresses count (``import(a + b)`` is nobody's guess). Addresses
that load nothing (``data:``, ``blob:``, ``#part`` ...) are left out. ``<base>`` is not looked at.
"""

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

Kind = Literal["js", "css", "html"]
Use = Literal[
    "import",  # static import or re-export, modulepreload
    "dynamic-import",
    "script",  # classic or module <script>, importScripts
    "worker",
    "url",  # new URL('...', import.meta.url) whose purpose is not visible
    "style",
    "image",
    "font",
    "media",
    "frame",
    "link",  # any other <link>
]


@dataclass(frozen=True)
class Reference:
    """One literal address in a text.

    ``url`` is what the address means (escapes and entities undone); ``text[start:end]`` is how it is written, without
    its quotes; ``line`` counts from 1; ``syntax`` is the language that it is written in, which may differ from the
    text's (a style in a page).
    """

    url: str
    line: int
    start: int
    end: int
    use: Use
    syntax: Kind


class _Found(NamedTuple):
    url: str
    start: int
    end: int
    use: Use
    syntax: Kind


def find_references(text: str, kind: Kind) -> tuple[Reference, ...]:
    """Every reference in ``text``, in order of place."""
    newlines = [match.start() for match in re.finditer("\n", text)]
    found = sorted(_FINDERS[kind](text), key=lambda item: item.start)
    return tuple(
        Reference(item.url, bisect_right(newlines, item.start) + 1, item.start, item.end, item.use, item.syntax)
        for item in found
        if item.url and not _LOADS_NOTHING.match(item.url) and not (item.url[0] == "#" and item.syntax != "js")
    )


def rewrite_references(text: str, references: Iterable[Reference], mapping: Mapping[str, str]) -> str:
    """``text`` with the address of every reference whose ``url`` is in ``mapping`` replaced, nothing else."""
    pieces: list[str] = []
    position = 0
    for reference in sorted(references, key=lambda item: item.start):
        if reference.url in mapping:
            pieces.append(text[position : reference.start])
            pieces.append(_written(mapping[reference.url], reference.syntax))
            position = reference.end
    pieces.append(text[position:])
    return "".join(pieces)


_LOADS_NOTHING = re.compile(r"\s*(?:\Z|(?:data|blob|about|javascript|mailto|tel):)", re.IGNORECASE)
_RISKY = re.compile(r"[\s\"'`\\<>(){}\x00-\x1f]")


def _written(url: str, syntax: Kind) -> str:
    """``url`` so written that no quote, bracket or entity of the place that it goes to can be hurt."""
    safe = _RISKY.sub(lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), url)
    return safe.replace("&", "&amp;") if syntax == "html" else safe


# JavaScript ----------------------------------------------------------------------------------------------------------

_JS_WORTH_READING = re.compile(
    r"\bimport(?:Scripts)?\b\s*[\w$*{(\"'/.]|\bexport\s*[{*/]|\bnew\s[\s\w.]*Worker\b|\baddModule\b"
)
_JS_TOKEN = re.compile(
    r"""\s*(?:([^\W\d][\w$]*|\$[\w$]*)
    |(\.?\d[\w.]*)
    |("(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
    |(//[^\n\r\u2028\u2029]*|/\*.*?(?:\*/|\Z)|\A\#![^\n]*)
    |(\.\.\.|\+\+|--|\S))""",
    re.DOTALL | re.VERBOSE,
)
_JS_REGEX = re.compile(r"/(?:[^/\\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+/[A-Za-z]*")
_JS_TEMPLATE_PIECE = re.compile(r"(?:[^`\\$]+|\\.?|\$(?!\{))*(?:`|\$\{|\Z)", re.DOTALL)
_BEFORE_REGEX = re.compile(
    r"return|typeof|instanceof|in|of|new|delete|void|throw|case|do|else|await|yield|default", re.ASCII
)
_HEADED = frozenset(("if", "while", "for", "with"))
# The groups of _JS_TOKEN in their order, then what is made of some signs.
_WORD, _NUMBER, _STRING, _COMMENT, _PUNCT, _TEMPLATE, _PART, _REGEX = range(1, 9)


class _Tokens:
    """The tokens of a script, in arrays, since a library may have a million of them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds = bytearray()
        self.starts = array("Q")
        self.ends = array("Q")
        self.telling: list[int] = []  # the places of the words that a reader knows
        self._braces: list[bool] = []  # True: the brace belongs to ${ in a template
        self._parens: list[bool] = []  # True: the parenthesis follows if, while, for, with
        self._after_head = False
        self._read()

    def value(self, index: int) -> str:
        """The token's text; empty beyond either end."""
        if 0 <= index < len(self.kinds):
            return self.text[self.starts[index] : self.ends[index]]
        return ""

    def kind(self, index: int) -> int:
        """The token's kind; -1 beyond either end."""
        return self.kinds[index] if 0 <= index < len(self.kinds) else -1

    def literal(self, index: int) -> bool:
        """Whether the token is a string, or a template without substitutions."""
        return self.kind(index) in (_STRING, _TEMPLATE)

    def found(self, index: int, use: Use) -> _Found:
        """The string token as a reference."""
        start, end = self.starts[index] + 1, self.ends[index] - 1
        return _Found(_js_unescape(self.text[start:end]), start, end, use, "js")

    def _add(self, kind: int, start: int, end: int) -> int:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        return end

    def _read(self) -> None:
        position, text, match_token, readers = 0, self.text, _JS_TOKEN.match, _JS_READERS
        kinds, starts, ends = self.kinds.append, self.starts.append, self.ends.append
        while (match := match_token(text, position)) is not None:
            kind = int(match.lastindex or 0)
            start, position = match.span(kind)
            if kind == _PUNCT and text[start] in "`/(){}":
                position = self._read_sign(text[start], start, position)
                continue
            if kind == _COMMENT:
                continue
            if kind == _WORD and text[start:position] in readers:
                self.telling.append(len(self.kinds))
            kinds(kind)
            starts(start)
            ends(position)

    def _read_sign(self, sign: str, start: int, end: int) -> int:
        if sign == "`":
            return self._read_template(start, end, _TEMPLATE)
        if sign == "/" and self._regex_may_stand():
            regex = _JS_REGEX.match(self.text, start)
            if regex is not None:
                return self._add(_REGEX, start, regex.end())
        if sign == "(":
            self._parens.append(self.kind(len(self.kinds) - 1) == _WORD and self.value(len(self.kinds) - 1) in _HEADED)
        elif sign == ")":
            self._after_head = self._parens.pop() if self._parens else False
        elif sign == "{":
            self._braces.append(False)
        elif sign == "}" and self._braces and self._braces.pop():
            return self._read_template(start, end, _PART)
        return self._add(_PUNCT, start, end)

    def _read_template(self, start: int, body: int, whole: int) -> int:
        """A template's piece from a backtick or from the ``}`` that ends a substitution."""
        piece = _JS_TEMPLATE_PIECE.match(self.text, body)
        end = piece.end() if piece is not None else len(self.text)
        if self.text.endswith("${", body, end):
            self._braces.append(True)
            whole = _PART
        return self._add(whole, start, end)

    def _regex_may_stand(self) -> bool:
        """Whether a slash here begins a regular expression; else it divides."""
        last = len(self.kinds) - 1
        kind, value = self.kind(last), self.value(last)
        if kind == _WORD:
            return _BEFORE_REGEX.fullmatch(value) is not None and self.value(last - 1) != "."
        if kind == _PUNCT:
            return self._after_head if value == ")" else value not in ("]", "++", "--")
        return kind == -1 or (kind == _PART and value.endswith("${"))


_JS_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_JS_SHORT = dict(zip("ntrbfv0", "\n\t\r\b\f\v\0", strict=True)) | {"\n": "", "\r\n": "", "\r": ""}


def _js_unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        digits = match.group(1) or match.group(2) or match.group(3)
        if digits is None:
            return _JS_SHORT.get(match.group(4), match.group(4))
        return chr(min(int(digits, 16), 0x10FFFF))

    return _JS_ESCAPE.sub(one, text) if "\\" in text else text


def _find_js(text: str) -> Iterator[_Found]:
    if not _JS_WORTH_READING.search(text):
        return
    tokens = _Tokens(text)
    out: list[_Found] = []
    position = 0
    for index in tokens.telling:
        if index >= position:
            position = _JS_READERS[tokens.value(index)](tokens, index, out)
    yield from out


# Each reader looks at what begins with its word, adds what it finds to ``out`` and says where to go on.


def _read_import(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    following = tokens.value(index + 1)
    if tokens.value(index - 1) in (".", "#") or following == ".":
        return index + 1
    if tokens.kind(index + 1) == _STRING:
        out.append(tokens.found(index + 1, "import"))
        return index + 2
    if following == "(":
        return _read_argument(tokens, index, out, "dynamic-import")
    return _read_clause(tokens, index + 1, out)


def _read_export(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    if tokens.value(index - 1) not in (".", "#") and tokens.value(index + 1) in ("{", "*"):
        return _read_clause(tokens, index + 1, out)
    return index + 1


def _read_clause(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    """``{a, b as c} from '...'``, ``* as d from '...'``, ``e, {f} from '...'``: the string at its end."""
    braced = False
    while index < len(tokens.kinds):
        value, kind = tokens.value(index), tokens.kind(index)
        if not braced and value == "from" and tokens.kind(index + 1) == _STRING:
            out.append(tokens.found(index + 1, "import"))
            return index + 2
        if kind != _WORD and not (value in (",", "*", "{}"[braced]) or (kind == _STRING and braced)):
            break
        if value == "}" and tokens.value(index + 1) != "from":
            break
        braced = value == "{" or (braced and value != "}")
        index += 1
    return index


def _read_worker(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    made = tokens.value(index - 1) == "new"
    if tokens.value(index - 1) == ".":
        made = tokens.value(index - 3) == "new" and tokens.value(index - 2) in ("self", "window", "globalThis")
    return _read_argument(tokens, index, out, "worker") if made else index + 1


def _read_worklet(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    return _read_argument(tokens, index, out, "worker") if tokens.value(index - 1) == "." else index + 1


def _read_argument(tokens: _Tokens, index: int, out: list[_Found], use: Use) -> int:
    """The first argument, where it is one literal."""
    if tokens.value(index + 1) == "(" and tokens.literal(index + 2) and tokens.value(index + 3) in (")", ","):
        out.append(tokens.found(index + 2, use))
    return index + 1


def _read_import_scripts(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    if tokens.value(index + 1) != "(" or tokens.value(index - 1) == "function":
        return index + 1
    depth, index = 1, index + 2
    while depth and index < len(tokens.kinds):
        value = tokens.value(index)
        if depth == 1 and tokens.literal(index):
            if tokens.value(index - 1) in ("(", ",") and tokens.value(index + 1) in (")", ","):
                out.append(tokens.found(index, "script"))
        elif tokens.kind(index) == _PUNCT:
            depth += (value in "([{") - (value in ")]}")
        index += 1
    return index


_BASE = (",", "import", ".", "meta", ".", "url", ")")


def _read_new_url(tokens: _Tokens, index: int, out: list[_Found]) -> int:
    if tokens.value(index - 1) != "new" or tokens.value(index + 1) != "(" or not tokens.literal(index + 2):
        return index + 1
    if tuple(tokens.value(index + 3 + step) for step in range(len(_BASE))) == _BASE:
        caller = tokens.value(index - 3) if tokens.value(index - 2) == "(" else ""
        out.append(tokens.found(index + 2, _URL_USES.get(caller, "url")))
    return index + 1


_URL_USES: Mapping[str, Use] = {
    "Worker": "worker",
    "SharedWorker": "worker",
    "addModule": "worker",
    "import": "dynamic-import",
}
_JS_READERS: Mapping[str, Callable[[_Tokens, int, list[_Found]], int]] = {
    "import": _read_import,
    "export": _read_export,
    "Worker": _read_worker,
    "SharedWorker": _read_worker,
    "addModule": _read_worklet,
    "importScripts": _read_import_scripts,
    "URL": _read_new_url,
}


# CSS -----------------------------------------------------------------------------------------------------------------

_CSS_TOKEN = re.compile(
    r"""/\*.*?(?:\*/|\Z)
    |(?P<at>@[-\w]+)
    |(?<![-\w])url\(\s*(?:"(?P<double>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'
        |(?P<bare>(?:[^\s"'()\\]|\\.)+))\s*\)
    |"(?P<text2>(?:[^"\\\n]|\\.)*)"|'(?P<text1>(?:[^'\\\n]|\\.)*)'
    |(?P<sign>[{};])""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|(.))", re.DOTALL)


def _css_unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match.group(1):
            return chr(min(int(match.group(1), 16), 0x10FFFF))
        return match.group(3) or ""

    return _CSS_ESCAPE.sub(one, text) if "\\" in text else text


def _find_css(text: str) -> Iterator[_Found]:
    rule = ""  # the at-rule that we are in, as far as it matters
    for match in _CSS_TOKEN.finditer(text):
        if match["at"]:
            rule = match["at"].lower()
        elif match["sign"]:
            if match["sign"] != "{" and not (match["sign"] == ";" and rule == "@font-face"):
                rule = ""
        elif rule not in ("@namespace", "@charset"):
            group = next((name for name in ("double", "single", "bare") if match[name]), None)
            if group is None and rule == "@import":
                group = next((name for name in ("text2", "text1") if match[name]), None)
            if group is not None:
                use: Use = "style" if rule == "@import" else "font" if rule == "@font-face" else "image"
                yield _Found(_css_unescape(match[group]), match.start(group), match.end(group), use, "css")


# HTML ----------------------------------------------------------------------------------------------------------------

_HTML_TAG = re.compile(r"<!--.*?(?:-->|\Z)|<([A-Za-z][^\s/>]*)", re.DOTALL)
_HTML_ATTRIBUTE = re.compile(
    r"""[\s/]*(?:(?P<end>>)|(?P<name>[^\s=>/][^\s=>/]*)
    (?:\s*=\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s>"'][^\s>]*)))?)""",
    re.VERBOSE,
)
_HTML_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);")
_SRCSET_ITEM = re.compile(r"[\s,]*([^\s,]\S*?)(?:,+(?=\s|\Z)|(?=\s|\Z)[^,]*(?:,|\Z))")
_SCRIPT_TYPES = re.compile(r"|module|(?:text|application)/(?:x-)?(?:java|ecma)script", re.IGNORECASE)
_PLACES: Mapping[Use, str] = {
    "script": "script.src",
    "image": "img.src input.src video.poster image.href image.xlink:href use.href use.xlink:href",
    "media": "video.src audio.src source.src track.src",
    "frame": "iframe.src frame.src embed.src object.data",
}
_USES: Mapping[str, Use] = {place: use for use, places in _PLACES.items() for place in places.split()}
_LINKS: Mapping[str, Use | None] = {
    "stylesheet": "style",
    "icon": "image",
    "apple-touch-icon": "image",
    "mask-icon": "image",
    "modulepreload": "import",
    **dict.fromkeys(("preconnect", "dns-prefetch", "canonical", "alternate")),
}
_PRELOADS: Mapping[str, Use] = {
    "style": "style",
    "script": "script",
    "worker": "worker",
    "font": "font",
    "image": "image",
    "audio": "media",
    "video": "media",
}


class _Attribute(NamedTuple):
    """A value with its entities undone; ``places[i]`` is where character ``i`` begins in the text."""

    value: str
    places: tuple[int, ...]

    def found(self, start: int, end: int, use: Use) -> _Found:
        return _Found(self.value[start:end], self.places[start], self.places[end], use, "html")


def _attribute(text: str, start: int, end: int) -> _Attribute:
    value: list[str] = []
    places: list[int] = []
    position = start
    for match in _HTML_ENTITY.finditer(text, start, end):
        value.extend(text[position : match.start()])
        places.extend(range(position, match.start()))
        meant = html.unescape(match.group())
        value.extend(meant)
        places.extend([match.start()] * len(meant))
        position = match.end()
    value.extend(text[position:end])
    places.extend(range(position, end + 1))
    return _Attribute("".join(value), tuple(places))


def _find_html(text: str) -> Iterator[_Found]:
    position = 0
    while (tag := _HTML_TAG.search(text, position)) is not None:
        position = tag.end()
        if tag[1] is None:
            continue
        name = tag[1].lower()
        attributes, position = _read_attributes(text, position)
        yield from _find_in_tag(name, attributes)
        if name in ("script", "style", "textarea", "title"):
            closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(text, position)
            end = closing.start() if closing is not None else len(text)
            inner = _find_css if name == "style" else _find_js
            scripted = name == "script" and _SCRIPT_TYPES.fullmatch(_value(attributes, "type").strip())
            if name == "style" or scripted:
                for item in inner(text[position:end]):
                    yield item._replace(start=item.start + position, end=item.end + position)
            position = end


def _read_attributes(text: str, position: int) -> tuple[dict[str, _Attribute], int]:
    attributes: dict[str, _Attribute] = {}
    while (match := _HTML_ATTRIBUTE.match(text, position)) is not None:
        position = match.end()
        if match["end"]:
            break
        group = next((name for name in ("double", "single", "bare") if match[name] is not None), None)
        if group is not None:
            attributes.setdefault(match["name"].lower(), _attribute(text, match.start(group), match.end(group)))
    return attributes, position


def _value(attributes: Mapping[str, _Attribute], name: str) -> str:
    return attributes[name].value if name in attributes else ""


def _find_in_tag(tag: str, attributes: Mapping[str, _Attribute]) -> Iterator[_Found]:
    for name, attribute in attributes.items():
        use = _link_use(attributes) if (tag, name) == ("link", "href") else _USES.get(f"{tag}.{name}")
        if use is not None:
            stripped = attribute.value.strip()
            start = attribute.value.find(stripped)
            yield attribute.found(start, start + len(stripped), use)
        elif name == "srcset" and tag in ("img", "source"):
            for item in _SRCSET_ITEM.finditer(attribute.value):
                yield attribute.found(item.start(1), item.end(1), "image")
        elif name == "style":
            for found in _find_css(attribute.value):
                yield attribute.found(found.start, found.end, found.use)._replace(url=found.url)


def _link_use(attributes: Mapping[str, _Attribute]) -> Use | None:
    relations = _value(attributes, "rel").lower().split()
    if "preload" in relations or "prefetch" in relations:
        return _PRELOADS.get(_value(attributes, "as").lower(), "link")
    for relation in relations:
        if relation in _LINKS and not (relation == "alternate" and "stylesheet" in relations):
            return _LINKS[relation]
    return "link"


_FINDERS: Mapping[Kind, Callable[[str], Iterator[_Found]]] = {"js": _find_js, "css": _find_css, "html": _find_html}
