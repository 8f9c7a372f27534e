"""imjoy_offline.server.frame: the boot script stands before everything that runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.server.frame import BOOT_SCRIPT, with_boot_script


@pytest.mark.parametrize(
    "page",
    [
        "<!doctype html><html><head>|<script>1</script></head></html>",
        "<!DOCTYPE html>\n<HTML lang='a>b'>\n<HEAD data-x=\"a>b\">|<title>x</title>",
        "<head>|</head>",
        "<!-- <head> --><html><head>|<!-- x --></head>",
        "<!-- <script> --> <!doctype html><!-- <html> --><html><!-- <head> --><head>|",
        "<!doctype html>|<title>no head</title>",
        "<!doctype html><html>|<body><head></body>",
        "|<script src=a.js></script><head></head>",
        "|<header>not a head</header>",
        "|text first<head></head>",
        "<html>|<headline>",
        "|",
        "<!-- never closed <head>|",
        '<?xml version="1.0"?><!doctype html><html xmlns="x"><head>|',
    ],
)
def test_where_it_goes(page: str) -> None:
    before, after = page.split("|")
    assert with_boot_script((before + after).encode()) == before.encode() + BOOT_SCRIPT + after.encode()


def test_a_byte_order_mark_goes() -> None:
    assert with_boot_script("\ufeff<head>é".encode()) == b"<head>" + BOOT_SCRIPT + "é".encode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf16_becomes_utf8(encoding: str) -> None:
    page = "\ufeff<html><head><title>é</title>".encode(encoding)
    assert with_boot_script(page) == b"<html><head>" + BOOT_SCRIPT + "<title>é</title>".encode()


@given(st.text(alphabet="<>!-?htmlead \n'\"=/", max_size=60))
def test_any_page_keeps_its_bytes_and_gets_the_script_once(text: str) -> None:
    page = text.encode()
    assert with_boot_script(page).replace(BOOT_SCRIPT, b"", 1) == page
