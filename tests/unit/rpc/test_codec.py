"""imjoy.rpc.codec: the vectors, under every interpreter and in JavaScript's ears, and what Python alone has."""

import asyncio
import base64
import collections
import copy
import datetime
import enum
import functools
import io
import json
import os
import pickle
import subprocess
import sys
import threading
import types
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imjoy.rpc import arrays
from imjoy.rpc.call_errors import (
    ClosedError,
    DecodeError,
    NoSuchObjectError,
    NotAvailableError,
    ReceivedError,
    RemoteError,
    to_remote_error,
)
from imjoy.rpc.context import ValueCodec
from imjoy.rpc.dotdict import DotDict, OrderedMap
from imjoy.rpc.encode import ACTIVE_TAGS
from imjoy.rpc.errors import EncodeError
from imjoy.rpc.wire import decode_frame, encode_frame
from tests.helpers.interpreters import installed_interpreters
from tests.unit.rpc import codec_check
from tests.unit.rpc.codec_check import contexts, over_the_wire

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS: Any = json.loads((REPOSITORY / "tests/vectors/rpc_codec.json").read_text(encoding="utf-8"))
PROTOCOL: Any = json.loads((REPOSITORY / "imjoy/rpc/protocol.json").read_text(encoding="utf-8"))
CASES = [(section, case) for section in codec_check.CHECKS for case in codec_check.cases(VECTORS, section)]


def encode(value: Any) -> Any:
    return contexts().encode(value)


def there_and_back(value: Any) -> Any:
    return contexts().decode(over_the_wire(encode(value)))


@pytest.mark.parametrize(("section", "case"), CASES, ids=lambda one: one["name"] if isinstance(one, dict) else one)
def test_values_agree_with_the_vectors(section: str, case: Any) -> None:
    codec_check.CHECKS[section](case)


@pytest.mark.parametrize("version", sorted(installed_interpreters()))
def test_the_vectors_hold_under_every_interpreter_with_the_standard_library_alone(version: str) -> None:
    program = REPOSITORY / "tests/unit/rpc/codec_check.py"
    answer = subprocess.run(
        [installed_interpreters()[version], "-I", "-S", program, REPOSITORY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.split()[0] == str(len(CASES))


def test_the_tables_are_those_of_the_protocol() -> None:
    assert sorted(ACTIVE_TAGS) == sorted(PROTOCOL["value_tags"]["active"])
    ours = {error.code for error in (EncodeError, DecodeError, NoSuchObjectError, NotAvailableError, ClosedError)}
    # What is thrown has no class of ours, and only the app can cancel.
    assert ours | {"thrown", "cancelled"} == set(PROTOCOL["error_codes"])


# --- there and back ---------------------------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.binary(max_size=20)
)
NAMES = st.text(max_size=6) | st.sampled_from(["_rtype", "_rvalue", "_rintf_", "then", "constructor", "__proto__"])
TAGS = st.sampled_from([*sorted(ACTIVE_TAGS), "interfaces", ""])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES, inner, max_size=4)
        | st.builds(
            lambda tag, rest: {**rest, "_rtype": tag}, TAGS, st.dictionaries(st.text(max_size=3), inner, max_size=3)
        )
        | st.sets(st.integers(0, 9) | st.text(max_size=3), max_size=3)
        | st.builds(OrderedMap, st.dictionaries(st.integers(-9, 9) | st.text(max_size=3), inner, max_size=3))
    ),
    max_leaves=15,
)


def has_unencoded(value: Any) -> bool:
    """Whether there is an object with a tag that nobody knows, whose inside passes without being looked at."""
    if isinstance(value, dict):
        tag = value.get("_rtype")
        return (isinstance(tag, str) and tag not in ACTIVE_TAGS) or any(map(has_unencoded, value.values()))
    return isinstance(value, list) and any(map(has_unencoded, value))


@given(VALUES.filter(lambda value: not has_unencoded(value)))
@settings(max_examples=300)
def test_every_value_arrives_as_it_was(value: Any) -> None:
    assert there_and_back(value) == value


@given(VALUES)
def test_what_is_encoded_twice_is_the_same(value: Any) -> None:
    assert encode(value) == encode(value)


