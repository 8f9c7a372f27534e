"""``python -m imjoy``: serves the working folder, after a mirror run where ``--serve`` asks for one."""

import argparse
from pathlib import Path

from imjoy_offline.cli.console import Console
from imjoy_offline.errors import EXIT_DONE, NotMirroredError
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.server.config import ServerConfig


def run_serve(arguments: argparse.Namespace, console: Console) -> int:
    """Serve until Ctrl-C; raises ImjoyError where that cannot start."""
    folder = WorkingFolder(Path.cwd())
    # Made before anything is downloaded: a wrong option is told at once.
    config = ServerConfig(
        folder=folder,
        host=arguments.host,
        port=arguments.port,
        sandbox_port=arguments.sandbox_port,
        token=arguments.token,
        rotate_token=arguments.rotate_token,
        allow_origins=tuple(arguments.allow_origin),
        engine=not arguments.no_engine,
        freeze=arguments.freeze,
        mirrors=arguments.serve,
        debug=arguments.debug,
        open_browser=not arguments.no_open,
        force_quit_seconds=arguments.force_quit_timeout,
        workspace=arguments.workspace,
    )
    if arguments.serve:
        from imjoy_offline.cli.mirror import supply_or_keep

        status = supply_or_keep(folder, console, strict=arguments.strict)
        if status != EXIT_DONE:
            return status
    if folder.current_site() is None:
        raise NotMirroredError(
            "This folder was never mirrored, so there is nothing to serve.",
            hint="On a connected computer run: python -m imjoy --serve   (in this folder, or copy a mirrored one here)",
        )
    from imjoy_offline.server.launch import serve

    def announce(url: str) -> None:
        console.result(url)

    status = serve(config, console, lambda ready: announce(ready.url))
    return status
