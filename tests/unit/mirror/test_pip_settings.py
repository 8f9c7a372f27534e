import os
import subprocess
import sys
from pathlib import Path

import pytest

from imjoy_offline.mirror import pip_settings as module
from imjoy_offline.mirror.pip_settings import PipSettings, pip_settings
from tests.helpers.processes import bare_environment


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A person without any settings."""
    return {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "for everybody")}


@pytest.fixture
def nothing_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer without settings; pip looks in /etc whatever it is told."""
    monkeypatch.setattr(module, "_folders_for_everybody", lambda environ: iter(()))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


ONE = "[global]\nindex-url = https://lab.example/simple\ntrusted-host = lab.example other.example:8443\n"


@pytest.mark.usefixtures("nothing_for_everybody")
def test_a_file_that_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    path = write(
        tmp_path / "named.conf",
        ONE
        + "[install]\nEXTRA_INDEX_URL =\n  https://me:secret@b.example\n  /srv/c\nno-index = yes\nfind_links = a b\n"
        + "[other]\ncert = /not/ours.pem\n",
    )
    found = pip_settings({**environ, "PIP_CONFIG_FILE": str(path)})
    assert found == PipSettings(
        index_url="https://lab.example/simple",
        extra_index_urls=("https://me:secret@b.example", "/srv/c"),
        find_links=("a", "b"),
        no_index=True,
        trusted_hosts=("lab.example", "other.example:8443"),
    )
    assert "secret" not in repr(found)


@pytest.mark.usefixtures("nothing_for_everybody")
def test_variables_count_more_than_files_and_a_command_more_than_everything(
    environ: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "named.conf", "[install]\nconstraint = /i\ncert = /i.pem\n[global]\nconstraint = /g\n")
    variables = {"PIP_CONFIG_FILE": str(path), "PIP_CONSTRAINT": "/v w", "PIP_CERT": "", "PIP_NO_INDEX": "0"}
    found = pip_settings({**environ, **variables})
    assert (found.constraints, found.cert, found.no_index) == (("/v", "w"), "/i.pem", False)


def test_no_file_at_all_where_the_null_device_is_named(environ: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path / ".config/pip/pip.conf", ONE)
    write(tmp_path / ".pip/pip.conf", ONE)
    assert pip_settings({**environ, "PIP_CONFIG_FILE": os.devnull}) == PipSettings()


@pytest.mark.usefixtures("nothing_for_everybody")
def test_a_file_that_cannot_be_read_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    for content in (b"[global\n", b"[global]\nindex-url = \xff\n"):
        (tmp_path / "bad.conf").write_bytes(content)
        found = pip_settings({**environ, "PIP_CONFIG_FILE": str(tmp_path / "bad.conf")})
        assert found.index_url == ""
        (fault,) = found.faults
        assert str(tmp_path / "bad.conf") in fault


@pytest.mark.parametrize("named", [False, True], ids=["files of the person", "a file that is named too"])
def test_pip_itself_reads_the_same(environ: dict[str, str], tmp_path: Path, named: bool) -> None:
    """The same files, in every place that pip knows, each with a value of its own."""
    places = {
        "everybody": tmp_path / "for everybody/pip/pip.conf",
        "legacy": tmp_path / ".pip/pip.conf",
        "person": tmp_path / ".config/pip/pip.conf",
        "named": tmp_path / "named.conf",
    }
    for name, path in places.items():
        write(path, f"[global]\nindex-url = https://{name}.example\ncert = /{name}.pem\n")
    write(places["person"], "[global]\nindex-url = https://person.example\n")
    if named:
        environ = {**environ, "PIP_CONFIG_FILE": str(places["named"])}
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        env={**bare_environment(tmp_path), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    told = dict(line.split("=", 1) for line in done.stdout.splitlines())
    found = pip_settings(environ)
    assert (repr(found.index_url), repr(found.cert)) == (told["global.index-url"], told["global.cert"])
    assert found.index_url == ("https://named.example" if named else "https://person.example")