JUNK = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_rtype", "_rvalue", "_rintf", "_rdtype", "_rshape", "_rname", "a"]), inner, max_size=5
        )
        | st.builds(
            lambda tag, rest: {**rest, "_rtype": tag},
            st.sampled_from([*sorted(ACTIVE_TAGS), "ndarray", "mine"]),
            st.dictionaries(st.sampled_from(["_rvalue", "_rintf", "_rdtype", "_rshape"]), inner, max_size=4),
        )
    ),
    max_leaves=12,
)


@given(JUNK)
@settings(max_examples=300)
def test_whatever_comes_is_a_value_or_refused(encoded: Any) -> None:
    try:
        contexts().decode(encoded)
    except DecodeError as error:
        assert str(error)


# --- JavaScript -------------------------------------------------------------------------------------------------------

ECHO = """
import { decode, encode } from "{root}/site_src/js/rpc/codec.js";
import { decodeFrame, encodeFrame } from "{root}/site_src/js/rpc/wire.js";
const call = () => async () => undefined;
const reading = { callback: call, method: call, noteObject: () => undefined };
const writing = { escape: true, transfer: new Set(), addCallback: () => 7, offeredAs: () => undefined,
  addObject: () => "o1", offer: () => undefined };
let text = "";
for await (const part of process.stdin) text += part;
const answers = JSON.parse(text).map((frame) => {
  const message = decodeFrame(new Uint8Array(Buffer.from(frame, "base64")));
  const value = decode(message.value, reading);
  const again = encodeFrame({ type: "x", kind: Object.prototype.toString.call(value), value: encode(value, writing) });
  return Buffer.from(again).toString("base64");
});
process.stdout.write(JSON.stringify(answers));
"""


def echo_in_javascript(values: list[Any]) -> list[Any]:
    """Each value as JavaScript has read it and sent it back, with what it was there."""
    frames = [base64.b64encode(encode_frame({"type": "x", "value": encode(value)})).decode() for value in values]
    program = ECHO.replace("{root}", REPOSITORY.as_uri())
    node = Path(sys.executable).with_name("node.exe" if os.name == "nt" else "node")
    answer = subprocess.run(
        [node, "--input-type=module", "-e", program],
        input=json.dumps(frames),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    messages = [decode_frame(base64.b64decode(frame)) for frame in json.loads(answer.stdout)]
    return [(message["kind"][8:-1], contexts().decode(message["value"])) for message in messages]


def test_javascript_reads_what_python_sends_and_sends_it_back() -> None:
    image = numpy.arange(6, dtype=">f8").reshape(2, 3, order="F")
    values: dict[str, Any] = {
        "Object": {"a": [1, None, True, "ä"], "": {}, "_rtype_": 1},
        "Array": (1, 2.5, [3]),
        "Set": {1, "a"},
        "Map": OrderedMap([(1, "one"), ("b", [2])]),
        "DataView": memoryview(b"\1\2"),
    }
    echoed = echo_in_javascript([*values.values(), {"_rtype": "callback", "_rvalue": 1}, image, ValueError("bad")])
    for (kind, value), (expected_kind, expected) in zip(echoed, values.items(), strict=False):
        assert kind == expected_kind
        assert value == (list(expected) if isinstance(expected, tuple) else expected)
    assert echoed[-3][1] == {"_rtype": "callback", "_rvalue": 1}
    assert echoed[-2][1].tolist() == image.tolist()
    kind, error = echoed[-1]
    assert (kind, error.name, str(error)) == ("Error", "ValueError", "bad")


# --- what only Python has ---------------------------------------------------------------------------------------------


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    x: int
    y: int


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        ((1, (2,)), [1, [2]]),
        (range(3), [0, 1, 2]),
        (collections.deque([1, 2]), [1, 2]),
        (frozenset([1]), {1}),
        ({1: "a", numpy.int64(2): "b"}, {"1": "a", "2": "b"}),
        (collections.OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (collections.defaultdict(int, a=1), {"a": 1}),
        (Pair(1, 2), [1, 2]),
        (bytearray(b"ab"), b"ab"),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), "2020-01-02T03:04:05+00:00"),
        (datetime.date(2020, 1, 2), "2020-01-02"),
        (PurePosixPath("/a/b"), "/a/b"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (numpy.float64(0.5), 0.5),
        (numpy.str_("a"), "a"),
        ({(1, 2)}, {(1, 2)}),
        ({"_transfer": True, "a": 1}, {"a": 1}),
        (1e300, 1e300),
        (10**20, 10**20),
    ],
)
def test_values_of_python_arrive_in_their_plainest_form(value: Any, arrives: Any) -> None:
    received = there_and_back(value)
    assert received == arrives
    assert type(received) is type(arrives) or isinstance(received, DotDict)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "the value is nan, which only an array can carry"),
        ([{"x": [float("inf")]}], r"value 1\.x\[0\] is inf"),
        (2**53 + 1, "JavaScript reads as another one"),
        (10**400, "JavaScript reads as another one"),
        ({"a": {(1, 2): 3}}, r"a has the key \(1, 2\); only texts and whole numbers"),
        ((number for number in [1]), "the value is a generator, which cannot be sent"),
        (types, "is a module"),
        (1j, "is a complex"),
        (datetime.timedelta(1), "is a timedelta"),
        ({}.keys(), "is a dict_keys"),
        (threading.Lock(), "is a lock"),
        (object(), "is a object"),
    ],
)
def test_what_cannot_be_sent_is_refused_with_its_place(value: Any, words: str) -> None:
    with pytest.raises(EncodeError, match=words):
        encode(value)


