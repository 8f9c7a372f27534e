from pathlib import Path

import pytest

from imjoy_offline.errors import ConfigError
from imjoy_offline.mirror.settings import Settings, UpstreamSettings, parse_settings, read_settings

FULL = """\
# what this lab wants
repositories: [shipped, ../lab plugins]
plugins:
  - Image Viewer
tags: {Unet: GPU}
targets: [windows-x64]
extra:
  - npm:uplot@1.6
  - https://unpkg.com/leaflet@1.3.1/dist/leaflet.css
overrides:
  https://example.org/a.js: npm:a@1.0.0/a.js
upstream:
  npm: https://packages.lab.example/npm/
  hosts:
    cdn.jsdelivr.net: http://127.0.0.1:9000/jsdelivr
    Files.Example:8443: https://mirror.example
"""


def test_everything_is_read_with_its_lines() -> None:
    settings = parse_settings(FULL)
    assert settings.repositories == ("shipped", "../lab plugins")
    assert settings.plugins == ("Image Viewer",)
    assert settings.tags == {"Unet": "GPU"}
    assert settings.targets == ("windows-x64",)
    assert settings.extra == ("npm:uplot@1.6", "https://unpkg.com/leaflet@1.3.1/dist/leaflet.css")
    assert settings.overrides == {"https://example.org/a.js": "npm:a@1.0.0/a.js"}
    assert settings.upstream == UpstreamSettings(
        "https://packages.lab.example/npm/",
        {"cdn.jsdelivr.net": "http://127.0.0.1:9000/jsdelivr", "files.example:8443": "https://mirror.example"},
    )
    assert settings.lines["extra[1]"] == 9
    assert settings.lines["repositories[0]"] == 2


def test_keys_that_are_not_acted_on_yet_are_told() -> None:
    warnings = parse_settings(FULL).warnings
    assert [text.split(":")[0] for text in warnings] == [f"imjoy.yaml, line {line}" for line in (5, 6, 11)]
    assert all("does not act on it yet" in text for text in warnings)
    assert parse_settings("extra: [npm:a]\n").warnings == ()


@pytest.mark.parametrize("text", ["", "# nothing\n", "plugins:\nextra:\nupstream:\n", "{}"])
def test_nothing_said_is_the_default(text: str) -> None:
    assert parse_settings(text) == Settings()


def test_an_absent_file_is_the_default(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "imjoy.yaml") == Settings()


def test_a_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "imjoy.yaml").write_bytes(b"\xef\xbb\xbfplugins: [A]\r\n")
    assert read_settings(tmp_path / "imjoy.yaml").plugins == ("A",)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("plugins: [A]\nplugin: [B]\n", 2, "'plugin' is not known"),
        ("extra: []\nextra: []\n", 2, "'extra' is there twice"),
        ("upstream:\n  npm: https://a.example\n  hots: {}\n", 3, "'hots' is not known"),
        ("plugins: A\n", 1, "`plugins` must be a list"),
        ("extra:\n  - npm:a\n  - 5\n", 3, "every entry of `extra` must be a text"),
        ("extra:\n  - npm:a\n  - [npm:b]\n", 3, "must be a text"),
        ("tags: [A]\n", 1, "`tags` must be a table"),
        ("tags:\n  Unet: 1.0\n", 2, "`tags: Unet` must be a text"),
        ("upstream: x\n", 1, "`upstream` must be a table"),
        ("upstream:\n  npm: packages.example\n", 2, "http or https address"),
        ("upstream:\n  npm: ftp://packages.example\n", 2, "http or https address"),
        ("upstream:\n  hosts:\n    a.example: http://b.example:x\n", 3, "http or https address"),
        ("upstream:\n  hosts:\n    https://a.example: http://b.example\n", 3, "no host name"),
        ("repositories:\n  - plugins\n  - https://a.example/plugins\n", 3, "is an address"),
        ("repositories: [git@a.example:b]\n", 1, "is an address"),
        ("- a\n", 1, "must be a table"),
        ("plugins: [A\n", 2, "is not YAML"),
        ("plugins: \t@\n", 1, "is not YAML"),
    ],
)
def test_every_error_names_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(text)
    assert caught.value.line == line
    assert f"imjoy.yaml, line {line}" in caught.value.message
    assert words in caught.value.message


def test_which_repositories_work_is_said() -> None:
    with pytest.raises(ConfigError, match="local folders"):
        parse_settings("repositories: ['https://a.example/plugins']\n")


def test_text_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "imjoy.yaml").write_bytes("plugins: [Größe]".encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        read_settings(tmp_path / "imjoy.yaml")
