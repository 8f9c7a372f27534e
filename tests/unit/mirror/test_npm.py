import sys
from pathlib import Path

import pytest

from imjoy_offline.errors import ConfigError
from imjoy_offline.mirror.npm import Registry, npm_configuration, read_npmrc

NO_PROGRAMS = {"PATH": ""}


def rc(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".npmrc"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def address(folder: Path, environ: dict[str, str], configured: str | None = None) -> str | None:
    environ = {"HOME": str(folder / "home"), "PREFIX": str(folder / "prefix"), **NO_PROGRAMS, **environ}
    found = npm_configuration(folder / "work", configured, environ).default
    return None if found is None else found.address


def test_the_places_in_their_order(tmp_path: Path) -> None:
    assert address(tmp_path, {}) is None
    (tmp_path / "prefix/etc").mkdir(parents=True)
    (tmp_path / "prefix/etc/npmrc").write_text("registry=https://global.example/\n")
    assert address(tmp_path, {}) == "https://global.example/"
    rc(tmp_path / "home", "registry = https://home.example/npm")
    assert address(tmp_path, {}) == "https://home.example/npm/"
    rc(tmp_path / "work", "registry=https://work.example/")
    assert address(tmp_path, {}) == "https://work.example/"
    assert address(tmp_path, {"NPM_CONFIG_REGISTRY": "https://env.example"}) == "https://env.example/"
    assert address(tmp_path, {"npm_Config_Registry": "https://env.example"}) == "https://env.example/"
    assert address(tmp_path, {"npm_config_registry": "https://env.example"}, "http://said.example") == (
        "http://said.example/"
    )


def test_files_named_in_the_environment(tmp_path: Path) -> None:
    user = rc(tmp_path / "elsewhere", "registry=https://user.example/")
    assert address(tmp_path, {"NPM_CONFIG_USERCONFIG": str(user)}) == "https://user.example/"
    assert address(tmp_path, {"npm_config_globalconfig": str(user)}) == "https://user.example/"
    (tmp_path / "pre/etc").mkdir(parents=True)
    (tmp_path / "pre/etc/npmrc").write_text("registry=https://prefix.example/")
    assert address(tmp_path, {"npm_config_prefix": str(tmp_path / "pre")}) == "https://prefix.example/"


@pytest.mark.parametrize("works", [True, False])
def test_npm_itself_is_asked_last(tmp_path: Path, works: bool) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    script = programs / ("npm.cmd" if sys.platform == "win32" else "npm")
    said = "https://said-by-npm.example/" if works else "undefined"
    script.write_text(f"@echo {said}\n" if sys.platform == "win32" else f"#!/bin/sh\necho {said}\n")
    script.chmod(0o755)
    (tmp_path / "work").mkdir()
    environ = {"PATH": f"{programs}"}
    assert address(tmp_path, environ) == ("https://said-by-npm.example/" if works else None)
    rc(tmp_path / "work", "registry=https://work.example/")
    assert address(tmp_path, environ) == "https://work.example/"


def test_an_npmrc_is_read_as_npm_reads_it(tmp_path: Path) -> None:
    path = rc(
        tmp_path,
        "\ufeff; a comment",
        "# another",
        "registry = 'https://a.example/${TEAM}/'",
        "//a.example/:_authToken=${TOKEN}",
        "other=${UNSET}",
        "flag",
        "=nothing",
    )
    assert read_npmrc(path, {"TEAM": "imaging", "TOKEN": "secret"}) == {
        "registry": "https://a.example/imaging/",
        "//a.example/:_authToken": "secret",
        "other": "${UNSET}",
    }
    assert read_npmrc(tmp_path / "absent", {}) == {}


def test_tokens_go_with_their_registry_only(tmp_path: Path) -> None:
    rc(
        tmp_path / "work",
        "registry=https://a.example/team/npm/",
        "@lab:registry=https://b.example:8443/",
        "@free:registry=https://c.example/",
        "//a.example/team/:_authToken=for-a",
        "//b.example:8443/:_authToken=for-b",
    )
    found = npm_configuration(tmp_path / "work", None, {"HOME": str(tmp_path), **NO_PROGRAMS})
    assert found.registry_of("vega") == Registry("https://a.example/team/npm/", "for-a")
    assert found.registry_of("@lab/tool") == Registry("https://b.example:8443/", "for-b")
    assert found.registry_of("@free/tool") == Registry("https://c.example/", None)
    assert found.registry_of("@other/tool") == found.default
    assert "for-a" not in repr(found)


def test_credentials_in_an_address_are_dropped(tmp_path: Path) -> None:
    assert address(tmp_path, {"npm_config_registry": "https://me:secret@a.example:444/npm?x=1"}) == (
        "https://a.example:444/npm/"
    )


@pytest.mark.parametrize("text", ["packages", "ftp://a.example", "https://", "https://a:b:c/", "http://[::1"])
def test_an_unreadable_address_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="npm registry") as caught:
        address(tmp_path, {"npm_config_registry": text})
    assert text not in caught.value.message


def test_the_authorities_that_npm_is_told_of(tmp_path: Path) -> None:
    rc(tmp_path / "work", "cafile=/etc/lab.pem")
    environ = {"HOME": str(tmp_path), **NO_PROGRAMS}
    assert npm_configuration(tmp_path / "work", None, environ).cafile == "/etc/lab.pem"
    environ["npm_config_cafile"] = "/etc/other.pem"
    assert npm_configuration(tmp_path / "work", None, environ).cafile == "/etc/other.pem"
