"""``imjoy.yaml``: what a person may say about the mirror of a folder. Every error names its line.

Keys: ``repositories``, ``plugins``, ``tags``, ``targets``, ``extra``, ``overrides``, ``upstream``. Shapes only are
checked here; whether a folder exists or an address answers is found out by those who use the values.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from imjoy_offline.errors import ConfigError

SHIPPED = "shipped"
_KEYS = ("repositories", "plugins", "tags", "targets", "extra", "overrides", "upstream")
_UPSTREAM_KEYS = ("npm", "hosts")
_NOT_YET = ("tags", "targets", "overrides")
_HOST = re.compile(r"[a-z0-9._-]+(?::\d+)?")


@dataclass(frozen=True)
class UpstreamSettings:
    """Where to fetch instead: the npm registry's address, and host -> base address of a lab's own mirror."""

    npm: str | None = None
    hosts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """The file's content; an absent file is ``Settings()``.

    ``repositories`` are local folders relative to the working folder, or ``shipped`` for the one that came with ImJoy
    Offline; empty means the shipped one. ``plugins`` restricts to these names; empty means all. ``lines`` gives the
    line of ``repositories[0]``, ``extra[2]`` and so on; ``warnings`` are sentences for the person.
    """

    repositories: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    targets: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    upstream: UpstreamSettings = field(default_factory=UpstreamSettings)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    warnings: tuple[str, ...] = ()


def read_settings(path: Path) -> Settings:
    """Read ``imjoy.yaml``; raises ConfigError with the line for anything unknown, double or of the wrong type."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path.name} is not UTF-8 text ({error}).", hint="Save it as UTF-8.") from None
    return parse_settings(text, path.name)


def parse_settings(text: str, where: str = "imjoy.yaml") -> Settings:
    """The settings in ``text``; raises ConfigError as ``read_settings`` does."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(f"{where}{_at(line)} is not YAML: {error.problem}.", line=line) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{where} is not YAML: {error}.") from None
    if root is None:
        return Settings()
    return _Reader(where).settings(root)


class _Reader:
    """Turns the node tree, which knows lines, into values."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._lines: dict[str, int] = {}

    def settings(self, root: yaml.Node) -> Settings:
        table = self._table(root, "the file", _KEYS)
        for name, node in table.items():
            self._lines[name] = _line(node)
        upstream = self._upstream(table["upstream"]) if "upstream" in table else UpstreamSettings()
        lists = {key: self._texts(table[key], key) for key in _KEYS if key in table and key in _LISTS}
        maps = {key: self._pairs(table[key], key) for key in _MAPS if key in table}
        for index, repository in enumerate(lists.get("repositories", ())):
            self._check_repository(repository, self._lines[f"repositories[{index}]"])
        return Settings(
            repositories=lists.get("repositories", ()),
            plugins=lists.get("plugins", ()),
            tags=maps.get("tags", {}),
            targets=lists.get("targets", ()),
            extra=lists.get("extra", ()),
            overrides=maps.get("overrides", {}),
            upstream=upstream,
            lines=self._lines,
            warnings=tuple(
                f"{self._where}{_at(self._lines[key])}: `{key}` is understood, but this version does not act on it yet."
                for key in _NOT_YET
                if lists.get(key) or maps.get(key)
            ),
        )

    def _upstream(self, node: yaml.Node) -> UpstreamSettings:
        table = self._table(node, "`upstream`", _UPSTREAM_KEYS)
        npm = None
        if "npm" in table:
            npm = self._text(table["npm"], "`upstream: npm`")
            self._check_address(npm, _line(table["npm"]), "`upstream: npm`")
        hosts: dict[str, str] = {}
        if "hosts" in table:
            hosts = {key.lower(): value for key, value in self._pairs(table["hosts"], "upstream: hosts").items()}
            for host, address in hosts.items():
                line = self._lines[f"upstream: hosts.{host}"]
                if not _HOST.fullmatch(host):
                    raise self._fault(
                        line, f"`upstream: hosts` has {host!r}, which is no host name (with :port, if any)"
                    )
                self._check_address(address, line, f"`upstream: hosts: {host}`")
        return UpstreamSettings(npm, hosts)

    def _check_address(self, address: str, line: int, what: str) -> None:
        try:
            parts = urlsplit(address)
            sound = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            sound = False
        if not sound:
            raise self._fault(line, f"{what} must be an http or https address")

    def _check_repository(self, text: str, line: int) -> None:
        # A drive letter is a local folder; any other scheme, and owner/name of a code host, is for later versions.
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", text) or text.startswith("git@"):
            raise self._fault(
                line,
                f"the repository {text!r} is an address",
                "This version takes local folders (relative to this folder, or absolute) and the word "
                f"`{SHIPPED}`: put the plugins into a folder and name that.",
            )

    def _table(self, node: yaml.Node, what: str, known: Sequence[str] | None) -> dict[str, yaml.Node]:
        if _empty(node):
            return {}
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(_line(node), f"{what} must be a table of `key: value` lines")
        table: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = self._text(key_node, "a key")
            if known is not None and key not in known:
                raise self._fault(_line(key_node), f"{key!r} is not known", f"Known here: {', '.join(known)}.")
            if key in table:
                raise self._fault(_line(key_node), f"{key!r} is there twice")
            table[key] = value_node
        return table

    def _texts(self, node: yaml.Node, key: str) -> tuple[str, ...]:
        if _empty(node):
            return ()
        if not isinstance(node, yaml.SequenceNode):
            raise self._fault(_line(node), f"`{key}` must be a list")
        values = []
        for index, item in enumerate(node.value):
            values.append(self._text(item, f"every entry of `{key}`"))
            self._lines[f"{key}[{index}]"] = _line(item)
        return tuple(values)

    def _pairs(self, node: yaml.Node, key: str) -> dict[str, str]:
        table = self._table(node, f"`{key}`", None)
        for name, value in table.items():
            self._lines[f"{key}.{name.lower() if key == 'upstream: hosts' else name}"] = _line(value)
        return {name: self._text(value, f"`{key}: {name}`") for name, value in table.items()}

    def _text(self, node: yaml.Node, what: str) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str" and node.value.strip():
            return str(node.value).strip()
        raise self._fault(
            _line(node), f"{what} must be a text", "Put it in quotes if it looks like a number or a date."
        )

    def _fault(self, line: int, what: str, hint: str = "") -> ConfigError:
        return ConfigError(f"{self._where}{_at(line)}: {what}.", hint=hint, line=line)


_MAPS: tuple[str, ...] = ("tags", "overrides")
_LISTS: tuple[str, ...] = ("repositories", "plugins", "targets", "extra")


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _at(line: int | None) -> str:
    return "" if line is None else f", line {line}"
