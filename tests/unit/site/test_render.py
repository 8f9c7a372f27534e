"""Pages: what is put in is escaped, what is wrong is said, inline scripts are hashed as a browser hashes them."""

import base64
import hashlib
from pathlib import Path

import pytest

from imjoy_offline.errors import SiteError
from imjoy_offline.site.render import AppPage, render_app, render_frame, script_hashes

PAGE = AppPage(import_map='{"imports": {}}', stylesheets=("/app/css/a.css",), version="<1>")


def _template(folder: Path, text: str, name: str = "app.html") -> Path:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def test_the_app_page(tmp_path: Path) -> None:
    text = "@SANDBOX_ORIGIN@ {{ import_map }} {{ stylesheets[0] }} {{ version }} {{ modulepreload | length }}\r\n"
    assert render_app(_template(tmp_path, text), PAGE) == (
        '@SANDBOX_ORIGIN@ {"imports": {}} /app/css/a.css &lt;1&gt; 0\n'
    )


def test_the_frame_page(tmp_path: Path) -> None:
    folder = _template(tmp_path, "<script>{{ import_map }}</script>", "frame.html")
    assert render_frame(folder, '{"a": 1}') == '<script>{"a": 1}</script>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no place", "@SANDBOX_ORIGIN@"),
        ("<script>'@SANDBOX_ORIGIN@'</script>", "inline script"),
        ("@SANDBOX_ORIGIN@ {{ unknown }}", "'unknown' is undefined"),
        ("@SANDBOX_ORIGIN@\n\n{% if %}", "app.html, line 3"),
        ("@SANDBOX_ORIGIN@{% include 'gone.html' %}", "gone.html is absent"),
    ],
)
def test_a_wrong_template_is_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SiteError) as caught:
        render_app(_template(tmp_path, text), PAGE)
    assert words in str(caught.value)


def test_an_absent_template_is_named(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"frame\.html is absent"):
        render_frame(tmp_path, "")


def test_inline_scripts_are_hashed_byte_by_byte() -> None:
    inline = '\n{"a": "&amp; <b> é"}\n '
    page = f'<script type="importmap">{inline}</script><script src="/a.js"></script><p>x</p><script>1</script>'
    expected = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (inline, "1")}
    assert set(script_hashes(page)) == {f"sha256-{digest}" for digest in expected}
