"""Carrying a plan out: ask only for what the folder lacks, keep what comes, and write the lock last.

Where the folder holds everything, nothing is asked and nothing written. A run that is cut off anywhere leaves a
folder in which the next run ends exactly as this one would have.
"""

import asyncio
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from imjoy_offline.cache.lockfile import Lockfile, lock_bytes, write_lockfile
from imjoy_offline.mirror.assembly import assemble, known_answers
from imjoy_offline.mirror.parts import discard_all
from imjoy_offline.mirror.plan import Plan, count
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.resolution import TEMPORARY_NAME, Answer
from imjoy_offline.mirror.settings import Settings
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.turn import one_run
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import Progress, ProgressEvent


def sync(
    folder: WorkingFolder,
    plan: Plan,
    settings: Settings,
    progress: Progress,
    *,
    retry_missing: bool = False,
    environ: Mapping[str, str] | None = None,
) -> SyncReport:
    """Bring everything in ``plan`` into the folder and lock it.

    What was found missing before is asked for again where the hindrance may have passed, when something else has to be
    asked anyway, or with ``retry_missing``.

    Raises IntegrityError where lock, vendor.toml and upstream contradict each other, OfflineError where something is
    lacking and nothing answers, FetchError or ArchiveError where the app's own modules cannot be had, StartError
    where another run is at work in the folder. In all these cases lock and objects stay as they were, but for what
    was fetched and found good.
    """
    progress.emit(ProgressEvent("plan", plan.text, total=len(plan.vendor.packages) + len(plan.wants)))
    for sentence in settings.warnings:
        progress.emit(ProgressEvent("warning", sentence))
    state = _look(folder, plan, retry_missing)
    if state.complete and state.unchanged and state.shelf.settled:
        progress.emit(ProgressEvent("done", "Everything is here; nothing was asked for."))
        return SyncReport(state.lock, state.lock.missing)
    with one_run(folder.cache):
        # Another run may have ended between the look and the turn.
        state = _look(folder, plan, retry_missing)
        _clean(folder, state.shelf)
        report = _run(folder, plan, settings, progress, state, os.environ if environ is None else environ)
    progress.emit(ProgressEvent("done", _told(report), done_bytes=report.downloaded_bytes))
    return report


@dataclass(frozen=True)
class _State:
    """What the folder already has: the answers to keep, and the lock that they make."""

    shelf: Shelf
    answers: dict[str, Answer]
    lock: Lockfile
    complete: bool
    unchanged: bool


def _look(folder: WorkingFolder, plan: Plan, retry_missing: bool) -> _State:
    shelf = Shelf(folder, plan.vendor)
    answers = known_answers(plan, shelf)
    lock = assemble(plan, shelf, answers)
    vendor_held = all(
        shelf.held(package.name, package.version, path) is not None
        for package in plan.vendor.packages
        for path in package.files
    )
    open_wants = [
        want
        for want in plan.wants
        if want.source.url not in answers
        or answers[want.source.url].passing
        or (retry_missing and answers[want.source.url].missing)
    ]
    return _State(shelf, answers, lock, vendor_held and not open_wants, lock_bytes(lock) == shelf.lock_content)


def _run(
    folder: WorkingFolder, plan: Plan, settings: Settings, progress: Progress, state: _State, environ: Mapping[str, str]
) -> SyncReport:
    shelf, answers, lock = state.shelf, state.answers, state.lock
    asked = received = 0
    if not state.complete:
        # Only a run that asks something needs the client, which is slow to import.
        from imjoy_offline.mirror.run import Run

        run = Run(folder, plan, settings, shelf, progress, environ)
        answers = asyncio.run(run.go(answers))
        lock = assemble(plan, shelf, answers)
        asked, received = run.asked, run.received
    content = lock_bytes(lock)
    if content != shelf.lock_content:
        write_lockfile(folder.lock_file, lock)
    # The record now goes with this lock, and needs no more than the lock does.
    shelf.resolution.prune(lock, answers)
    shelf.resolution.base = hashlib.sha256(content).hexdigest()
    shelf.save()
    discard_all(folder.cache / "partial")
    return SyncReport(
        lock=lock,
        missing=lock.missing,
        downloaded_files=shelf.new_files,
        downloaded_bytes=received,
        asked=asked,
        repaired=tuple(sorted(shelf.repaired)),
        changed=content != shelf.lock_content or shelf.new_files > 0,
    )


def _clean(folder: WorkingFolder, shelf: Shelf) -> None:
    """Remove what killed runs left half-written."""
    shelf.store.clean()
    (folder.cache / TEMPORARY_NAME).unlink(missing_ok=True)
    for path in folder.root.glob(".writing-*"):
        path.unlink(missing_ok=True)


def _told(report: SyncReport) -> str:
    text = f"{count(report.downloaded_files, 'file')} brought, {report.downloaded_bytes} bytes over the network"
    if report.missing:
        text += f"; {count(len(report.missing), 'thing')} could not be had"
    return text + "."
