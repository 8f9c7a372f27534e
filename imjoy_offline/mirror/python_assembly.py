"""The Python part of the way from answers to the lock: sets of packages become environments and wheels. Pure.

A lock that comes from another computer or another Python keeps what was locked there, as long as a plugin still wants
those packages: the folder is to run there too.
"""

from collections.abc import Iterable, Iterator, Mapping

from imjoy_offline.cache.lockfile import LockedArtifact, LockedEnvironment, MissingItem
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageSet
from imjoy_offline.mirror.plan import Plan
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.wheel_shelf import WheelShelf


def wanted_sets(plan: Plan, shelf: WheelShelf) -> tuple[PackageSet, ...]:
    """The sets of the plan, and those that the lock has for other targets and that are still wanted; sorted."""
    packages = {one.packages for one in plan.package_sets}
    others = (one for one in shelf.locked_sets if one.packages in packages)
    return tuple(sorted({*plan.package_sets, *others}))


def known_sets(plan: Plan, shelf: Shelf) -> dict[PackageSet, EnvironmentAnswer]:
    """What record and lock already answer in full, every wheel sound."""
    known: dict[PackageSet, EnvironmentAnswer] = {}
    for one in wanted_sets(plan, shelf.wheels):
        chosen = shelf.wheels.chosen(one)
        if chosen is not None:
            if all(shelf.wheels.held(name) is not None for name in chosen):
                known[one] = EnvironmentAnswer(chosen)
            continue
        recorded = shelf.resolution.environments.get(one) or _told_by_lock(one, plan, shelf.lock.missing)
        if recorded is not None:
            known[one] = recorded
    return known


def _told_by_lock(one: PackageSet, plan: Plan, missing: Iterable[MissingItem]) -> EnvironmentAnswer | None:
    """What the lock says is missing of these packages, where it says so of this target."""
    here = [item for item in missing if str(one.target) in item.reason]
    misses = {miss for want in plan.python if want.packages == one.packages for miss in want.misses(here)}
    return EnvironmentAnswer(missing=tuple(sorted(misses))) if misses else None


def locked_environments(sets: Mapping[PackageSet, EnvironmentAnswer], shelf: WheelShelf) -> list[LockedEnvironment]:
    """The environments whose wheels are in the folder; a locked one of which some are gone for now stays locked."""

    def whole(one: PackageSet, answer: EnvironmentAnswer) -> bool:
        if answer.missing:
            return bool(answer.wheels) and one in shelf.locked_sets
        return all(shelf.named(name) is not None for name in answer.wheels)

    return [
        LockedEnvironment(one.packages, one.target.platform, one.target.python, tuple(sorted(answer.wheels)))
        for one, answer in sets.items()
        if whole(one, answer)
    ]


def needed_wheels(environments: Iterable[LockedEnvironment], shelf: WheelShelf) -> list[LockedArtifact]:
    """The wheels that these environments take."""
    names = {name for environment in environments for name in environment.wheels}
    return [artifact for name in sorted(names) if (artifact := shelf.named(name)) is not None]


def missing_packages(plan: Plan, sets: Mapping[PackageSet, EnvironmentAnswer]) -> Iterator[MissingItem]:
    """What is missing on any target, in the words of every plugin that wants it."""
    for one, answer in sets.items():
        for want in plan.python:
            if want.packages == one.packages:
                yield from want.missing(answer.missing)
