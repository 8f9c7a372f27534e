"""What a file of a plain address refers to, and what the lock knows of all that. Pure but for reading the store.

References are followed by the address under which the file is loaded, as a browser does. Called by ``direct`` and
``assembly``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from imjoy_offline.cache.lockfile import LockedArtifact, MissingItem
from imjoy_offline.cache.store import Store
from imjoy_offline.links import Kind, Reference, find_references
from imjoy_offline.mime import content_type
from imjoy_offline.mirror.resolution import Answer, AnsweredUrl, Miss
from imjoy_offline.mirror.sources import plain_url
from imjoy_offline.plugin.manifest import PLUGIN_ENDING

_KINDS: Mapping[str, Kind] = {"text/javascript": "js", "text/css": "css", "text/html": "html"}
# What a file loads from other servers too; pictures and the like are not worth another server.
_FROM_ELSEWHERE = frozenset(("import", "script", "style", "font"))
_NEVER = frozenset(("frame", "link"))
_NEEDED = frozenset(("import", "script", "style"))


@dataclass(frozen=True)
class Referred:
    """An address that a file refers to; ``needed`` says that the file does not work without it."""

    url: str
    needed: bool


def referred(url: str, declared: str, read: Callable[[], bytes]) -> list[Referred]:
    """What the file at ``url`` refers to and has to be there with it, in order.

    ``declared`` is what its server says that it is, where the address does not.
    """
    kind = _kind(url, declared)
    if kind is None:
        return []
    references = find_references(read().decode("utf-8", "replace"), kind)
    targets = ((_target(url, reference), reference.use in _NEEDED) for reference in references)
    return [Referred(target, needed) for target, needed in targets if target is not None]


def direct_answer_from_lock(
    url: str, by_url: Mapping[str, LockedArtifact], missing: Mapping[str, MissingItem], store: Store
) -> Answer | None:
    """What the lock alone says of ``url``: everything that its files refer to and the lock knows; None if nothing."""
    start = by_url.get(url)
    if start is None or start.source != url:
        return None
    files: dict[str, AnsweredUrl] = {}
    misses: dict[str, Miss] = {}
    pending = [url]
    while pending:
        targets: list[str] = []
        for one in pending:
            files[one] = AnsweredUrl(one, one)
            targets += _referred_as_locked(one, by_url[one], store)
        misses.update((one, Miss(one, missing[one].reason, missing[one].passing)) for one in targets if one in missing)
        locked = (one for one in dict.fromkeys(targets) if one not in files and one in by_url)
        pending = [one for one in locked if by_url[one].source == one]
    return Answer(tuple(files[one] for one in sorted(files)), tuple(misses[one] for one in sorted(misses)))


def _referred_as_locked(url: str, artifact: LockedArtifact, store: Store) -> list[str]:
    return [one.url for one in referred(url, artifact.type, lambda: store.read(artifact.sha256))]


def _kind(url: str, declared: str) -> Kind | None:
    path = urlsplit(url).path
    if path.lower().endswith(PLUGIN_ENDING):
        return None  # looks like a page, but is none; what it names is planned
    return _KINDS.get((declared or content_type(path)).partition(";")[0])


def _target(url: str, reference: Reference) -> str | None:
    """The address that ``reference`` means in the file at ``url``; None where it need not, or cannot, be there."""
    text = reference.url
    is_module = reference.syntax == "js" and reference.use in ("import", "dynamic-import")
    if reference.use in _NEVER or (is_module and not text.startswith(("./", "../", "/", "http:", "https:"))):
        return None
    try:
        parts = urlsplit(urljoin(url, text))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            return None
        target = plain_url(parts.geturl())
    except ValueError:
        return None
    same = urlsplit(target)[:2] == urlsplit(url)[:2]
    return target if same or reference.use in _FROM_ELSEWHERE else None
