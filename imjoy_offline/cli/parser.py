"""The command line's options, as one parser; what they do is in the other modules of this room."""

import argparse
from pathlib import Path

from imjoy_offline import __version__

DESCRIPTION = """\
ImJoy, with its plugins, where there is no internet.

  On a connected computer, in an empty folder:   python -m imjoy --serve
      downloads everything that the app and its plugins need into this folder, then serves it.
  Afterwards, in the same folder, with no network:   python -m imjoy
      serves it at http://127.0.0.1:8080. The folder can be carried to another computer."""

EPILOG = """\
Exit status: 0 done; 1 findings under --strict; 2 usage; 3 could not start; 4 offline, and something is missing;
5 something is not what it was promised to be (digest, lock file)."""


def _both(name: str) -> list[str]:
    """An option in today's spelling and in that of 2018 (``--force-quit-timeout``, ``--force_quit_timeout``)."""
    spellings = [f"--{name}"]
    if "-" in name:
        spellings.append(f"--{name.replace('-', '_')}")
    return spellings


def _port(text: str) -> int:
    """A TCP port, 1 to 65535; raises ArgumentTypeError in words."""
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


def _seconds(text: str) -> float:
    """A time of at least 0 seconds; raises ArgumentTypeError in words."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < 86400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time in seconds")
    return value


def _add_supply_options(parser: argparse.ArgumentParser) -> None:
    """Options that both ``--serve`` and ``mirror`` take."""
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 when anything that was asked for could not be had; read every Python wheel again",
    )
    parser.add_argument("--debug", action="store_true", help="say more, and show tracebacks of unexpected errors")


def _add_serving_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--serve", action="store_true", help="first download what is missing into this folder, then serve it"
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="loopback only in this version (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="PORT",
        help="port of the app (default: the one remembered for this folder, else 8080 or the next free one)",
    )
    parser.add_argument(
        *_both("sandbox-port"),
        type=_port,
        metavar="PORT",
        help="port of the plugins' sandbox (default: remembered or free)",
    )
    parser.add_argument(
        "--token",
        metavar="TOKEN",
        help="use this access token for this run (default: the one kept for this folder)",
    )
    parser.add_argument(
        *_both("rotate-token"),
        action="store_true",
        help="make a new access token; links and tabs with the old one end",
    )
    parser.add_argument(
        "--workspace",
        type=Path,
        metavar="FOLDER",
        help="where plugins keep their files (default: workspace in this folder)",
    )
    parser.add_argument(
        *_both("allow-origin"),
        action="append",
        default=[],
        metavar="ORIGIN",
        help="let a page of another origin use the engine, such as https://imjoy.io; may be given again",
    )
    parser.add_argument(*_both("no-open"), action="store_true", help="do not open the browser")
    parser.add_argument(*_both("no-engine"), action="store_true", help="serve the app without the Python plugin engine")
    parser.add_argument("--freeze", action="store_true", help="let no plugin make or change a Python environment")
    parser.add_argument(
        *_both("force-quit-timeout"),
        type=_seconds,
        default=5.0,
        metavar="SECONDS",
        help="how long Ctrl-C waits before it ends what still runs (default: %(default)g)",
    )


def build_parser() -> argparse.ArgumentParser:
    """The whole parser: serving options at the top, ``mirror`` as a command of its own."""
    parser = argparse.ArgumentParser(
        prog="python -m imjoy",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ImJoy Offline {__version__}")
    _add_serving_options(parser)
    _add_supply_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    mirror = commands.add_parser(
        "mirror",
        help="download everything that is missing into this folder, without serving",
        description="Download everything that the app and its plugins need into this folder; nothing is served.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    mirror.add_argument(
        "--plugin",
        action="append",
        default=[],
        metavar="URL",
        help="add one plugin: a file, or the http(s) address of a *.imjoy.html file; may be given again",
    )
    mirror.add_argument(
        "--retry", action="store_true", help="ask again for what earlier runs did not find, such as a new package"
    )
    mirror.add_argument("--json", action="store_true", help="say what happens as JSON, an object a line, for programs")
    _add_supply_options(mirror)
    return parser
