"""imjoy.rpc.messages: members are checked, and the table in protocol.json is kept to."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from imjoy.rpc import errors, messages, wire
from imjoy.rpc.messages import LIMITS, Credit, Hello, Piece, Ping, Pong, Welcome, read_message
from tests.unit.rpc import wire_check

REPOSITORY = Path(__file__).resolve().parents[3]
VECTORS: Any = json.loads((REPOSITORY / "tests/vectors/rpc_wire.json").read_text(encoding="utf-8"))
PROTOCOL: Any = json.loads((REPOSITORY / "imjoy/rpc/protocol.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VECTORS["messages"], ids=lambda case: case["name"])
def test_messages_agree_with_the_vectors(case: Any) -> None:
    wire_check.check_message(case)


def test_the_table_in_json_and_the_constants_are_the_same() -> None:
    assert PROTOCOL["version"] == messages.PROTOCOL_VERSION
    assert PROTOCOL["limits"] == LIMITS.to_message()
    frame = PROTOCOL["frame"]
    assert (frame["byte_order"], frame["header_length_bytes"], frame["alignment"]) == (
        "little",
        wire.LENGTH_BYTES,
        wire.ALIGNMENT,
    )
    assert PROTOCOL["close_codes"] == {
        "refused": errors.CLOSE_REFUSED,
        "protocol_error": errors.CLOSE_PROTOCOL_ERROR,
        "too_large": errors.CLOSE_TOO_LARGE,
    }
    assert {errors.EncodeError.code, errors.ProtocolError.code, errors.RpcError.code} <= set(PROTOCOL["error_codes"])


def test_every_kind_has_the_members_of_the_table() -> None:
    kinds: dict[str, type] = {one.kind: one for one in (Hello, Welcome, Ping, Pong, Piece, Credit)}
    assert set(PROTOCOL["socket_kinds"]) == messages.SOCKET_KINDS == set(kinds)
    for kind, members in PROTOCOL["socket_kinds"].items():
        names = [one.name for one in dataclasses.fields(kinds[kind]) if one.name not in {"data", "to"}]
        assert names == members


def test_the_token_is_in_no_representation() -> None:
    hello = read_message({"type": "hello", "version": 1, "token": "very-secret", "client": "app"})
    assert isinstance(hello, Hello)
    assert hello.token == "very-secret"
    assert "very-secret" not in repr(hello)


def test_an_error_names_the_kind_and_the_member_but_never_the_value() -> None:
    with pytest.raises(errors.ProtocolError, match=r"'hello'.*'token'") as caught:
        read_message({"type": "hello", "version": 1, "token": ["very-secret"], "client": "app"})
    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize("value", [2**53, -1, True, 1.0, "1", None, [1]])
def test_only_whole_numbers_that_both_languages_know_are_numbers(value: object) -> None:
    with pytest.raises(errors.ProtocolError):
        read_message({"type": "credit", "stream": value, "bytes": 1})
