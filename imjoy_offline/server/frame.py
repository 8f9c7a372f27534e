"""Mirrored pages as documents of the sandbox: the boot shim goes in before anything of the page runs.

Only the beginning of the page is read, by the rules of HTML for what may stand before the head; the rest is untouched.
"""

import re

BOOT_SCRIPT = (
    b'<script src="/sandbox/js/sandbox/boot.js"></script><script src="/sandbox/js/sandbox/boot_page.js"></script>'
)

_TAG_REST = rb"""(?:\s(?:[^>"']|"[^"]*"|'[^']*')*)?>"""
_BEFORE_HEAD = re.compile(
    rb"(?:\s+|<!--.*?(?:-->|\Z)|<[!?](?!--)[^>]*>|<html" + _TAG_REST + rb")", re.IGNORECASE | re.DOTALL
)
_HEAD = re.compile(rb"<head" + _TAG_REST, re.IGNORECASE)
_UTF8_MARK = b"\xef\xbb\xbf"


def with_boot_script(page: bytes) -> bytes:
    """``page`` with the boot script first in its head; pages in UTF-16 become UTF-8, as their type then says."""
    if page.startswith((b"\xff\xfe", b"\xfe\xff")):
        page = page.decode("utf-16", "replace").encode()
    page = page.removeprefix(_UTF8_MARK)
    position = 0
    while match := _BEFORE_HEAD.match(page, position):
        position = match.end()
    head = _HEAD.match(page, position)
    if head:
        position = head.end()
    return page[:position] + BOOT_SCRIPT + page[position:]
