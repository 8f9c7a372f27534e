"""The Python part of a run: sets of packages are resolved, one after the other; then their wheels are brought.

What was chosen is recorded before it is fetched and chosen again by a later run, also when indexes offer more by then.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from imjoy_offline.cache.wheelhouse import Target, wheel_parts
from imjoy_offline.errors import OfflineError, SupplyError
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageMiss, PackageSet, named_in
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.jobs import in_parallel, telling
from imjoy_offline.mirror.pypi import Resolver
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.uv_answers import WheelOffer
from imjoy_offline.mirror.wheels import WheelCarrier
from imjoy_offline.progress import Progress, ProgressEvent

_TOGETHER = "Each of these requirements can be had alone, but not all together. "


class PythonRun:
    """``answers`` are there afterwards; ``unreachable`` are the sets for which nobody answered."""

    def __init__(self, shelf: Shelf, resolver: Resolver, carrier: WheelCarrier, progress: Progress) -> None:
        self.answers: dict[PackageSet, EnvironmentAnswer] = {}
        self.unreachable: dict[PackageSet, OfflineError] = {}
        self._shelf = shelf
        self._resolver = resolver
        self._carrier = carrier
        self._progress = progress
        self._offers: dict[str, WheelOffer] = {}
        self._alone: dict[tuple[str, Target], SupplyError | None] = {}
        self._dead: OfflineError | None = None
        self._told: set[str] = set()

    async def go(self, known: Mapping[PackageSet, EnvironmentAnswer], wanted: Iterable[PackageSet]) -> None:
        """Answer every set; raises IntegrityError where lock, folder and index contradict each other."""
        self.answers.update(known)
        open_sets = [one for one in wanted if one not in known or known[one].missing]
        if not open_sets:
            return
        self._progress.emit(ProgressEvent("step", "Looking up Python packages", total=len(open_sets)))
        chosen: dict[PackageSet, tuple[str, ...]] = {}
        for number, one in enumerate(open_sets):
            names = await self._look_up(one, ProgressEvent("working", told(one), number, len(open_sets)))
            if names is not None:
                chosen[one] = names
            self._progress.emit(ProgressEvent("item", told(one), number + 1, len(open_sets)))
        failed = await self._bring({name for names in chosen.values() for name in names})
        for one, names in chosen.items():
            self._answer(one, names, {name: failed[name] for name in names if name in failed})

    async def _look_up(self, one: PackageSet, word: ProgressEvent) -> tuple[str, ...] | None:
        async with telling(self._progress, lambda: word):
            return await self._choose(one)

    async def _choose(self, one: PackageSet) -> tuple[str, ...] | None:
        """The wheels of the set by name; None where it is answered otherwise."""
        try:
            # Where one index is out of reach, uv finds nothing at all, and takes its time: once is enough.
            if self._dead is not None:
                raise self._dead
            chosen = self._shelf.wheels.chosen(one)
            if chosen is not None and await self._locate_again(one, chosen):
                return chosen
            return await self._resolve(one)
        except OfflineError as error:
            self._note_unreachable(one, error)
        except AbsentError as error:
            await self._note_impossible(one, error)
        except SupplyError as error:
            self._warn(error)
            self.answers[one] = self._passing(one, error)
        return None

    async def _resolve(self, one: PackageSet) -> tuple[str, ...]:
        offers = await self._resolver.resolve(one.packages, one.target)
        for offer in offers:
            self._shelf.wheels.choose(offer.name, offer.sha256)
            self._offers[offer.name] = offer
        names = tuple(sorted(offer.name for offer in offers))
        self._shelf.resolution.environments[one] = EnvironmentAnswer(names)
        self._shelf.save()
        return names

    async def _locate_again(self, one: PackageSet, chosen: tuple[str, ...]) -> bool:
        """Find out where those wheels lie that were chosen before and are not here; False where that is nowhere."""
        lacking = [name for name in chosen if self._shelf.wheels.held(name) is None and name not in self._offers]
        if not lacking:
            return True
        try:
            offers = await self._resolver.locate([wheel_parts(name) for name in lacking], one.target)
        except AbsentError as error:
            offers = ()
            self._warn(error)
        found = {offer.name: offer for offer in offers}
        if not found.keys() >= set(lacking):
            gone = ", ".join(name for name in lacking if name not in found)
            text = f"No index has {gone} any more. The Python packages {told(one)} are chosen anew."
            self._progress.emit(ProgressEvent("warning", text))
            return False
        for name in lacking:
            self._shelf.wheels.choose(name, found[name].sha256)
            self._offers[name] = found[name]
        return True

    async def _note_impossible(self, one: PackageSet, error: AbsentError) -> None:
        """Find every single requirement that cannot be had, by asking for each alone."""
        misses = []
        try:
            for package in one.packages if len(one.packages) > 1 else ():
                reason = await self._alone_error(package, one.target)
                if reason is not None:
                    misses.append(PackageMiss(package, reason.message, not isinstance(reason, AbsentError)))
        except OfflineError as offline:
            self._note_unreachable(one, offline)
            return
        if not misses:
            words = error.message if len(one.packages) == 1 else _TOGETHER + error.message
            misses = [PackageMiss(package, words) for package in named_in(one.packages, error.message)]
        self.answers[one] = answer = EnvironmentAnswer(missing=tuple(misses))
        if not answer.passing:
            self._shelf.resolution.environments[one] = answer
            self._shelf.save()

    async def _alone_error(self, package: str, target: Target) -> SupplyError | None:
        if (package, target) not in self._alone:
            try:
                await self._resolver.resolve((package,), target)
            except OfflineError:
                raise
            except SupplyError as error:
                self._alone[package, target] = error
            else:
                self._alone[package, target] = None
        return self._alone[package, target]

    async def _bring(self, names: Iterable[str]) -> dict[str, SupplyError]:
        """Bring those of the wheels that are not here; what went wrong with which."""
        offers = [self._offers[name] for name in sorted(names) if self._shelf.wheels.held(name) is None]
        if not offers:
            return {}
        sizes = [offer.size for offer in offers]
        total_bytes = None if None in sizes else sum(size for size in sizes if size is not None)
        failed: dict[str, SupplyError] = {}
        done = 0

        def event(kind: Literal["item", "working"], text: str) -> ProgressEvent:
            return ProgressEvent(kind, text, done, len(offers), self._carrier.bytes_here, total_bytes)

        async def one(offer: WheelOffer) -> None:
            nonlocal done
            try:
                await self._carrier.bring(offer)
            except SupplyError as error:
                self._warn(error)
                failed[offer.name] = error
            self._shelf.save()
            done += 1
            self._progress.emit(event("item", _labels([offer.name])))

        size = f", {total_bytes / 1e6:.1f} MB" if total_bytes else ""
        self._progress.emit(ProgressEvent("step", f"Fetching Python wheels{size}", total=len(offers)))
        async with telling(self._progress, lambda: event("working", _labels(self._carrier.under_way))):
            await in_parallel(one(offer) for offer in offers)
        return failed

    def _answer(self, one: PackageSet, names: tuple[str, ...], failed: Mapping[str, SupplyError]) -> None:
        if not failed:
            self.answers[one] = EnvironmentAnswer(names)
            return
        misses = {
            PackageMiss(package, error.message, passing=True)
            for name, error in failed.items()
            for package in named_in(one.packages, wheel_parts(name)[0])
        }
        self.answers[one] = EnvironmentAnswer(names, tuple(sorted(misses)))

    def give_up(self) -> None:
        """Answer the sets for which nobody answered: all of each is missing for now."""
        for one, error in self.unreachable.items():
            self.answers[one] = self._passing(one, error)

    def _note_unreachable(self, one: PackageSet, error: OfflineError) -> None:
        self._warn(error)
        self._dead = error
        if one not in self.answers:  # what was answered before stays as it was
            self.unreachable[one] = error

    def _passing(self, one: PackageSet, error: SupplyError) -> EnvironmentAnswer:
        missing = tuple(PackageMiss(package, error.message, passing=True) for package in one.packages)
        return EnvironmentAnswer(self._shelf.wheels.chosen(one) or (), missing)

    def _warn(self, error: SupplyError) -> None:
        """The hint with the host is for the person at the screen: it is in no lock."""
        if error.hint and str(error) not in self._told:
            self._told.add(str(error))
            self._progress.emit(ProgressEvent("warning", str(error)))


def told(one: PackageSet) -> str:
    """The set in a few words."""
    return _few(one.packages)


def _labels(wheels: Iterable[str]) -> str:
    return _few([" ".join(wheel_parts(name)) for name in wheels])


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
