"""What one entry of a plugin's requirements asks for.

The meaning of an entry depends on the type of the plugin. Nothing is fetched or run here: ``mirror`` turns a
``Requirement`` into a source, and the sandbox's loader acts on the same forms. An explicit prefix counts before a file
ending, so that ``cache:https://host/a.js`` is only cached.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from imjoy_offline.errors import RequirementError
from imjoy_offline.plugin.config import INTERNAL_TYPES

Kind: TypeAlias = Literal["script", "style", "module", "cache", "python", "ignored"]

_WEB_PYTHON_TYPES = frozenset({"web-python", "web-python-window"})
_WEB_KINDS: dict[str, Kind] = {"css": "style", "mjs": "module", "js": "script", "cache": "cache"}
_WEB_ENDINGS: dict[str, Kind] = {".css": "style", ".mjs": "module", ".js": "script"}
_INSTALLERS = frozenset({"pip", "conda", "repo", "cmd"})


@dataclass(frozen=True)
class Requirement:
    """One requirement: ``text`` as written, ``target`` without its prefix.

    ``installer`` tells what a requirement of kind ``python`` is for: ``pip``, ``conda``, ``repo`` or ``cmd``, or in
    the browser ``micropip``. ``reason`` says why a requirement of kind ``ignored`` is.
    """

    text: str
    kind: Kind
    target: str
    installer: str = ""
    reason: str = ""

    @property
    def url(self) -> str | None:
        """The http(s) address to load; None for names, commands, repositories and relative paths.

        An address without a scheme (``//host/file.js``) is taken as https.
        """
        target = self.target.strip()
        if self.kind == "ignored" or self.installer in _INSTALLERS or any(c.isspace() for c in target):
            return None
        if target.startswith("//"):
            return "https:" + target
        return target if target.lower().startswith(("http://", "https://")) else None


def is_native(plugin_type: str) -> bool:
    """Whether plugins of this type run in a Python environment of the plugin engine."""
    return plugin_type not in INTERNAL_TYPES and plugin_type not in _WEB_PYTHON_TYPES


def parse_requirement(text: str, plugin_type: str) -> Requirement:
    """The requirement that ``text`` is for a plugin of that type (present names: see ``PluginConfig.type``).

    Raises RequirementError for an unknown prefix in a plugin that runs in a Python engine; every other plugin ignores
    what it does not know, and so does the answer's kind.
    """
    if plugin_type in _WEB_PYTHON_TYPES:
        return _web_python(text)
    if is_native(plugin_type):
        return _native_python(text)
    requirement = _web(text)
    if plugin_type == "web-worker" and requirement.kind == "style":
        return _ignored(text, "a web worker has no style sheets; its loading fails with it")
    if plugin_type == "web-worker" and requirement.kind == "module":
        if not text.startswith("mjs:") and text.startswith("http"):
            return Requirement(text, "script", text)
        return _ignored(text, "a web worker loads no modules by requirement")
    return requirement


def _ignored(text: str, reason: str) -> Requirement:
    return Requirement(text, "ignored", text, reason=reason)


def _web(text: str) -> Requirement:
    prefix, colon, rest = text.partition(":")
    if colon and prefix in _WEB_KINDS:
        return Requirement(text, _WEB_KINDS[prefix], rest)
    for ending, kind in _WEB_ENDINGS.items():
        if text.lower().endswith(ending):
            return Requirement(text, kind, text)
    if text.startswith("http"):
        return Requirement(text, "script", text)
    return _ignored(text, "it is no address of a script, module or style sheet")


def _web_python(text: str) -> Requirement:
    prefix, colon, rest = text.partition(":")
    if colon and prefix in ("js", "cache"):
        return Requirement(text, _WEB_KINDS[prefix], rest)
    if colon and prefix == "package":
        return Requirement(text, "python", rest, installer="micropip")
    if (colon and prefix == "css") or text.lower().endswith(".css"):
        return _ignored(text, "a Python plugin in the browser has no style sheets")
    if colon and prefix in ("http", "https") and not text.lower().endswith(".js"):
        return _ignored(text, "a Python plugin in the browser loads only packages and js: addresses")
    return Requirement(text, "python", text, installer="micropip")


def _native_python(text: str) -> Requirement:
    prefix, colon, rest = text.partition(":")
    if colon and prefix in _INSTALLERS:
        return Requirement(text, "python", rest.strip(), installer=prefix)
    if not colon or "+" in prefix or "http" in prefix:
        return Requirement(text, "python", text, installer="pip")
    raise RequirementError(
        f'The requirement "{text}" begins with "{prefix}:", which is not known.',
        hint="Python plugins may use pip:, conda:, repo:, cmd: or a plain package name.",
    )
