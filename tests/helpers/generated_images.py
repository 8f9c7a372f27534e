"""The images of the Test Image Generator, made again from its documentation, in another language than its own."""


def noise(seed: int, count: int) -> bytes:
    """The first ``count`` bytes of the pattern ``noise``."""
    state = (seed ^ 0x9E3779B9) or 0x9E3779B9
    values = bytearray()
    for number in range(16 + count):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        if number >= 16:
            values.append(state >> 24)
    return bytes(values)


def as_rgba(values: bytes, channels: int) -> bytes:
    """What a canvas holds when these values are drawn as they are."""
    return b"".join(
        (values[at : at + 3] if channels == 3 else values[at : at + 1] * 3) + b"\xff"
        for at in range(0, len(values), channels)
    )
