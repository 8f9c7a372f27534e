"""Addresses of the local CDN: which outside address ``/cdn/x/...`` stands for, and what to say when it is missing.

Pure text; ``server/app`` looks the address up.
"""

import re

from imjoy_offline.server.asgi import Answer, text_answer

PREFIX = "/cdn/x/"
MISSING_HEADER = "X-ImJoy-Missing"

_HEADER_CHARACTERS = 4000

_TARGET = re.compile(r"(https?)/([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?)(/.*|\?.*)?", re.DOTALL)


def outside_url(target: str) -> str | None:
    """The address that ``/cdn/x/<scheme>/<host[:port]>/<path>[?query]`` stands for, as it was spelled."""
    match = _TARGET.fullmatch(target.removeprefix(PREFIX))
    if match is None:
        return None
    scheme, host, rest = match.groups()
    rest = rest or "/"
    return f"{scheme}://{host}{rest if rest.startswith('/') else '/' + rest}"


def missing_answer(url: str) -> Answer:
    """The answer for an address that was not mirrored: its name, and how to add it."""
    return text_answer(
        404,
        f"Not mirrored: {url}\n\n"
        "The app runs without the internet, and no mirror run has brought this address.\n"
        "To add it, write it into imjoy.yaml in the folder that is served:\n\n"
        f"extra:\n  - {url}\n\n"
        "and run `python -m imjoy mirror` in that folder, on a computer that is connected.",
        (MISSING_HEADER, url[:_HEADER_CHARACTERS]),
    )
