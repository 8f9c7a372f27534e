"""A plugin's configuration: its config block read, one tag selected, old spellings upgraded, derived fields added.

``read_config`` is forgiving where files that worked elsewhere would otherwise stop working: what it bends it says in
``PluginConfig.notes``. Called by ``manifest`` and the builders. ``site_src/js/plugins/config.js`` is the twin; both
are held together by ``tests/vectors/plugin_config.json``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from imjoy_offline.errors import ConfigError
from imjoy_offline.plugin.file import Block, PluginFile
from imjoy_offline.plugin.literals import JsonValue, Literal, Place, read_json
from imjoy_offline.plugin.yaml_text import read_yaml

TAGGED_FIELDS: Final = (
    *("env", "requirements", "dependencies", "icon", "ui", "type", "flags", "labels", "cover"),
    *("base_frame", "base_worker", "passive"),
)
"""The fields that may be a map from tag to value."""

INTERNAL_TYPES: Final = frozenset({"web-worker", "iframe", "window", "rpc-window", "rpc-worker", "collection"})
"""The types that need no plugin engine; every other type is an engine's."""

_OLD_TYPES: Final = {"pyworker": "native-python", "webworker": "web-worker", "webpython": "web-python"}
_OLD_SPELLINGS_UP_TO: Final = "0.1.1"
_LANGUAGE_OPTIONAL_UP_TO: Final = "0.1.5"
_NO_SCRIPT_TYPES: Final = frozenset({"collection", "rpc-window", "rpc-worker"})
_DIGITS = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class PluginConfig:
    """What a plugin says of itself, with one tag selected.

    ``raw`` is the config as it was read, before tag and upgrade, as plain JSON values. ``script`` is the body of the
    last script whose tag is the active one (without tags: the last without), ``scripts`` are all that are run.
    ``docs`` is the docs block, else the config's own. ``env``, ``ui``, ``inputs`` and ``outputs`` stay as written.
    ``notes`` are sentences about what was odd but read.
    """

    name: str
    type: str
    version: str
    api_version: str
    description: str
    tags: tuple[str, ...]
    tag: str | None
    ui: JsonValue
    icon: str
    cover: tuple[str, ...]
    flags: tuple[str, ...]
    labels: tuple[str, ...]
    requirements: tuple[str, ...]
    dependencies: tuple[str, ...]
    env: JsonValue
    cmd: str
    defaults: Mapping[str, JsonValue]
    runnable: bool
    permissions: tuple[str, ...]
    lang: str
    inputs: JsonValue
    outputs: JsonValue
    base_frame: str | None
    base_worker: str | None
    passive: bool
    docs: str
    script: str | None
    scripts: tuple[Block, ...]
    styles: tuple[Block, ...]
    windows: tuple[Block, ...]
    links: tuple[Block, ...]
    attachments: tuple[Block, ...]
    raw: Mapping[str, JsonValue]
    notes: tuple[str, ...]

    @property
    def needs_engine(self) -> bool:
        """Whether the plugin runs in a plugin engine and not in the browser itself."""
        return self.type not in INTERNAL_TYPES