def test_a_cycle_is_refused_with_its_place_and_the_same_value_twice_is_none() -> None:
    part = {"n": 1}
    assert there_and_back([part, part]) == [part, part]
    part["self"] = part  # type: ignore[assignment]
    with pytest.raises(EncodeError, match=r"value 2\.self refers back to an object around it"):
        encode([1, part])


def test_a_value_deeper_than_the_stack_allows_is_refused() -> None:
    def deep(levels: int) -> Any:
        return deep(levels - 1) if levels else encode(codec_check.nested(100))

    with pytest.raises(EncodeError, match="too deep"):
        deep(sys.getrecursionlimit() - 150)


# --- objects as they arrive -------------------------------------------------------------------------------------------


def test_an_object_arrives_with_its_members_as_attributes() -> None:
    received = there_and_back({"config": {"a": 1}, "items": 2})
    assert received.config.a == 1
    assert received["items"] == 2
    assert received.missing is None
    assert callable(received.items)
    received.config.b = 3
    del received.config.a
    assert received == {"config": {"b": 3}, "items": 2}
    with pytest.raises(AttributeError):
        del received.nothing
    assert not hasattr(received, "__array_interface__")


def test_objects_as_they_arrive_are_hashable_and_can_be_copied_and_pickled() -> None:
    one, other = there_and_back([{"a": [1]}, {"a": [1]}])
    assert len({one, other}) == 1
    for copied in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one)), one.copy()):
        assert copied == one
        assert type(copied) is DotDict
    assert json.dumps(one) == '{"a": [1]}'


def test_the_id_of_an_object_that_came_is_hidden_and_not_copied() -> None:
    context = contexts()
    received = context.decode({"_rintf": "r1", "n": 1})
    assert received._rintf == "r1"
    assert dict(received) == {"n": 1}
    assert context.remote_id_of(received) == "r1"
    assert contexts().remote_id_of(received) is None
    assert copy.copy(received)._rintf is None


def test_an_object_that_came_from_another_side_never_takes_an_id_of_its_choice_here() -> None:
    context = contexts()
    ours = context.encode({"_rintf": True, "secret": lambda: None})["_rintf"]
    relayed = contexts().decode({"_rintf": ours, "run": {"_rtype": "interface", "_rintf": ours, "_rvalue": "run"}})
    assert context.encode(relayed)["_rintf"] != ours


# --- functions and instances ------------------------------------------------------------------------------------------


class Base:
    def inherited(self) -> None: ...

    def _private(self) -> None: ...


class Plugin(Base):
    version = "1"
    __slots__ = ("slot",)

    def __init__(self) -> None:
        self.n = 1
        self.slot = 2
        self.lock = threading.Lock()
        self.model = types.SimpleNamespace(weights=5)
        self.nan = float("nan")
        self._hidden = 3
        self.me = self

    def run(self) -> None: ...

    @staticmethod
    def still() -> None: ...

    @classmethod
    def of_class(cls) -> None: ...

    @property
    def computed(self) -> int:
        raise AssertionError("properties are not read")

    def __enter__(self) -> "Plugin":
        return self

    def __exit__(self, *args: object) -> None: ...


