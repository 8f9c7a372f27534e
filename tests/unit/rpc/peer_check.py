"""Checks imjoy.rpc.peer against the sessions of tests/vectors/rpc_session.json with the standard library alone.

``python peer_check.py REPOSITORY`` is run by every interpreter that is found, so this file stays within Python 3.9.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any


def add(a: Any, b: Any) -> Any:
    """One of the functions that the scenarios know by name."""
    return a + b


def fail() -> None:
    """Another."""
    raise ValueError("boom")


def echo(*args: Any, **kwargs: Any) -> Any:
    """Keyword arguments come back as an object."""
    return kwargs or args[0]


def call_back(function: Any) -> Any:
    """Calls what it was given; the answer is that one's answer."""
    return function("hello")


FUNCTIONS: Any = {"add": add, "fail": fail, "echo": echo, "call_back": call_back}


def shape(value: Any) -> Any:
    """What an interface has, for comparing."""
    if callable(value):
        return "function"
    return {name: shape(one) for name, one in value.items()} if isinstance(value, dict) else value


def with_functions(value: Any) -> Any:
    """Arguments with the functions that they name."""
    if isinstance(value, list):
        return [with_functions(one) for one in value]
    if isinstance(value, dict):
        if "$function" in value:
            return FUNCTIONS[value["$function"]]
        return {name: with_functions(one) for name, one in value.items()}
    return value


def check_matches(actual: Any, expected: Any, where: str) -> None:
    """A message that was sent against what the scenario says of it."""
    if isinstance(expected, dict) and "$error" in expected:
        assert actual["_rtype"] == "error", where
        assert expected["$error"] in actual["_rmessage"], f"{where}: {actual['_rmessage']}"
    elif isinstance(expected, dict):
        if "$more" not in expected:
            assert set(actual) == set(expected), f"{where}: {actual!r}"
        for name in set(expected) - {"$more"}:
            check_matches(actual[name], expected[name], f"{where}.{name}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), f"{where}: {actual!r}"
        for index, one in enumerate(expected):
            check_matches(actual[index], one, f"{where}[{index}]")
    else:
        assert actual == expected, f"{where}: {actual!r}"


class Actor:
    """One peer that follows a scenario."""

    def __init__(self) -> None:
        from imjoy.rpc.peer import Peer

        ids = iter(range(1, 1000))
        self.sent: list[Any] = []
        self.events: list[str] = []
        self.outcomes: dict[str, Any] = {}
        self.peer = Peer("Other", self.sent.append, execute=self.execute, make_id=lambda: f"o{next(ids)}")
        for name in ("interface", "log", "error", "closed"):
            self.peer.on(name, partial(self._note, name))

    def _note(self, name: str, detail: Any) -> None:
        self.events.append(name)

    @staticmethod
    def execute(code: Any) -> None:
        """Runs code for the other side."""
        if code["content"] == "broken":
            raise Exception("code is broken")

    def act(self, step: Any) -> None:
        """Do what a step says."""
        if "do" not in step:
            self.peer.receive(step["receive"])
            return
        offered = {name: FUNCTIONS[name] for name in step.get("functions", ())}
        actions: Any = {
            "set_interface": lambda: self.peer.set_interface(offered),
            "export": lambda: self.peer.export_interface(offered),
            "get_interface": self.peer.get_interface,
            "execute": lambda: self.peer.execute(step["code"]),
            "close": lambda: self.peer.close(step["reason"]),
            "disconnect": self.peer.disconnect,
            "call": lambda: self.call(step["path"], with_functions(step["args"])),
        }
        promise = actions[step["do"]]()
        if promise is not None:
            outcome = self.outcomes[step["as"]] = {"settled": False, "value": None, "error": None}
            promise.listen(lambda value, error: outcome.update(settled=True, value=value, error=error))

    def call(self, path: str, args: Any) -> Any:
        """Call a function of the other side."""
        at: Any = self.peer.remote
        for name in path.split("."):
            at = getattr(at, name)
        return at(*args)


def check_outcome(outcome: Any, expected: Any, where: str) -> None:
    """How a call ended."""
    assert outcome["settled"], f"{where} is not settled"
    if "error" in expected:
        assert expected["error"] in str(outcome["error"]), f"{where}: {outcome['error']}"
        if "remote_stack" in expected:
            assert outcome["error"].remote_stack == expected["remote_stack"]
    elif "remote" in expected:
        assert shape(outcome["value"]) == expected["remote"], where
    else:
        assert outcome["error"] is None, f"{where}: {outcome['error']}"
        assert outcome["value"] == expected["value"], where


def check_scenario(scenario: Any) -> None:
    """One session, step by step; raises AssertionError."""
    actor = Actor()
    for index, step in enumerate(scenario["steps"]):
        where = f"step {index + 1}"
        actor.sent.clear()
        actor.events.clear()
        before = {name for name, outcome in actor.outcomes.items() if outcome["settled"]}
        actor.act(step)
        if "sends" in step:
            check_matches(actor.sent, step["sends"], where)
        if "state" in step:
            assert actor.peer.state.value == step["state"], where
        assert actor.events == step.get("events", []), f"{where}: {actor.events}"
        settles = step.get("settles", {})
        for name, expected in settles.items():
            check_outcome(actor.outcomes[name], expected, f"{where} {name}")
        settled = {name for name, outcome in actor.outcomes.items() if outcome["settled"]} - before
        assert settled == set(settles), f"{where}: {settled}"
        if "remote" in step:
            assert shape(actor.peer.remote) == step["remote"], where
        if "same_remote_as" in step:
            assert actor.peer.remote is actor.outcomes[step["same_remote_as"]]["value"], where


def check_transitions(table: Any) -> None:
    """The table of the vectors against ours; raises AssertionError."""
    from imjoy.rpc.transitions import TRANSITIONS

    ours = {
        state.value: {kind: following.value for kind, (_, following) in kinds.items()}
        for state, kinds in TRANSITIONS.items()
    }
    assert ours == table


def main(repository: Path) -> int:
    """Check every scenario; the exit status is the number of those that fail."""
    sys.path.insert(0, str(repository))
    vectors = json.loads((repository / "tests/vectors/rpc_session.json").read_text(encoding="utf-8"))
    check_transitions(vectors["transitions"])
    failed = []
    for scenario in vectors["scenarios"]:
        try:
            check_scenario(scenario)
        except AssertionError as error:
            failed.append(f"{scenario['name']}: {error}")
    print("\n".join([*failed, f"{len(vectors['scenarios'])} cases, {len(failed)} failed"]))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
