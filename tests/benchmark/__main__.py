"""``python -m tests.benchmark [NAME ...]``: figures beside their limits, both measured in this run.

Names: rpc, usable, worker, environment, server; all where none is given. It mirrors for real into a temporary folder
first, so it needs the registries; nothing here is a test, and no figure of a busy machine says anything.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmark.figures import HEAD, Figure
from tests.benchmark.pages import rpc_figures, usable_figures
from tests.benchmark.processes import environment_figures, server_figures, worker_figures
from tests.helpers.processes import bare_environment, run_app
from tests.helpers.supply_settings import supply_environment


def mirrored(scratch: Path) -> Path:
    """A folder as a person's first run leaves it."""
    folder = scratch / "mirrored"
    folder.mkdir()
    environment = bare_environment(scratch / "home", **supply_environment())
    done = run_app(folder, "mirror", environment=environment, seconds=600)
    assert done.returncode == 0, done.stderr
    return folder


def main(names: list[str]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        folder = mirrored(scratch)
        figures: dict[str, Callable[[], Iterator[Figure]]] = {
            "rpc": lambda: rpc_figures(folder, scratch),
            "usable": lambda: usable_figures(folder, scratch),
            "worker": lambda: worker_figures(scratch / "worker"),
            "environment": lambda: environment_figures(scratch / "environment"),
            "server": lambda: server_figures(folder, scratch),
        }
        unknown = [name for name in names if name not in figures]
        if unknown:
            sys.exit(f"There is no benchmark {unknown[0]!r}; there are: {', '.join(figures)}.")
        print(HEAD)
        for one in names or figures:
            for figure in figures[one]():
                print(figure.row(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
