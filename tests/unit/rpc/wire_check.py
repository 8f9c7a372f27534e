"""Checks imjoy.rpc against tests/vectors/rpc_wire.json with the standard library alone.

``python wire_check.py REPOSITORY`` is run by every interpreter that is found, so this file stays within Python 3.9.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any


def unpack(value: Any) -> Any:
    """A vector's value, with bytes for every {"$bytes": base64}."""
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return base64.b64decode(value["$bytes"])
        return {name: unpack(one) for name, one in value.items()}
    return [unpack(one) for one in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """A decoded message with bytes for its views, so that it can be compared."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return bytes(value) if isinstance(value, memoryview) else value


def check_frame(case: Any) -> None:
    """One case of 'frames'; raises AssertionError."""
    from imjoy.rpc import errors, messages, wire

    message = unpack(case.get("message"))
    if case.get("error") == "encode":
        try:
            wire.encode_frame(message)
        except errors.EncodeError:
            return
        raise AssertionError("it was encoded")
    frame = base64.b64decode(case["frame"])
    try:
        decoded = wire.decode_frame(frame, case.get("limit", messages.LIMITS.message_bytes))
    except errors.ProtocolError as error:
        name = "too_large" if isinstance(error, errors.TooLargeError) else "protocol_error"
        assert name == case.get("error"), f"refused as {name}: {error}"
        return
    assert "error" not in case, f"decoded to {decoded!r}"
    assert plain(decoded) == message
    encoded = wire.encode_frame(message)
    assert plain(wire.decode_frame(encoded)) == message
    assert not case["exact"] or encoded == frame, f"encoded to {encoded!r}"


def check_message(case: Any) -> None:
    """One case of 'messages'; raises AssertionError."""
    from imjoy.rpc import errors, messages

    message = unpack(case["message"])
    try:
        value = messages.read_message(message)
    except errors.ProtocolError:
        assert "error" in case, "refused"
        return
    assert "error" not in case, f"read as {value!r}"
    again = value.to_message()
    assert again == {name: message[name] for name in again}


def check_pieces(case: Any) -> None:
    """One case of 'pieces'; raises AssertionError."""
    from imjoy.rpc import errors, messages, pieces

    limits = messages.Limits(**case["limits"])
    joiner = pieces.Joiner(total_bytes=case["total_bytes"], limits=limits)
    cutter = pieces.Cutter(case["stream"], unpack(case["frame"]), limits=limits) if "frame" in case else None
    for step in case["steps"]:
        message = unpack(step["piece"])
        if cutter is not None:
            cut = cutter.next_piece()
            assert cut is not None
            assert plain(cut.to_message()) == message
        piece = messages.read_message(message)
        assert isinstance(piece, messages.Piece)
        try:
            joined = joiner.accept(piece)
        except errors.ProtocolError as error:
            name = "too_large" if isinstance(error, errors.TooLargeError) else "protocol_error"
            assert name == step.get("error"), f"refused as {name}: {error}"
            return
        assert "error" not in step, "the piece was taken"
        assert joined == unpack(step.get("joined")), f"joined {joined!r}"
        if "consumed" in step:
            credit = joiner.consumed(piece.stream, step["consumed"])
            if cutter is not None:
                cutter.add_credit(credit)
    assert cutter is None or cutter.done


CHECKS: Any = {"frames": check_frame, "messages": check_message, "pieces": check_pieces}


def main(repository: Path) -> int:
    """Check every case; the exit status is the number of those that fail."""
    sys.path.insert(0, str(repository))
    vectors = json.loads((repository / "tests/vectors/rpc_wire.json").read_text(encoding="utf-8"))
    failed, count = [], 0
    for section, check in CHECKS.items():
        for case in vectors[section]:
            count += 1
            try:
                check(case)
            except AssertionError as error:
                failed.append(f"{section}: {case['name']}: {error}")
    print("\n".join([*failed, f"{count} cases, {len(failed)} failed"]))
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
