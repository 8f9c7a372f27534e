"""What a mirror run did, as values: for the command line to tell and for tests to compare."""

from dataclasses import dataclass

from imjoy_offline.cache.lockfile import Lockfile, MissingItem


@dataclass(frozen=True)
class SyncReport:
    """The outcome of ``sync``.

    ``asked`` counts requests sent (but for those of uv), ``downloaded_bytes`` what came over the network,
    ``downloaded_files`` the files and wheels newly put into the folder, ``repaired`` the sources that were damaged or
    gone and were fetched again. ``changed`` is False where neither lock nor store nor wheels were touched.
    """

    lock: Lockfile
    missing: tuple[MissingItem, ...] = ()
    downloaded_files: int = 0
    downloaded_bytes: int = 0
    asked: int = 0
    repaired: tuple[str, ...] = ()
    changed: bool = False
