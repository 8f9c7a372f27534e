"""From answers to the lock: pure but for reading the store. The same answers always give the same lock."""

from collections.abc import Iterable, Mapping, Sequence

from imjoy_offline.cache.lockfile import HOWS, How, LockedArtifact, LockedPackage, Lockfile, MissingItem, Pin
from imjoy_offline.mirror.closure import answer_from_lock
from imjoy_offline.mirror.direct_closure import direct_answer_from_lock
from imjoy_offline.mirror.direct_shelf import is_direct
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageSet
from imjoy_offline.mirror.plan import DirectWant, Plan, Want
from imjoy_offline.mirror.python_assembly import locked_environments, missing_packages, needed_wheels
from imjoy_offline.mirror.resolution import Answer, AnsweredUrl, DirectRecord, Miss, Taken
from imjoy_offline.mirror.shelf import Shelf


def known_answers(plan: Plan, shelf: Shelf) -> dict[str, Answer]:
    """What record and lock already answer in full, every object whole; by address."""
    by_url = shelf.lock.by_url()
    missing = {item.asked: item for item in shelf.lock.missing}
    answers: dict[str, Answer] = {}
    for want in plan.addressed:
        url = want.source.url
        if url in answers:
            continue
        found = shelf.resolution.answers.get(url)
        if found is None and shelf.lock_is_whole:
            if isinstance(want, DirectWant):
                found = direct_answer_from_lock(url, by_url, missing, shelf.store)
            else:
                found = answer_from_lock(want.source, by_url, missing, shelf.store)
            item = missing.get(want.asked)
            if found is None and item is not None:
                found = Answer(missing=(Miss(url, item.reason, item.passing),))
        if found is not None and all(_held(file.source, shelf) for file in found.files):
            answers[url] = found
    return answers


def assemble(
    plan: Plan, shelf: Shelf, answers: Mapping[str, Answer], sets: Mapping[PackageSet, EnvironmentAnswer]
) -> Lockfile:
    """The lock of these answers to addresses and sets of packages; wants without an answer leave nothing in it."""
    files, misses = _claims([(want, answers[want.source.url]) for want in plan.addressed if want.source.url in answers])
    urls: dict[str, set[str]] = {
        package.source(path): set() for package in plan.vendor.packages for path in package.files
    }
    hows: dict[str, How] = {}
    for file in files:
        urls.setdefault(file.source, set()).add(file.url)
        hows[file.source] = max(hows.get(file.source, "exact"), file.how, key=HOWS.index)
    artifacts = []
    for source, addresses in urls.items():
        taken = _held(source, shelf)
        if taken is not None:
            how, kind = hows.get(source, "exact"), taken.type if isinstance(taken, DirectRecord) else ""
            artifacts.append(LockedArtifact(source, taken.size, taken.sha256, tuple(sorted(addresses)), how, kind))
    environments = locked_environments(sets, shelf.wheels)
    return Lockfile.of(
        [*artifacts, *needed_wheels(environments, shelf.wheels)],
        _packages(artifacts, shelf),
        _pins((want for want in plan.wants if want.source.url in answers and answers[want.source.url].files), shelf),
        [*misses, *plan.refused, *missing_packages(plan, sets)],
        plan.added,
        environments,
    )


def _claims(
    answered: Sequence[tuple[Want | DirectWant, Answer]],
) -> tuple[list[AnsweredUrl], list[MissingItem]]:
    """Every address with the one file that answers it; a second file for the same address is a miss.

    An address that a package answers need not be asked for as it is: that it would be is no contradiction.
    """
    owners: dict[str, AnsweredUrl] = {}
    misses = []
    for want, answer in answered:
        for file in answer.files:
            if file.url == want.source.url:
                owners[file.url] = file
    for want, answer in answered:
        for file in answer.files:
            owner = owners.setdefault(file.url, file)
            if owner.source != file.source and not is_direct(file.source):
                reason = f"The address already stands for {owner.source}; here it would have to be {file.source}."
                misses.append(MissingItem(file.url, want.plugin, want.line, reason))
        for miss in answer.missing:
            asked = want.asked if miss.url == want.source.url else miss.url
            misses.append(MissingItem(asked, want.plugin, want.line, miss.reason, miss.passing))
    return [owners[url] for url in sorted(owners)], misses


def _packages(artifacts: Iterable[LockedArtifact], shelf: Shelf) -> list[LockedPackage]:
    keys = {split_source(artifact.source)[:2] for artifact in artifacts if not is_direct(artifact.source)}
    return [
        LockedPackage(name, version, integrity)
        for name, version in keys
        if (integrity := shelf.integrity(name, version))
    ]


def _pins(wants: Iterable[Want], shelf: Shelf) -> list[Pin]:
    asked = {want.source.asked for want in wants if not want.source.exact}
    return [pin for text in asked if (pin := shelf.pin(text)) is not None]


def _held(source: str, shelf: Shelf) -> Taken | DirectRecord | None:
    return shelf.direct.held(source) if is_direct(source) else shelf.held(*split_source(source))


def split_source(source: str) -> tuple[str, str, str]:
    """Name, version and path of ``npm:name@version/path``."""
    text = source.removeprefix("npm:")
    name, _, rest = text[1:].partition("@")
    version, _, path = rest.partition("/")
    return text[0] + name, version, path