def read_config(file: PluginFile, tag: str | None = None) -> PluginConfig:
    """The configuration of a plugin file under ``tag``, else under its first tag.

    Raises ConfigError, with the line in the file, when there is no readable config block, no usable name or type, a
    tag map without tags, or no script where the type needs one.
    """
    block = _config_block(file)
    literal = _read_block(block)
    fields = _Fields(dict(literal.value), block, [*file.notes, *literal.notes])
    api_version = fields.text("api_version") or "0.0.0"
    _check_language(block, api_version)
    name = _name(fields)
    tags = fields.texts("tags")
    active = fields.select_tag(tags, tag)
    plugin_type = _type(fields, api_version, active)
    scripts = tuple(script for script in file.of_type("script") if _script_tag(script) in (None, active))
    matching = [script for script in scripts if _script_tag(script) == active]
    base_frame, base_worker = fields.text("base_frame"), fields.text("base_worker")
    if plugin_type not in _NO_SCRIPT_TYPES and not base_frame and not base_worker:
        _check_script(file, scripts, plugin_type, active, block)
    every_script = file.of_type("script")
    lang = every_script[0].attribute("lang") if every_script and not matching else None
    docs = file.of_type("docs")
    ui = fields.values.get("ui")
    return PluginConfig(
        name=name,
        type=plugin_type,
        version=fields.text("version") or "0.0.0",
        api_version=api_version,
        description=fields.text("description") or "",
        tags=tags,
        tag=active,
        ui=ui if isinstance(ui, str | list) else "",
        icon=fields.text("icon") or "extension",
        cover=fields.texts("cover"),
        flags=fields.texts("flags"),
        labels=fields.texts("labels"),
        requirements=fields.texts("requirements"),
        dependencies=fields.texts("dependencies"),
        env=fields.values.get("env"),
        cmd=fields.text("cmd") or "python",
        defaults=fields.mapping("defaults"),
        runnable=fields.values.get("runnable") is not False,
        permissions=fields.texts("permissions"),
        lang=fields.text("lang") or lang or "javascript",
        inputs=fields.schema("inputs"),
        outputs=fields.schema("outputs"),
        base_frame=base_frame,
        base_worker=base_worker,
        passive=fields.values.get("passive") is True,
        docs=docs[0].content if docs else fields.text("docs") or "",
        script=matching[-1].content if matching else None,
        scripts=scripts,
        styles=file.of_type("style"),
        windows=file.of_type("window"),
        links=file.of_type("link"),
        attachments=file.of_type("attachment"),
        raw=literal.value,
        notes=tuple(fields.notes),
    )


def compare_versions(left: str, right: str) -> int:
    """Negative, 0 or positive as ``left`` is older, equal or newer; a part that is no number counts as 0."""
    parts = [[int(part) if _DIGITS.fullmatch(part) else 0 for part in text.split(".")] for text in (left, right)]
    length = max(map(len, parts))
    first, second = ([*numbers, *[0] * (length - len(numbers))] for numbers in parts)
    return (first > second) - (first < second)


class _Fields:
    """The values of a config while they are read; what has the wrong shape is noted and left out."""

    def __init__(self, values: dict[str, JsonValue], block: Block, notes: list[str]) -> None:
        self.values = values
        self.notes = notes
        self._block = block

    def fail(self, problem: str, hint: str, field: str) -> ConfigError:
        """The error about a field, at the line that names it."""
        found = re.search(rf"""(^|[\s{{,"']){re.escape(field)}["']?[ \t]*:""", self._block.content)
        below = self._block.content.count("\n", 0, found.end()) if found else None
        line = self._block.line if below is None else self._block.content_line + below
        return ConfigError(f"{problem} (line {line}).", hint=hint, line=line)

    def select_tag(self, tags: Sequence[str], wanted: str | None) -> str | None:
        """Put the active tag's value in place of every tag map; the answer is the active tag."""
        active = wanted or (tags[0] if tags else None)
        if wanted and wanted not in tags:
            self.notes.append(f'The tag "{wanted}" is not among the tags of this plugin.')
        for field in TAGGED_FIELDS:
            value = self.values.get(field)
            if not isinstance(value, Mapping):
                continue
            if active is None:
                raise self.fail(
                    f'The field "{field}" gives one value for each tag, but the plugin has no tags',
                    'Add "tags", or write one value.',
                    field,
                )
            if active not in value:
                self.notes.append(f'The field "{field}" has nothing for the tag "{active}", so it is not set.')
            self.values[field] = value.get(active)
        return active

    def text(self, field: str) -> str | None:
        """The field's text; None where there is none."""
        value = self.values.get(field)
        if isinstance(value, str):
            return value
        if _unset(value):
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.notes.append(f'The field "{field}" is a number; write it in quotes.')
            return str(int(value) if isinstance(value, float) and value.is_integer() else value)
        self.notes.append(f'The field "{field}" is not a text, so it is ignored.')
        return None

    def texts(self, field: str) -> tuple[str, ...]:
        """The field's list of texts; a single text counts as a list of one, empty ones are left out."""
        value = self.values.get(field)
        if _unset(value):
            return ()
        entries = [value] if isinstance(value, str) else value
        if isinstance(entries, Mapping) or not isinstance(entries, Sequence):
            self.notes.append(f'The field "{field}" is not a list, so it is ignored.')
            return ()
        for place, entry in enumerate(entries, start=1):
            if not isinstance(entry, str):
                self.notes.append(f'Entry {place} of the field "{field}" is not a text, so it is ignored.')
        return tuple(entry for entry in entries if isinstance(entry, str) and entry.strip(" \t\r\n"))

    def mapping(self, field: str) -> Mapping[str, JsonValue]:
        """The field's object; empty where there is none."""
        value = self.values.get(field)
        if isinstance(value, Mapping):
            return value
        if not _unset(value):
            self.notes.append(f'The field "{field}" is not an object, so it is ignored.')
        return {}

    def schema(self, field: str) -> JsonValue:
        """The field's object or list; None where there is none."""
        value = self.values.get(field)
        return value if isinstance(value, Mapping | list) else None


