import pytest

from imjoy_offline.mirror.versions import parse_range, parse_version

PUBLISHED = (
    *("0.0.3", "0.0.4", "0.2.3", "0.2.9", "0.3.0", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.2.3", "1.2.4", "1.9.0"),
    *("2.0.0-beta", "2.0.0-beta.2", "2.0.0", "2.6.1", "2.6.12", "2.10.0", "3.0.0-rc6", "not a version", "4.0"),
)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("=1.2.3", "1.2.3"),
        ("^1.2.3", "1.9.0"),
        ("^1", "1.9.0"),
        ("^0.2.3", "0.2.9"),
        ("^0.0.3", "0.0.3"),
        ("^0.0", "0.0.4"),
        ("^0", "0.3.0"),
        ("~1.2.3", "1.2.4"),
        ("~1.2", "1.2.4"),
        ("~1", "1.9.0"),
        ("~>1.2", "1.2.4"),
        ("1", "1.9.0"),
        ("1.2", "1.2.4"),
        ("1.x", "1.9.0"),
        ("2.6.X", "2.6.12"),
        ("*", "2.10.0"),
        ("", "2.10.0"),
        ("x", "2.10.0"),
        (">1.2", "2.10.0"),
        (">1.2 <2", "1.9.0"),
        (">=1.2.4 <=2.0.0", "2.0.0"),
        ("> 1.2.3 < 1.9.0", "1.2.4"),
        ("<=1.2", "1.2.4"),
        ("<1.2.3", "1.0.0"),
        ("<1", "0.3.0"),
        ("0.2 - 1.2", "1.2.4"),
        ("1.0.0 - 1.2.3", "1.2.3"),
        ("^0.2 || ^1.2", "1.9.0"),
        ("9 || 0.0.x", "0.0.4"),
        ("3.0.0-rc6", "3.0.0-rc6"),
        (">=1.0.0-rc.1 <1.0.0", "1.0.0-rc.10"),
        ("^2.0.0-beta", "2.10.0"),
        ("~2.0.0-beta", "2.0.0"),
        ("<2.0.0-beta.2 >=2.0.0-alpha", "2.0.0-beta"),
        ("^3", None),
        (">3", None),
        ("<0.0.3", None),
        (">*", None),
        ("5", None),
    ],
)
def test_the_best_version_of_a_range(text: str, best: str | None) -> None:
    found = parse_range(text)
    assert found is not None
    assert found.best(PUBLISHED) == best


@pytest.mark.parametrize("text", ["next", "latest", "1.2.3.4", "^a", "1 || b", ">=", "a - b", "^^1", "file:../a"])
def test_what_is_no_range(text: str) -> None:
    assert parse_range(text) is None


def test_versions_are_ordered() -> None:
    texts = ["0.9.9", "1.0.0-0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.0.10"]
    versions = [parse_version(text) for text in texts]
    assert all(version is not None for version in versions)
    assert sorted(reversed(versions), key=lambda version: version or versions[0]) == versions  # type: ignore[arg-type, return-value]
    assert parse_version("1.0.0+build.5") == parse_version("1.0.0")
    assert parse_version("1.0") is None


def test_agreement_with_the_reference_on_made_up_ranges() -> None:
    """Ranges take what they name at their borders, and nothing beyond."""
    for number in range(3):
        found = parse_range(f"^1.{number}.{number}")
        assert found is not None
        allowed = [
            f"1.{minor}.{patch}"
            for minor in range(4)
            for patch in range(4)
            if (version := parse_version(f"1.{minor}.{patch}")) is not None and found.allows(version)
        ]
        expected = [f"1.{m}.{p}" for m in range(4) for p in range(4) if (m, p) >= (number, number)]
        assert allowed == expected
