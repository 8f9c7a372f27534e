"""The product as it is, mirrored from the real registries, killed at ten points of its run and started again."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.helpers.dying_mirror import DIED, run_mirror, steps_of_run
from tests.helpers.killable_folder import Outcome, outcome_of
from tests.helpers.processes import bare_environment
from tests.helpers.supply_settings import supply_environment

TENTHS = range(10)
NOWHERE = "http://127.0.0.1:9/"


@dataclass(frozen=True)
class Untouched:
    """A run that nobody killed: how many steps it took, and what it left."""

    steps: int
    outcome: Outcome
    environment: dict[str, str]


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Untouched:
    base = Path(tmp_path_factory.mktemp("untouched"))
    folder = base / "folder"
    folder.mkdir()
    environment = bare_environment(base / "home", **supply_environment())
    steps = steps_of_run(folder, environment=environment)
    return Untouched(len(steps), outcome_of(folder), environment)


@pytest.mark.parametrize("tenth", TENTHS)
def test_started_again_it_ends_as_if_nobody_had_killed_it(untouched: Untouched, tmp_path: Path, tenth: int) -> None:
    number = 1 + untouched.steps * (2 * tenth + 1) // (2 * len(TENTHS))
    status, _, err = run_mirror(tmp_path, f"step:{number}:before", environment=untouched.environment)
    assert status == DIED, err
    status, _, err = run_mirror(tmp_path, "none", environment=untouched.environment)
    assert status == 0, err
    assert outcome_of(tmp_path) == untouched.outcome
    status, steps, _ = run_mirror(
        tmp_path, "none", environment={**untouched.environment, "npm_config_registry": NOWHERE}
    )
    assert (status, steps.strip()) == (0, "[]"), "A third run has nothing to ask or to write."
