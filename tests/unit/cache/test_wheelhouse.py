import hashlib
import sys
from pathlib import Path

import pytest

from imjoy_offline.cache.lockfile import LockedArtifact, LockedEnvironment
from imjoy_offline.cache.wheelhouse import Target, Wheelhouse, environment_key, pylock_text, wheel_parts
from imjoy_offline.errors import IntegrityError
from imjoy_offline.paths import WorkingFolder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]

WHEEL = "some_thing-1.2.3-py3-none-any.whl"
CONTENT = b"the bytes of a wheel"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ARTIFACT = LockedArtifact(f"pypi:{WHEEL}", len(CONTENT), DIGEST)
TARGET = Target("x86_64-unknown-linux-gnu", "3.11")
ENVIRONMENT = LockedEnvironment(("some-thing>=1",), TARGET.platform, TARGET.python, (WHEEL,))


@pytest.fixture
def house(tmp_path: Path) -> Wheelhouse:
    fetched = tmp_path / "fetched"
    fetched.write_bytes(CONTENT)
    wheels = Wheelhouse(WorkingFolder(tmp_path))
    assert wheels.keep(WHEEL, fetched, DIGEST) == len(CONTENT)
    return wheels


def test_a_wheel_is_kept_by_its_file_name(house: Wheelhouse, tmp_path: Path) -> None:
    assert house.path(WHEEL) == tmp_path / "cache" / "wheels" / WHEEL
    assert house.path(WHEEL).read_bytes() == CONTENT
    assert house.files() == [WHEEL]
    assert house.fault(WHEEL, DIGEST, len(CONTENT)) is None


def test_damage_and_absence_are_told_apart(house: Wheelhouse) -> None:
    house.path(WHEEL).write_bytes(CONTENT.upper())
    assert house.fault(WHEEL, DIGEST, len(CONTENT)) == "damaged"
    house.path(WHEEL).write_bytes(b"short")
    assert house.fault(WHEEL, DIGEST, len(CONTENT)) == "damaged"
    house.path(WHEEL).unlink()
    assert house.fault(WHEEL, DIGEST, len(CONTENT)) == "missing"


def test_other_bytes_than_promised_are_not_kept(house: Wheelhouse, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_bytes(b"something else")
    with pytest.raises(IntegrityError, match="SHA-256"):
        house.keep("other-1-py3-none-any.whl", wrong, DIGEST)
    assert house.files() == [WHEEL]
    assert [path.name for path in (tmp_path / "cache" / "wheels").iterdir()] == [WHEEL]


@pytest.mark.parametrize("name", ["../x-1-py3-none-any.whl", "a/b-1-py3-none-any.whl", "x.whl", "x-1.tar.gz", ""])
def test_a_name_that_no_wheel_has_is_refused(house: Wheelhouse, name: str) -> None:
    with pytest.raises(IntegrityError):
        house.path(name)


def test_the_list_of_wheels_is_what_installers_read_and_is_written_once(house: Wheelhouse) -> None:
    artifacts = {ARTIFACT.source: ARTIFACT}
    assert house.write_pylock(ENVIRONMENT, artifacts)
    assert not house.write_pylock(ENVIRONMENT, artifacts)
    path = house.pylock(ENVIRONMENT.packages, TARGET)
    assert house.pylocks() == [path]
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    (package,) = document["packages"]
    assert (package["name"], package["version"]) == ("some-thing", "1.2.3")
    (wheel,) = package["wheels"]
    assert (path.parent / wheel["path"]).read_bytes() == CONTENT
    assert wheel["hashes"] == {"sha256": DIGEST}
    assert document["tool"]["imjoy-offline"]["packages"] == ["some-thing>=1"]
    assert "." not in path.name.removeprefix("pylock.").removesuffix(".toml")  # uv takes no other names


def test_the_key_depends_on_packages_and_target_alone() -> None:
    key = environment_key(["b", "a"], TARGET)
    assert key == environment_key(["a", "b"], TARGET)
    others = [Target(TARGET.platform, "3.12"), Target("aarch64-apple-darwin", "3.11")]
    assert len({key, environment_key(["a"], TARGET), *(environment_key(["a", "b"], one) for one in others)}) == 4


def test_the_text_depends_on_no_order() -> None:
    other = LockedArtifact("pypi:a-1-py3-none-any.whl", 1, "a" * 64)
    artifacts = {one.source: one for one in (ARTIFACT, other)}
    forwards, backwards = ((WHEEL, "a-1-py3-none-any.whl"), ("a-1-py3-none-any.whl", WHEEL))
    texts = {pylock_text(LockedEnvironment(("a",), "p", "3.11", wheels), artifacts) for wheels in (forwards, backwards)}
    assert len(texts) == 1


def test_parts_of_a_wheels_name() -> None:
    assert wheel_parts("scikit_image-0.22.0-cp311-cp311-manylinux_2_17_x86_64.whl") == ("scikit-image", "0.22.0")


def test_this_machine_is_a_target() -> None:
    here = Target.here()
    assert here.python == f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert here.platform.count("-") >= 2
    assert Target.here((3, 9)).python == "3.9"
