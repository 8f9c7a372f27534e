"""imjoy_offline.server.asgi: how an answer is sent."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from imjoy_offline.server.asgi import (
    CHUNK_BYTES,
    Answer,
    Event,
    FilePart,
    Streamed,
    read_body,
    send_answer,
    text_answer,
)


def sent(answer: Answer, *, head: bool = False, gone_after: int | None = None) -> list[Any]:
    """The events of one answer; the other side goes after so many of them."""
    events: list[Any] = []
    gone = asyncio.Event()

    async def receive() -> Event:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(event: Event) -> None:
        events.append(event)
        if gone_after is not None and len(events) >= gone_after:
            gone.set()
            await asyncio.sleep(0)

    asyncio.run(send_answer(answer, receive, send, head=head))
    return events


def body_of(events: list[Any]) -> bytes:
    assert [event.get("more_body", False) for event in events[1:]] == [True] * (len(events) - 2) + [False]
    return b"".join(event["body"] for event in events[1:])


def test_a_body_in_memory_goes_at_once() -> None:
    events = sent(Answer(200, (("X-One", "1"),), b"abc"))
    assert events[0]["headers"] == [(b"x-one", b"1"), (b"content-length", b"3")]
    assert body_of(events) == b"abc"
    assert len(events) == 2


def test_head_has_the_length_and_no_body() -> None:
    events = sent(Answer(200, (), b"abc"), head=True)
    assert (b"content-length", b"3") in events[0]["headers"]
    assert body_of(events) == b""


@pytest.mark.parametrize("status", [204, 304])
def test_no_length_where_there_is_no_body(status: int) -> None:
    assert sent(Answer(status))[0]["headers"] == []


def test_a_stretch_of_a_file_goes_in_chunks(tmp_path: Path) -> None:
    content = bytes(range(256)) * (CHUNK_BYTES // 100)
    (tmp_path / "file").write_bytes(content)
    events = sent(Answer(200, (), FilePart(tmp_path / "file", 10, len(content) - 30)))
    assert body_of(events) == content[10:-20]
    assert len(events) > 3


def test_nobody_reads_on_for_somebody_who_has_gone(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(CHUNK_BYTES * 10))
    events = sent(Answer(200, (), FilePart(tmp_path / "file", 0, CHUNK_BYTES * 10)), gone_after=3)
    assert len(events) < 6


def test_a_file_that_became_shorter_is_an_error_and_not_a_short_answer(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    with pytest.raises(OSError, match="shorter"):
        sent(Answer(200, (), FilePart(tmp_path / "file", 0, 10)))


def test_a_text_ends_with_a_line_and_is_kept_by_nobody() -> None:
    answer = text_answer(404, "Nothing.", ("X-One", "1"))
    assert answer.body == b"Nothing.\n"
    assert dict(answer.headers)["Cache-Control"] == "no-store"
    assert dict(answer.headers)["X-One"] == "1"


async def _three() -> AsyncGenerator[bytes, None]:
    for number in range(3):
        yield str(number).encode()


def test_a_body_that_is_still_being_made_goes_as_it_comes() -> None:
    events = sent(Answer(200, (), Streamed(_three())))
    assert events[0]["headers"] == []
    assert [event["body"] for event in events[1:]] == [b"0", b"1", b"2", b""]
    assert body_of(events) == b"012"


def test_nothing_is_made_for_somebody_who_has_gone() -> None:
    ended: list[bool] = []

    async def endless() -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"x"
                await asyncio.sleep(0)
        finally:
            ended.append(True)

    events = sent(Answer(200, (), Streamed(endless())), gone_after=3)
    assert len(events) < 20
    assert ended == [True]


def test_a_body_that_fails_is_an_error_and_not_a_short_answer() -> None:
    async def failing() -> AsyncGenerator[bytes, None]:
        yield b"x"
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        sent(Answer(200, (), Streamed(failing())))


@pytest.mark.parametrize(
    ("parts", "body"), [([b"ab", b"c"], b"abc"), ([b""], b""), ([b"abcd"], None), ([b"ab", b"cd"], None), ([], None)]
)
def test_a_request_has_a_body_within_bounds(parts: list[bytes], body: bytes | None) -> None:
    events = [
        {"type": "http.request", "body": part, "more_body": number < len(parts) - 1}
        for number, part in enumerate(parts)
    ]
    events.append({"type": "http.disconnect"})

    async def receive() -> Event:
        return events.pop(0)

    assert asyncio.run(read_body(receive, 3)) == body
