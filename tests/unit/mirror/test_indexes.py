from pathlib import Path

import pytest

from imjoy_offline.errors import ConfigError
from imjoy_offline.mirror.indexes import CONSTRAINTS_FILE, package_indexes
from imjoy_offline.mirror.pip_settings import PipSettings


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}


def test_nothing_set_is_nothing_said(environ: dict[str, str], tmp_path: Path) -> None:
    found = package_indexes(PipSettings(), tmp_path, {}, environ)
    assert (dict(found.variables), found.constraints, found.unverified, found.warnings) == ({}, "", (), ())
    assert found.authorization("https://lab.example/x.whl") is None


def test_what_pip_is_told_is_told_to_uv(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "links, ours").mkdir()
    pip = PipSettings(
        index_url="https://me:s%23t@lab.example/simple",
        extra_index_urls=("file:///srv/simple", "own simple", "https://b.example:8443/simple"),
        find_links=("links, ours", "https://c.example/links.html", "absent"),
        no_index=True,
        constraints=("caps.txt", "https://d.example/caps.txt", "/srv/caps, more.txt"),
        trusted_hosts=("Lab.example", "b.example:8443"),
        faults=("A fault.",),
    )
    found = package_indexes(pip, tmp_path, {}, environ)
    assert found.variables == {
        "UV_DEFAULT_INDEX": "https://me:s%23t@lab.example/simple",
        "UV_INDEX": f"file:///srv/simple {(tmp_path / 'own simple').as_uri()} https://b.example:8443/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": f"{(tmp_path / 'links, ours').as_uri().replace(',', '%2C')},https://c.example/links.html",
        "UV_CONSTRAINT": f"{CONSTRAINTS_FILE} https://d.example/caps.txt",
        "UV_INSECURE_HOST": "Lab.example b.example:8443",
    }
    assert found.constraints == f"-c {tmp_path / 'caps.txt'}\n-c {Path('/srv/caps, more.txt')}\n"
    assert found.no_index and found.unverified == ("lab.example", "b.example:8443")
    assert found.warnings[0] == "A fault." and "absent" in found.warnings[1] and len(found.warnings) == 2
    assert "s%23t" not in repr(found) and "bWU6" not in repr(found)


def test_a_login_goes_to_its_own_server_alone(environ: dict[str, str], tmp_path: Path) -> None:
    pip = PipSettings(index_url="https://me:s%23t@Lab.example/simple", extra_index_urls=("http://you@b.example:81/x",))
    found = package_indexes(pip, tmp_path, {}, environ)
    assert found.authorization("https://lab.example/files/x.whl") == "Basic bWU6cyN0"
    assert found.authorization("http://b.example:81/files/x.whl") == "Basic eW91Og=="
    assert found.authorization("https://other:login@lab.example/x.whl") == "Basic b3RoZXI6bG9naW4="
    for other in ("http://lab.example/x.whl", "https://lab.example:8443/x.whl", "https://files.example/x.whl"):
        assert found.authorization(other) is None


def test_the_logins_of_netrc(environ: dict[str, str], tmp_path: Path) -> None:
    for path, named in ((tmp_path / ".netrc", {}), (tmp_path / "own", {"NETRC": str(tmp_path / "own")})):
        path.write_text("machine lab.example login me password secret\n")
        path.chmod(0o600)
        found = package_indexes(PipSettings(), tmp_path, {}, {**environ, **named})
        assert found.variables == {"NETRC": str(path)}
        assert found.authorization("https://lab.example/x.whl") == "Basic bWU6c2VjcmV0"
        assert found.authorization("https://other.example/x.whl") is None
    (tmp_path / "own").write_text("machine\n")
    assert found.authorization("https://lab.example/x.whl") is None


def test_variables_of_uvs_own_count_more(environ: dict[str, str], tmp_path: Path) -> None:
    own = {
        "UV_DEFAULT_INDEX": "https://uv:x@uv.example/simple",
        "UV_INDEX": "lab=https://lab:y@lab.example/simple",
        "UV_HTTP_RETRIES": "1",
        "UV_PYTHON": "2.7",
        "UV_CONSTRAINT": "elsewhere.txt",
    }
    pip = PipSettings(index_url="https://pip.example/simple", trusted_hosts=("pip.example",))
    found = package_indexes(pip, tmp_path, {}, {**environ, **own})
    kept = {name: own[name] for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_HTTP_RETRIES")}
    assert found.variables == {**kept, "UV_INSECURE_HOST": "pip.example"}
    assert found.authorization("https://lab.example/x.whl") == "Basic bGFiOnk="


def test_hosts_that_are_asked_elsewhere(environ: dict[str, str], tmp_path: Path) -> None:
    pip = PipSettings(index_url="https://me:secret@pip.example/simple", extra_index_urls=("https://b.example/x",))
    found = package_indexes(pip, tmp_path, {"pip.example": "http://127.0.0.1:9000/lab"}, environ)
    assert found.variables["UV_DEFAULT_INDEX"] == "http://127.0.0.1:9000/lab/simple"
    assert found.variables["UV_INDEX"] == "https://b.example/x"


@pytest.mark.parametrize("text", ["ftp://x.example/simple", "https://", "https://[x/simple"])
def test_addresses_that_are_none(environ: dict[str, str], tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        package_indexes(PipSettings(index_url=text), tmp_path, {}, environ)
    assert "x.example" not in str(caught.value)
