"""What pip is set up for on this computer, read from the files and variables that pip reads, in pip's own order.

``indexes`` makes of it where Python packages come from; ``trust`` takes the certificate. Nothing is asked or run.
"""

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# A later section counts more; variables count most.
_SECTIONS = ("global", "install", "download", ":env:")
_YES = frozenset(("y", "yes", "t", "true", "on", "1"))


@dataclass(frozen=True)
class PipSettings:
    """The settings that say where packages come from; addresses may hold credentials and are not shown.

    ``faults`` are sentences about files that could not be read.
    """

    index_url: str = field(default="", repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    no_index: bool = False
    constraints: tuple[str, ...] = field(default=(), repr=False)
    trusted_hosts: tuple[str, ...] = ()
    cert: str | None = None
    faults: tuple[str, ...] = ()


def pip_settings(environ: Mapping[str, str]) -> PipSettings:
    """Read everything; a file that cannot be read is told in ``faults`` and not used."""
    values: dict[tuple[str, str], str] = {}
    faults = []
    for path in _files(environ):
        try:
            values.update(_read(path))
        except (configparser.Error, UnicodeDecodeError, OSError) as error:
            reason = str(error).splitlines()[0]
            faults.append(f"pip's configuration file {path} cannot be read ({reason}) and is not used.")
    for name, value in environ.items():
        if name.startswith("PIP_"):
            values[":env:", _key(name.removeprefix("PIP_"))] = value

    def text(key: str) -> str:
        found = ""
        for section in _SECTIONS:
            found = values.get((section, key), "").strip() or found  # pip ignores what is empty
        return found

    return PipSettings(
        index_url=text("index-url"),
        extra_index_urls=tuple(text("extra-index-url").split()),
        find_links=tuple(text("find-links").split()),
        no_index=text("no-index").lower() in _YES,
        constraints=tuple(text("constraint").split()),
        trusted_hosts=tuple(text("trusted-host").split()),
        cert=text("cert") or None,
        faults=tuple(faults),
    )


def _read(path: Path) -> Iterator[tuple[tuple[str, str], str]]:
    parser = configparser.RawConfigParser(strict=False)
    if path.is_file():
        parser.read_string(path.read_text(encoding="utf-8-sig"), str(path))
    for section in parser.sections():
        for name, value in parser.items(section):
            yield (section, _key(name)), value


def _key(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    """pip's files, the one that counts least first."""
    named = environ.get("PIP_CONFIG_FILE", "")
    if named == os.devnull:
        return
    name = "pip.ini" if os.name == "nt" else "pip.conf"
    home = Path(environ.get("USERPROFILE" if os.name == "nt" else "HOME") or Path.home())
    for folder in _folders_for_everybody(environ):
        yield folder / name
    if not (named and Path(named).exists()):  # a file that is named stands in for the person's own
        yield home / ("pip" if os.name == "nt" else ".pip") / name
        yield _folder_of_the_person(environ, home) / name
    yield Path(sys.prefix, name)
    if named:
        yield Path(named)


def _folders_for_everybody(environ: Mapping[str, str]) -> Iterator[Path]:
    if os.name == "nt":
        yield Path(environ.get("PROGRAMDATA", "C:/ProgramData"), "pip")
    elif sys.platform == "darwin":
        yield Path("/Library/Application Support/pip")
    else:
        for folder in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
            yield Path(folder, "pip")
        yield Path("/etc")


def _folder_of_the_person(environ: Mapping[str, str], home: Path) -> Path:
    if os.name == "nt":
        return Path(environ.get("APPDATA") or home / "AppData/Roaming", "pip")
    if sys.platform == "darwin" and (home / "Library/Application Support/pip").is_dir():
        return home / "Library/Application Support/pip"
    if sys.platform == "darwin":
        return home / ".config/pip"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip")
