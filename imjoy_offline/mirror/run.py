"""One run over the network: npm packages, files of plain addresses, then Python wheels, over one fetcher.

Made by ``sync`` when the folder lacks something.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from imjoy_offline.errors import OfflineError
from imjoy_offline.mirror.direct import DirectRun
from imjoy_offline.mirror.environments import EnvironmentAnswer, PackageSet
from imjoy_offline.mirror.fetch import Fetcher
from imjoy_offline.mirror.indexes import Indexes, package_indexes
from imjoy_offline.mirror.npm import npm_configuration
from imjoy_offline.mirror.npm_run import NpmRun
from imjoy_offline.mirror.pip_settings import pip_settings
from imjoy_offline.mirror.plan import Plan
from imjoy_offline.mirror.pypi import Resolver
from imjoy_offline.mirror.python_assembly import wanted_sets
from imjoy_offline.mirror.python_run import PythonRun, told
from imjoy_offline.mirror.resolution import Answer
from imjoy_offline.mirror.settings import Settings
from imjoy_offline.mirror.shelf import Shelf
from imjoy_offline.mirror.trust import authority_bundle, tls_context
from imjoy_offline.mirror.wheels import WheelCarrier
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import Progress, ProgressEvent


@dataclass(frozen=True)
class Answers:
    """What came of every wanted address, and of every set of Python packages."""

    addresses: Mapping[str, Answer]
    sets: Mapping[PackageSet, EnvironmentAnswer]


class Run:
    """``asked`` and ``received`` say afterwards how much went over the network; what uv asks is not counted."""

    def __init__(
        self,
        folder: WorkingFolder,
        plan: Plan,
        settings: Settings,
        shelf: Shelf,
        progress: Progress,
        environ: Mapping[str, str],
    ) -> None:
        self.asked = 0
        self.received = 0
        self._folder = folder
        self._plan = plan
        self._hosts = settings.upstream.hosts
        self._npm = npm_configuration(folder.root, settings.upstream.npm, environ)
        # pip's settings are nobody's business where no plugin wants Python packages.
        self._indexes = (
            package_indexes(pip_settings(environ), folder.root, self._hosts, environ)
            if plan.package_sets
            else Indexes()
        )
        self._shelf = shelf
        self._progress = progress
        self._environ = environ

    async def go(self, known: Answers) -> Answers:
        """The answers to all wants. Raises what ``sync`` says."""
        tls, faults = tls_context(self._environ, self._npm.cafile)
        for sentence in (*faults, *self._indexes.warnings):
            self._progress.emit(ProgressEvent("warning", sentence))
        partial = self._folder.cache / "partial"
        async with Fetcher(self._hosts, partial, tls, unverified=self._indexes.unverified) as fetcher:
            npm = NpmRun(self._plan, self._shelf, self._npm, fetcher, self._progress)
            try:
                await npm.go(known.addresses)
                self._check_lacking(npm)
                direct = DirectRun(self._plan.direct, self._shelf, fetcher, self._progress)
                await direct.go(npm.answers)
                with self._resolver() as resolver:
                    carrier = WheelCarrier(self._shelf.wheels, fetcher, self._indexes)
                    python = PythonRun(self._shelf, resolver, carrier, self._progress)
                    await python.go(known.sets, wanted_sets(self._plan, self._shelf.wheels))
            finally:
                self.asked, self.received = fetcher.asked, fetcher.received
        sets = {f"Python packages ({told(one)})": error for one, error in python.unreachable.items()}
        unreachable = {**npm.unreachable, **direct.unreachable, **sets}
        if unreachable and not fetcher.reached and not resolver.reached:
            raise _nobody_answers(unreachable)
        npm.give_up()
        direct.give_up()
        python.give_up()
        return Answers({**npm.answers, **direct.answers}, python.answers)

    def _resolver(self) -> Resolver:
        def authorities() -> str:
            return authority_bundle(self._environ, self._npm.cafile)

        return Resolver(self._indexes, authorities, self._environ)

    def _check_lacking(self, npm: NpmRun) -> None:
        """Without the app's own modules there is nothing to go on for."""
        if npm.lacking:
            raise _nobody_answers({**npm.lacking, **npm.unreachable})


def _nobody_answers(hindrances: Mapping[str, OfflineError]) -> OfflineError:
    """The error where things are lacking and nobody answers at all; single things out of reach are only missing."""
    names, first = list(hindrances), next(iter(hindrances.values()))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return OfflineError(
        f"This folder lacks {'; '.join(names[:3])}{more}, and nothing answers that has it. {first.message}",
        hint=f"Run `python -m imjoy mirror` where there is a network, then carry the folder back. {first.hint}",
    )
