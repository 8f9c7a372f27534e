import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.plugin.packages import python_needs


@pytest.mark.parametrize(
    ("requirements", "packages"),
    [
        (["numpy"], ("numpy",)),
        (["pip:numpy", "numpy"], ("numpy",)),
        (["pip: Scikit_Image  numpy>=1.2,<3"], ("numpy<3,>=1.2", "scikit-image")),
        (["numpy >= 1.2"], ("numpy>=1.2",)),
        (["pip:-U numpy --quiet scipy"], ("numpy", "scipy")),
        (["requests[socks, Security]"], ("requests[security,socks]",)),
        (["tomli; python_version < '3.11'"], ('tomli; python_version < "3.11"',)),
        (["imjoy", "imjoy-rpc>=0.2", "pip:imjoy_rpc numpy"], ("numpy",)),
        ([], ()),
    ],
)
def test_packages_have_one_spelling(requirements: list[str], packages: tuple[str, ...]) -> None:
    needs = python_needs(requirements)
    assert needs.packages == packages
    assert not needs.unmet


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ("conda: bioconda::pybedtools", "conda"),
        ("repo: https://github.com/lab/code", "repositories of code"),
        ("cmd: rm -rf x", "not run"),
        ("git+https://github.com/lab/code.git", "released version"),
        ("pip:https://example.org/x-1.0-py3-none-any.whl", "released version"),
        ("pip: --extra-index-url https://example.org/simple", "The option --extra-index-url"),
        ("pip:./local/path", "no name of a package"),
        ("pip:'unbalanced", "no name of a package"),
        ("npm:react", "not known"),
    ],
)
def test_what_no_wheel_can_bring_is_told_in_the_words_of_the_plugin(requirement: str, words: str) -> None:
    needs = python_needs([requirement, "numpy"])
    assert needs.packages == ("numpy",)
    assert {one.asked for one in needs.unmet} == {requirement}
    assert any(words in one.reason for one in needs.unmet)


def test_a_package_knows_the_line_that_names_it() -> None:
    needs = python_needs(["pip: Numpy scipy>1"])
    assert needs.written_as("numpy") == "pip: Numpy scipy>1"
    assert needs.written_as("other") == "other"


@given(st.lists(st.text()))
def test_nothing_that_a_plugin_writes_raises(requirements: list[str]) -> None:
    needs = python_needs(requirements)
    assert list(needs.packages) == sorted(set(needs.packages))
