"""imjoy.rpc.peer: the session vectors under every interpreter, and two peers that talk to each other."""

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from imjoy.rpc.call_errors import ClosedError, NoSuchObjectError, RemoteError
from imjoy.rpc.callee import Invocation, Reject, Resolve
from imjoy.rpc.context import ValueCodec
from imjoy.rpc.errors import EncodeError
from imjoy.rpc.messages import Message
from imjoy.rpc.peer import Peer
from imjoy.rpc.transitions import MEMBERS, TRANSITIONS, PeerState
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.helpers.interpreters import installed_interpreters
from tests.unit.rpc import peer_check

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS: Any = json.loads((REPOSITORY / "tests/vectors/rpc_session.json").read_text(encoding="utf-8"))
PROTOCOL: Any = json.loads((REPOSITORY / "imjoy/rpc/protocol.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("scenario", VECTORS["scenarios"], ids=lambda scenario: scenario["name"])
def test_sessions_agree_with_the_vectors(scenario: Any) -> None:
    peer_check.check_scenario(scenario)


@pytest.mark.parametrize("version", sorted(installed_interpreters()))
def test_the_vectors_hold_under_every_interpreter_with_the_standard_library_alone(version: str) -> None:
    program = REPOSITORY / "tests/unit/rpc/peer_check.py"
    answer = subprocess.run(
        [installed_interpreters()[version], "-I", "-S", program, REPOSITORY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.split()[0] == str(len(VECTORS["scenarios"]))


def test_the_tables_are_those_of_the_vectors_and_of_the_protocol() -> None:
    peer_check.check_transitions(VECTORS["transitions"])
    assert {kind: list(members) for kind, members in MEMBERS.items()} == PROTOCOL["peer_kinds"]
    assert set(TRANSITIONS[PeerState.READY]) == set(PROTOCOL["peer_kinds"])


class Pair:
    """A host and a plugin, over the bytes of the wire, delivered at once."""

    def __init__(self, interface: Any = None, **options: Any) -> None:
        self.told: list[Any] = []
        self.host = Peer("Viewer", lambda message: self._carry(message, self.plugin))
        self.plugin = Peer("ImJoy", lambda message: self._carry(message, self.host), **options)
        self.host.on("error", self.told.append)
        self.plugin.on("error", self.told.append)
        if interface is not None:
            self.plugin.export_interface(interface)

    @staticmethod
    def _carry(message: Message, to: Peer) -> None:
        to.receive(decode_frame(encode_frame(message)))

    def api(self) -> Any:
        return self.host.get_interface().result(1)


class Counter:
    def __init__(self) -> None:
        self.count = 1

    def add(self, by: int = 1, *, times: int = 1) -> int:
        self.count += by * times
        return self.count

    def failing(self) -> None:
        raise TypeError("wrong kind")


def test_an_instance_is_called_with_its_self_and_with_keywords() -> None:
    api = Pair(Counter()).api()
    assert api.count == 1
    assert api.add(2).result(1) == 3
    assert api.add(2, times=3).result(1) == 9
    assert api.add(by=1).result(1) == 10


def test_a_failure_names_plugin_and_function_and_keeps_the_stack() -> None:
    api = Pair(Counter()).api()
    with pytest.raises(RemoteError, match=r"^Viewer: failing\(\) failed: TypeError: wrong kind$") as caught:
        api.failing().result(1)
    assert "in failing" in caught.value.remote_stack
    assert (caught.value.plugin, caught.value.function_name) == ("Viewer", "failing")
    with pytest.raises(RemoteError, match="unexpected keyword"):
        api.failing(wrong=1).result(1)


def test_what_cannot_be_sent_rejects_the_call_by_name() -> None:
    pair = Pair({"echo": lambda value: value, "generate": lambda: (one for one in [1])})
    api = pair.api()
    with pytest.raises(EncodeError, match=r"^Viewer: echo\(\) was not called: value 1.a is a generator, which"):
        api.echo({"a": (one for one in [1])}).result(1)
    with pytest.raises(EncodeError, match=r"was not called: The value at args/0/x is of the type complex"):
        api.echo({"_rtype": "strange", "x": 1j}).result(1)
    with pytest.raises(RemoteError, match=r"generate\(\) failed: the result cannot be sent: the value is a generator"):
        api.generate().result(1)
    assert api.echo(1).result(1) == 1


class Trap:
    def __init__(self) -> None:
        self.n = 1

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("a trap")


def test_whatever_an_object_of_the_plugin_throws_settles_the_call() -> None:
    pair = Pair({"trap": Trap, "echo": lambda value: None})
    api = pair.api()
    with pytest.raises(RemoteError, match="the result cannot be sent: RuntimeError: a trap"):
        api.trap().result(1)
    with pytest.raises(EncodeError, match="was not called: RuntimeError: a trap"):
        api.echo(Trap()).result(1)


def test_an_interface_that_cannot_be_sent_is_refused_when_it_is_exported() -> None:
    pair = Pair()
    with pytest.raises(EncodeError, match="part is a generator"):
        pair.plugin.export_interface({"part": (one for one in [1])})
    wrongs: list[Any] = [None, 5, "text", [], Counter, print]
    for wrong in wrongs:
        with pytest.raises(TypeError, match="an interface must be"):
            pair.plugin.export_interface(wrong)
    with pytest.raises(TypeError, match=r"export Counter\(\) instead"):
        pair.plugin.export_interface(Counter)


def test_a_disposed_object_cannot_be_called_any_more() -> None:
    pair = Pair({"make": Counter})
    made = pair.api().make().result(1)
    assert made.add(1).result(1) == 2
    pair.host.dispose_object(made).result(1)
    with pytest.raises(RemoteError, match="not kept here any more"):
        made.add(1).result(1)
    with pytest.raises(NoSuchObjectError, match="only an object that came from the other side"):
        pair.host.dispose_object({}).result(1)


def test_an_object_relayed_between_two_plugins_works_and_dies_with_its_owner() -> None:
    one, two = Pair({"make": lambda: {"_rintf": True, "value": 5, "double": lambda x: 2 * x}}), Pair()
    owner = one.api()
    two.host.set_interface({"get": lambda: owner.make()}).result(1)
    remote = two.plugin.remote
    assert remote is not None
    relayed = remote["get"]().result(1)
    assert relayed.value == 5
    assert relayed.double(21).result(1) == 42
    one.host.close("its window was closed")
    with pytest.raises(RemoteError, match=r"Viewer: double\(\) gets no answer: its window was closed"):
        relayed.double(1).result(1)


def test_callbacks_may_be_called_from_either_side_again_and_again() -> None:
    heard: list[int] = []
    pair = Pair({"each": lambda count, tell: [tell(number) for number in range(count)] and None})
    pair.api().each(3, heard.append).result(1)
    assert heard == [0, 1, 2]


def test_functions_registered_live_under_their_paths() -> None:
    registered: list[Any] = []
    pair = Pair()
    pair.host.set_interface({"register": registered.append})
    assert pair.plugin.remote is not None
    pair.plugin.remote.register({"name": "op", "run": lambda ctx: ctx["n"] + 1, "ui": [{"on": lambda: 5}]})
    assert registered[0].run({"n": 1}).result(1) == 2
    assert registered[0].ui[0].on().result(1) == 5


def test_a_codec_of_a_plugin_serves_arguments_and_results() -> None:
    pair = Pair({"echo": lambda value: value})
    for peer in (pair.host, pair.plugin):
        peer.register_codec(
            ValueCodec("z", complex, lambda z: {"re": z.real, "im": z.imag}, lambda tag: complex(tag["re"], tag["im"]))
        )
    assert pair.api().echo(1 + 2j).result(1) == 1 + 2j


def test_calls_may_be_made_from_many_threads_at_once() -> None:
    api = Pair({"echo": lambda value: value}).api()
    wrong: list[Any] = []

    def call(start: int) -> None:
        for number in range(start, start + 200):
            if api.echo([number, call]).result(5)[0] != number:
                wrong.append(number)

    threads = [threading.Thread(target=call, args=(1000 * index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not wrong
    assert not any(thread.is_alive() for thread in threads)


def test_the_end_settles_every_call_also_of_functions_that_still_run() -> None:
    begun: list[tuple[Resolve, Reject]] = []

    def run(invocation: Invocation, resolve: Resolve, reject: Reject) -> None:
        begun.append((resolve, reject))

    pair = Pair({"run": lambda: None}, run=run)
    promise = pair.api().run()
    pair.host.disconnect()
    with pytest.raises(ClosedError, match=r"Viewer: run\(\) gets no answer: the session was ended"):
        promise.result(1)
    assert pair.plugin.closed
    begun[0][0](5)
    begun[0][1](ValueError())
    assert not pair.told


def test_an_export_after_the_end_is_told_and_not_sent() -> None:
    pair = Pair()
    pair.plugin.close("gone")
    promise = pair.plugin.set_interface({})
    with pytest.raises(ClosedError, match="setInterface"):
        promise.result(1)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "method", "object_id": [], "name": {}, "args": 5},
        {"type": "callback", "id": {}, "args": None},
        {"type": "callback", "id": 0, "args": {}},
        {"type": "method", "object_id": "o1", "name": "run", "args": [], "promise": [1, 2]},
        {"type": "disposeObject", "object_id": None},
        {"type": "disposed", "error": {"a": 1}},
        {"type": "executed", "error": 1, "detail": {"_rtype": "set"}},
        {"type": "setInterface", "api": 5},
        {"type": "log", "message": {"a": 1}, "level": 5},
        {"type": ["method"]},
    ],
)
def test_nonsense_is_answered_or_told_and_never_thrown(message: Any) -> None:
    pair = Pair({"run": lambda: None})
    pair.plugin.receive(message)
    assert pair.api().run().result(1) is None
