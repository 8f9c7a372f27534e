import pytest

from imjoy_offline.cli.added import check_address
from imjoy_offline.errors import UsageError


@pytest.mark.parametrize(
    "address",
    [
        "https://cdn.jsdelivr.net/npm/a@1.0.0/A.imjoy.html",
        "https://cdn.jsdelivr.net/gh/lab/plugins@main/A.imjoy.html",
        "https://raw.githubusercontent.com/lab/plugins/main/My%20Plugin.imjoy.html",
        "http://files.lab.example:8080/A.imjoy.html?raw=1&version=2",
        "npm:a@1.0.0/A.imjoy.html",
    ],
)
def test_plugins_are_taken_from_packages_and_plain_addresses(address: str) -> None:
    assert check_address(address) == address


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://github.com/lab/plugins/blob/main/A.imjoy.html", "address of the raw file"),
        ("https://gist.github.com/lab/0a1b", "address of the raw file"),
        ("https://me:secret@files.lab.example/A.imjoy.html", "user name or password"),
        ("https://files.lab.example/A.html", "ends in .imjoy.html"),
        ("https://files.lab.example/?A.imjoy.html", "ends in .imjoy.html"),
    ],
)
def test_other_addresses_are_refused_with_what_to_give(address: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_address(address)
    assert words in f"{caught.value.message} {caught.value.hint}"
