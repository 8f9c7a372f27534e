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
from imjoy_offline.errors import StartError
from imjoy_offline.mirror.assembly import assemble, known_answers
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageSet
from imjoy_offline.mirror.parts import discard_all
from imjoy_offline.mirror.plan import Plan, count
from imjoy_offline.mirror.python_assembly import known_sets, wanted_sets
from imjoy_offline.mirror.python_lists import lists_are_right, tell_idle_wheels, write_lists
from imjoy_offline.mirror.report import SyncReport
from imjoy_offline.mirror.resolution import TEMPORARY_NAME, Answer
from imjoy_offline.mirror.settings import Settings
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.turn import one_run
from imjoy_offline.mirror.wheel_shelf import WheelCheck
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import Progress, ProgressEvent


def sync(
    folder: WorkingFolder,
    plan: Plan,
    settings: Settings,
    progress: Progress,
    *,
    retry_missing: bool = False,
    thorough: bool = False,
    environ: Mapping[str, str] | None = None,
) -> SyncReport:
    """Bring everything in ``plan`` into the folder and lock it.

    What was found missing before is asked for again where the hindrance may have passed, when something else has to be
    asked anyway, or with ``retry_missing``. Wheels that were found sound before and look unchanged are believed, but
    for ``thorough``, which reads every byte.

    Raises IntegrityError where lock, vendor.toml and upstream contradict each other, OfflineError where something is
    lacking and nothing answers, FetchError or ArchiveError where the app's own modules cannot be had, StartError
    where another run is at work in the folder. In all these cases lock and objects stay as they were, but for what
    was fetched and found good.
    """
    total = len(plan.vendor.packages) + len(plan.addressed) + len(plan.package_sets)
    progress.emit(ProgressEvent("plan", plan.text, total=total))
    for sentence in settings.warnings:
        progress.emit(ProgressEvent("warning", sentence))
    check = WheelCheck(progress, thorough=thorough)
    state = _look(folder, plan, retry_missing, check)
    if state.complete and state.settled:
        if state.shelf.wheels.restamped:
            _note_stamps(folder, plan, progress, check)
        progress.emit(ProgressEvent("done", "Everything is here; nothing was asked for."))
        return SyncReport(state.lock, state.lock.missing)
    with one_run(folder.cache):
        # Another run may have ended between the look and the turn.
        state = _look(folder, plan, retry_missing, check)
        _clean(folder, state.shelf)
        report = _run(folder, plan, settings, progress, state, os.environ if environ is None else environ)
    progress.emit(ProgressEvent("done", _told(report), done_bytes=report.downloaded_bytes))
    return report


@dataclass(frozen=True)
class _State:
    """What the folder already has: the answers to keep, and the lock that they make."""

    shelf: Shelf
    answers: Mapping[str, Answer]
    sets: Mapping[PackageSet, EnvironmentAnswer]
    lock: Lockfile
    complete: bool

    @property
    def settled(self) -> bool:
        """Whether lock, record and lists stand as a run would leave them."""
        shelf = self.shelf
        whole = lock_bytes(self.lock) == shelf.lock_content and shelf.settled
        return whole and lists_are_right(self.lock, shelf.wheels.house)


def _look(folder: WorkingFolder, plan: Plan, retry_missing: bool, check: WheelCheck) -> _State:
    shelf = Shelf(folder, plan.vendor, check)
    answers, sets = known_answers(plan, shelf), known_sets(plan, shelf)
    lock = assemble(plan, shelf, answers, sets)
    vendor_held = all(
        shelf.held(package.name, package.version, path) is not None
        for package in plan.vendor.packages
        for path in package.files
    )
    open_wants = [
        want
        for want in plan.addressed
        if want.source.url not in answers
        or answers[want.source.url].passing
        or (retry_missing and answers[want.source.url].missing)
    ]
    open_sets = [
        one
        for one in wanted_sets(plan, shelf.wheels)
        if one not in sets or sets[one].passing or (retry_missing and sets[one].missing)
    ]
    return _State(shelf, answers, sets, lock, vendor_held and not open_wants and not open_sets)


def _note_stamps(folder: WorkingFolder, plan: Plan, progress: Progress, check: WheelCheck) -> None:
    """Record that the wheels were read, so that the next run need not; a copied folder may be read-only."""
    try:
        with one_run(folder.cache):
            Shelf(folder, plan.vendor, check).save()
    except (OSError, StartError) as error:
        text = f"The Python wheels here were read and are sound, which could not be noted in the folder ({error})."
        progress.emit(ProgressEvent("note", text))


def _run(
    folder: WorkingFolder, plan: Plan, settings: Settings, progress: Progress, state: _State, environ: Mapping[str, str]
) -> SyncReport:
    shelf, lock = state.shelf, state.lock
    answers, sets = state.answers, state.sets
    asked = received = 0
    if not state.complete:
        # Only a run that asks something needs the client, which is slow to import.
        from imjoy_offline.mirror.run import Answers, Run

        run = Run(folder, plan, settings, shelf, progress, environ)
        found = asyncio.run(run.go(Answers(answers, sets)))
        answers, sets = found.addresses, found.sets
        lock = assemble(plan, shelf, answers, sets)
        asked, received = run.asked, run.received
    content = lock_bytes(lock)
    if content != shelf.lock_content:
        write_lockfile(folder.lock_file, lock)
    write_lists(lock, shelf.wheels.house)
    # The record now goes with this lock, and needs no more than the lock does.
    shelf.resolution.prune(lock, answers, sets)
    shelf.resolution.base = hashlib.sha256(content).hexdigest()
    shelf.save()
    passing = any(one.passing for one in answers.values()) or any(one.passing for one in sets.values())
    if not passing:  # else the next run goes on with what has come so far
        discard_all(folder.cache / "partial")
    tell_idle_wheels(lock, shelf.wheels.house, progress)
    new_files = shelf.new_files + shelf.wheels.new_files + shelf.direct.new_files
    return SyncReport(
        lock=lock,
        missing=lock.missing,
        downloaded_files=new_files,
        downloaded_bytes=received,
        asked=asked,
        repaired=tuple(sorted({*shelf.repaired, *shelf.wheels.repaired, *shelf.direct.repaired})),
        changed=content != shelf.lock_content or new_files > 0,
    )


def _clean(folder: WorkingFolder, shelf: Shelf) -> None:
    """Remove what killed runs left half-written."""
    shelf.store.clean()
    (folder.cache / TEMPORARY_NAME).unlink(missing_ok=True)
    for place in (folder.root, folder.cache, folder.wheels):
        for path in place.glob(".writing-*"):
            path.unlink(missing_ok=True)


def _told(report: SyncReport) -> str:
    text = f"{count(report.downloaded_files, 'file')} brought, {report.downloaded_bytes} bytes over the network"
    if report.missing:
        text += f"; {count(len(report.missing), 'thing')} could not be had"
    return text + "."