def _unset(value: JsonValue) -> bool:
    return value is None or value is False or value == ""


def _config_block(file: PluginFile) -> Block:
    blocks = file.of_type("config")
    if blocks:
        return blocks[0]
    opaque = [block for block in file.blocks if block.type in ("script", "style", "attachment")]
    for match in re.finditer(r"<config[\s>]", file.text, re.IGNORECASE):
        if not any(block.start <= match.start() < block.end for block in opaque):
            line = 1 + file.text.count("\n", 0, match.start())
            raise ConfigError(
                f"The <config> block on line {line} lies inside another element and does not count.",
                hint="Move it out, or close the element around it first.",
                line=line,
            )
    raise ConfigError(
        "This plugin has no <config> block.",
        hint='Add one that holds at least "name", "type" and "version".',
        line=1,
    )


def _read_block(block: Block) -> Literal:
    place = Place("config block", block.content_line, ConfigError)
    return read_yaml(block.content, place) if _language(block) == "yaml" else read_json(block.content, place)


def _language(block: Block) -> str:
    return (block.attribute("lang") or "").lower()


def _check_language(block: Block, api_version: str) -> None:
    if _language(block) not in ("json", "yaml") and compare_versions(api_version, _LANGUAGE_OPTIONAL_UP_TO) > 0:
        raise ConfigError(
            f"The <config> block does not say whether it is JSON or YAML (line {block.line}).",
            hint='Write <config lang="json">.',
            line=block.line,
        )


def _name(fields: _Fields) -> str:
    name = fields.values.get("name")
    if not isinstance(name, str) or not name.strip():
        raise fields.fail("The config has no name", 'Add "name": "..." with the name of the plugin.', "name")
    if "/" in name:
        raise fields.fail(f'The name "{name}" holds a slash', 'Choose a name without "/".', "name")
    return name


def _type(fields: _Fields, api_version: str, tag: str | None) -> str:
    """The type, under its present name; old names count only in files as old as they are."""
    written = fields.text("type")
    if compare_versions(api_version, _OLD_SPELLINGS_UP_TO) <= 0:
        written = written or fields.text("mode")
        written = _OLD_TYPES.get(written or "", written)
    if written:
        return written
    if not _unset(fields.values.get("mode")):
        raise fields.fail('The config says "mode", which is the old name of "type"', 'Write "type".', "mode")
    if tag is not None and "type" in fields.values:
        raise fields.fail(f'The config has no type for the tag "{tag}"', "Add it under that tag.", "type")
    raise fields.fail("The config has no type", 'Add "type", for example "type": "window".', "type")


def _script_tag(script: Block) -> str | None:
    return script.attribute("tag") or None


def _check_script(file: PluginFile, scripts: Sequence[Block], plugin_type: str, tag: str | None, block: Block) -> None:
    """Refuse a plugin that could only hang: nothing would ever be run."""
    if any(script.content.strip() or script.attribute("src") for script in scripts):
        return
    if plugin_type == "window" and file.of_type("window"):
        return
    every_script = file.of_type("script")
    if scripts:
        problem, line = f"The script of this {plugin_type} plugin is empty", scripts[0].line
    elif every_script:
        problem, line = f'This {plugin_type} plugin has no script for the tag "{tag}"', every_script[0].line
    else:
        problem, line = f"This {plugin_type} plugin has no <script> block", block.line
    raise ConfigError(f"{problem} (line {line}).", hint="Add the code that is to run.", line=line)