def test_an_instance_brings_its_public_members_and_what_can_be_sent_of_them() -> None:
    encoded = encode(Plugin())
    functions = {"inherited", "run", "still", "of_class", "__enter__", "__exit__"}
    assert set(encoded) == {*functions, "version", "n", "slot", "_rintf"}
    assert all(encoded[name] == {"_rtype": "interface", "_rintf": "o1", "_rvalue": name} for name in functions)
    assert (encoded["version"], encoded["n"], encoded["slot"]) == ("1", 1, 2)


def test_an_instance_in_an_instance_of_the_same_author_is_an_interface_of_its_own() -> None:
    outer = Plugin()
    outer.__dict__["part"] = Plugin()
    encoded = encode(outer)
    assert encoded["part"]["run"]["_rintf"] == encoded["part"]["_rintf"] != encoded["_rintf"]


def test_an_instance_has_one_id_for_the_whole_session() -> None:
    context, plugin = contexts(), Plugin()
    assert context.encode(plugin)["_rintf"] == context.encode([plugin])[0]["_rintf"]


def test_a_method_passed_on_after_its_object_was_offered_is_that_method() -> None:
    context, plugin = contexts(), Plugin()
    context.encode(plugin, as_interface=True)
    assert context.encode(plugin.run) == {"_rtype": "interface", "_rintf": "o1", "_rvalue": "run"}
    assert context.encode(Plugin().run)["_rtype"] == "callback"


def test_the_same_function_is_the_same_callback_also_a_bound_method() -> None:
    context, plugin = contexts(), Plugin()
    first, second, other = context.encode([plugin.run, plugin.run, Plugin().run])
    assert first["_rvalue"] == second["_rvalue"] != other["_rvalue"]


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda: None, "function"),
        (functools.partial(os.getcwd), "getcwd"),
        (print, "print"),
        (Plugin, "Plugin"),
        (Plugin().run, "run"),
    ],
)
def test_functions_of_every_kind_are_callbacks_by_their_name(function: Any, name: str) -> None:
    assert encode(function) == {"_rtype": "callback", "_rname": name, "_rvalue": 0}


def test_a_file_is_an_interface_of_its_methods(tmp_path: Path) -> None:
    encoded = encode(io.BytesIO(b"abc"))
    assert {"read", "seek", "tell", "close", "__enter__", "__exit__", "_rintf"} <= set(encoded)
    assert encoded["read"]["_rvalue"] == "read"
    with (tmp_path / "text").open("w") as stream:
        assert "write" in encode(stream)


def test_blobs_arrive_as_streams_and_files_as_they_travelled() -> None:
    assert contexts().decode({"_rtype": "blob", "_rvalue": b"abc", "_rmime": "a/b"}).read() == b"abc"
    assert contexts().decode({"_rtype": "blob", "_rvalue": "abc"}).read() == "abc"
    file = {"_rtype": "file", "_rvalue": memoryview(b"abc"), "_rname": "a.txt"}
    assert contexts().decode(file) == {"_rtype": "file", "_rvalue": b"abc", "_rname": "a.txt"}


def test_what_cannot_be_in_a_set_is_refused() -> None:
    received = contexts().decode({"_rtype": "set", "_rvalue": [[1, [2]], {"a": 1}, {"_rtype": "set", "_rvalue": [3]}]})
    assert received == {(1, (2,)), DotDict(a=1), frozenset([3])}
    with pytest.raises(DecodeError, match="cannot be in one"):
        contexts().decode({"_rtype": "set", "_rvalue": [{"_rtype": "orderedmap", "_rvalue": []}]})


# --- errors -----------------------------------------------------------------------------------------------------------


def thrown(script: str) -> BaseException:
    """What a script of a plugin throws."""
    try:
        exec(compile(script, "My plugin.imjoy.html", "exec"), {})
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is what was asked for
        return error
    raise AssertionError("nothing was thrown")


def test_an_error_arrives_with_its_class_its_traceback_and_its_line() -> None:
    received = there_and_back(thrown("\n\ndef f():\n    raise KeyError('name')\nf()"))
    assert isinstance(received, ReceivedError)
    assert (received.name, str(received), received.line) == ("KeyError", "'name'", 4)
    assert 'File "My plugin.imjoy.html", line 4, in f' in received.remote_stack
    assert there_and_back(thrown("x = (")).line == 1
    assert there_and_back(ValueError()).name == "ValueError"


