"""Which file of a package an address means: the content delivery networks' rules, and two steps beyond them. Pure."""

import posixpath
from collections.abc import Iterable, Mapping

from imjoy_offline.mirror.sources import Rule

_FIELDS: Mapping[Rule, tuple[str, ...]] = {"jsdelivr": ("jsdelivr", "browser", "main"), "unpkg": ("unpkg", "main")}


def default_file(manifest: object, rule: Rule) -> str:
    """The file that an address without a path means, from the package's ``package.json``."""
    if isinstance(manifest, dict):
        for field in _FIELDS[rule]:
            value = manifest.get(field)
            if isinstance(value, str) and value.strip():
                path = posixpath.normpath(value.strip().lstrip("/"))
                if path not in (".", "..") and not path.startswith("../"):
                    return path
    return "index.js"


def exact_candidates(path: str) -> tuple[str, ...]:
    """The files that the networks try for ``path``, in order."""
    return (path, f"{path}.js", f"{path}/index.js")


def sibling(path: str) -> str | None:
    """The unminified file beside a minified one: networks make minified ones themselves where none is published."""
    folder, name = posixpath.split(path)
    for minified, plain in ((".min.", "."), ("-min.", ".")):
        if minified in name:
            return posixpath.join(folder, name.replace(minified, plain, 1))
    return None


def by_base_name(path: str, names: Iterable[str]) -> str | None:
    """The file of the same base name, letter case aside, that lies least deep; else that of the unminified sibling.

    Names that every package has many of (``index.js``, ``package.json``) say nothing and are not searched for.
    """
    if posixpath.basename(path).lower().startswith(("index.", "package.json")):
        return None
    published = sorted(names, key=lambda name: (name.count("/"), len(name), name))
    for wanted in (path, sibling(path)):
        if wanted is None:
            continue
        base = posixpath.basename(wanted).lower()
        for name in published:
            if posixpath.basename(name).lower() == base:
                return name
    return None
