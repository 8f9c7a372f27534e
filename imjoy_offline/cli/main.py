"""The command line's entry: options in, exit status out; every error becomes words exactly once, here."""

import argparse
import sys
from collections.abc import Sequence

from imjoy_offline.cli.console import Console, JsonConsole
from imjoy_offline.cli.parser import build_parser
from imjoy_offline.errors import EXIT_NOT_STARTED, ImjoyError, StartError

EXIT_INTERRUPTED = 130


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Do what the options ask for; raises ImjoyError."""
    if arguments.command == "mirror":
        from imjoy_offline.cli.mirror import run_mirror

        return run_mirror(arguments, console)
    from imjoy_offline.cli.serve import run_serve

    return run_serve(arguments, console)


def entry(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    arguments = build_parser().parse_args(argv)
    console = JsonConsole() if getattr(arguments, "json", False) else Console()
    try:
        return run(arguments, console)
    except ImjoyError as error:
        console.error(error)
        return error.exit_status
    except KeyboardInterrupt:
        console.note("Stopped. What was done is kept; the same command goes on from here.")
        return EXIT_INTERRUPTED
    except ModuleNotFoundError as error:
        console.error(_missing_package(error))
        if arguments.debug:
            console.unexpected(error, debug=True)
        return EXIT_NOT_STARTED
    except OSError as error:
        console.error(
            ImjoyError(f"The system refused: {error}.", hint="Check the folder's free space and permissions.")
        )
        if arguments.debug:
            console.unexpected(error, debug=True)
        return EXIT_NOT_STARTED
    except Exception as error:  # noqa: BLE001 - the outermost edge: a fault of ours is told in words, not as a traceback
        console.unexpected(error, arguments.debug)
        return EXIT_NOT_STARTED
    finally:
        console.close()


def _missing_package(error: ModuleNotFoundError) -> StartError:
    """What to say where Python lacks something that was to be installed with us."""
    return StartError(
        f"This Python ({sys.executable}) lacks the package {error.name}, which ImJoy Offline needs.",
        hint="Install it first: python3 scripts/install.py in a clone, or pip install . for this Python.",
    )


if __name__ == "__main__":
    sys.exit(entry())