def test_an_error_of_ours_says_its_code_and_not_its_class() -> None:
    encoded = encode(ClosedError("gone"))
    assert (encoded["_rname"], encoded["_rcode"]) == ("Error", "closed")


def test_a_relayed_error_keeps_its_origin_and_its_stack() -> None:
    remote = to_remote_error(there_and_back(thrown("raise ValueError('bad')")), "Filter", "run")
    assert str(remote) == "Filter: run() failed: ValueError: bad"
    relayed = to_remote_error(there_and_back(remote), "Other", "call")
    assert isinstance(relayed, RemoteError)
    assert (str(relayed), relayed.plugin, relayed.function_name) == (str(remote), "Filter", "run")
    assert relayed.remote_stack == remote.remote_stack
    assert (relayed.remote_name, relayed.line) == ("ValueError", 1)


def test_python_shows_the_stack_of_the_other_side() -> None:
    remote = to_remote_error(ReceivedError("bad", remote_stack="at line 7"), "Viewer", "show")
    assert "on the other side:\nat line 7" in str(remote.__cause__)


def test_a_thrown_value_that_is_no_error_is_kept() -> None:
    remote = to_remote_error({"a": 1}, "Viewer", "show")
    assert remote.value == {"a": 1}
    assert "something that is no error was thrown (dict)" in str(remote)
    assert "no reason was given" in str(to_remote_error(None, "Viewer", "show"))


# --- codecs of plugins ------------------------------------------------------------------------------------------------


class Point:
    def __init__(self, x: int) -> None:
        self.x = x


def with_codec(**functions: Any) -> Any:
    context = contexts()
    context.register_codec(ValueCodec("point", Point, **functions))
    return context


def test_a_codec_of_a_plugin_is_used_both_ways() -> None:
    def encoder(point: Point) -> dict[str, Any]:
        return {"_rvalue": [point.x]}

    context = with_codec(encoder=encoder, decoder=lambda tagged: Point(tagged["_rvalue"][0]))
    encoded = context.encode({"at": Point(3)})
    assert encoded == {"at": {"_rtype": "point", "_rvalue": [3]}}
    assert context.decode(over_the_wire(encoded))["at"].x == 3
    assert there_and_back({"_rtype": "point", "_rvalue": [3]}) == {"_rtype": "point", "_rvalue": [3]}


def test_a_codec_replaces_one_of_the_same_name_or_type() -> None:
    context = with_codec(encoder=lambda point: {"_rvalue": 1})
    context.register_codec(ValueCodec("better", Point, encoder=lambda point: {"_rvalue": 2}))
    assert list(context.codecs) == ["better"]


def test_functions_of_what_a_codec_makes_can_be_called_with_an_interface() -> None:
    context = with_codec(encoder=lambda point: {"_rintf": True, "move": lambda: None})
    assert context.encode(Point(1))["move"] == {"_rtype": "interface", "_rintf": "o1", "_rvalue": "move"}


def test_a_codec_that_fails_is_named() -> None:
    context = with_codec(encoder=lambda point: 5, decoder=lambda tagged: tagged["nothing"])
    with pytest.raises(EncodeError, match="into a int by the codec point"):
        context.encode(Point(1))
    with pytest.raises(DecodeError, match="codec point could not read"):
        context.decode({"_rtype": "point"})


# --- numpy is not required --------------------------------------------------------------------------------------------


@pytest.fixture
def no_numpy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    arrays.find_numpy.cache_clear()
    monkeypatch.setitem(sys.modules, "numpy", None)
    yield
    arrays.find_numpy.cache_clear()


@pytest.mark.usefixtures("no_numpy")
def test_without_numpy_arrays_stay_what_travelled() -> None:
    assert contexts().decode({"_rtype": "typedarray", "_rvalue": b"\1\2", "_rdtype": "uint16"}) == b"\1\2"
    tagged = {"_rtype": "ndarray", "_rvalue": memoryview(b"\1\2"), "_rshape": [2], "_rdtype": "uint8"}
    received = contexts().decode(tagged)
    assert received == {**tagged, "_rvalue": b"\1\2"}
    assert there_and_back(received) == received


def test_a_promise_of_asyncio_is_no_value() -> None:
    async def coroutine() -> None: ...

    work = coroutine()
    with pytest.raises(EncodeError, match="is a coroutine"):
        encode([work])
    asyncio.run(work)
