import pytest

from imjoy_offline.cache.wheelhouse import Target
from imjoy_offline.errors import FetchError, OfflineError, SupplyError
from imjoy_offline.mirror.exchange import AbsentError
from imjoy_offline.mirror.uv_answers import WheelOffer, judged, read_offers

TARGET = Target("x86_64-unknown-linux-gnu", "3.11")
DIGEST = "a" * 64
HASHES = f'hashes = {{ sha256 = "{DIGEST}" }}'
TOLD = f"upload-time = 2026-11-05T12:05:52Z, size = 8390178, {HASHES}"
LIST = f"""\
lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.11.7"

[[packages]]
name = "numpy"
version = "2.4.6"
wheels = [{{ url = "https://files.example/x/numpy-2.4.6-cp311-cp311-linux_x86_64.whl", {TOLD} }}]

[[packages]]
name = "torch"
version = "2.1.0+cpu"
marker = "sys_platform == 'linux'"
wheels = [{{ url = "file:///srv/some%20wheels/torch-2.1.0%2Bcpu-py3-none-any.whl", {HASHES} }}]

[[packages]]
name = "named"
version = "1.0"
wheels = [{{ name = "named-1.0-py3-none-any.whl", url = "https://files.example/9f86?x=1", hashes = {{ md5 = "00" }} }}]
"""


def test_the_wheels_of_a_list() -> None:
    assert read_offers(LIST) == (
        WheelOffer(
            "numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
            "https://files.example/x/numpy-2.4.6-cp311-cp311-linux_x86_64.whl",
            DIGEST,
            8390178,
        ),
        WheelOffer(
            "torch-2.1.0+cpu-py3-none-any.whl",
            "file:///srv/some%20wheels/torch-2.1.0%2Bcpu-py3-none-any.whl",
            DIGEST,
        ),
        WheelOffer("named-1.0-py3-none-any.whl", "https://files.example/9f86?x=1"),
    )
    assert "files.example" not in repr(read_offers(LIST))
    assert read_offers('lock-version = "1.0"') == ()


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("not toml [", FetchError, "cannot be read"),
        ("packages = 5", FetchError, "not what it must be"),
        ("packages = [5]", FetchError, "not what it must be"),
        ('[[packages]]\nname = "old"\nversion = "1"', AbsentError, "old 1 comes as no wheel"),
        (
            '[[packages]]\nname = "old"\nversion = "1"\nsdist = { url = "https://x/old-1.tar.gz" }',
            AbsentError,
            "no wheel",
        ),
        ('[[packages]]\nname = "odd"\nwheels = [{ url = "https://x.example/odd.whl" }]', AbsentError, "odd.whl"),
    ],
)
def test_lists_that_are_of_no_use(text: str, kind: type[SupplyError], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        read_offers(text)
    assert "://" not in caught.value.message


# What uv says, as its releases of 2026 say it and as older ones do.
NEW = "error: No solution found when resolving dependencies\n  cause: {}\n"
OLD = "  × No solution found when resolving dependencies:\n  ╰─▶ {}\n"  # noqa: RUF001 - uv's own sign
UNMET = "we can conclude that your requirements are unsatisfiable."


@pytest.mark.parametrize("form", [NEW, OLD], ids=["new", "old"])
@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            f"Because nosuch was not found in the package registry and\n      you require nosuch>=1,<2, {UNMET}",
            "nosuch was not found in the package registry.",
        ),
        (
            f"Because there is no version of idna==99 and you require idna==99, {UNMET}",
            "there is no version of idna==99.",
        ),
        (f"Because you require idna<3 and idna>3.1, {UNMET}", "the plugin requires idna<3 and idna>3.1."),
        (
            f"Because a depends on b<2 and you require a and b>=2, {UNMET}",
            "a depends on b<2 and the plugin requires a and b>=2.",
        ),
        (
            "Because requests==2.20.0 depends on idna>=2.5,<2.8 and you require requests==2.20.0, we can conclude that "
            f"you require idna>=2.5,<2.8.\n         And because you require idna>=3, {UNMET}",
            "Because requests==2.20.0 depends on idna>=2.5,<2.8 and the plugin requires requests==2.20.0, we can "
            "conclude that the plugin requires idna>=2.5,<2.8. And because the plugin requires idna>=3.",
        ),
        (
            f"Because tensorflow==1.2.0 has no wheels with a matching Python ABI tag (e.g., `cp311`) and you require\n"
            f"      tensorflow==1.2, {UNMET}\n\n"
            "hint: You require CPython 3.11 (`cp311`), but we only found wheels for `tensorflow` (v1.2.0) with the "
            "following Python ABI tags: `cp27m`,\n      `cp36m`\n",
            "tensorflow==1.2.0 has no wheels with a matching Python ABI tag (e.g., `cp311`). Wanted are wheels for "
            "CPython 3.11 (`cp311`), but there are only wheels for `tensorflow` (v1.2.0) with the following Python ABI "
            "tags: `cp27m`, `cp36m`",
        ),
        (
            f"Because x==1 has no usable wheels and you require x==1, {UNMET}\n\n"
            "hint: Wheels are required for `x` because building from source is disabled (i.e., with `--no-build`)\n\n"
            "hint: `x` was found on https://me:secret@lab.example/simple, but not at the requested version",
            "x==1 has no usable wheels.",
        ),
    ],
)
def test_why_nothing_fits(form: str, said: str, told: str) -> None:
    error = judged(form.format(said), TARGET)
    assert isinstance(error, AbsentError)
    assert error.message == f"Nothing fits {TARGET}: {told}" and error.hint == ""


def test_a_requirement_that_uv_does_not_understand() -> None:
    error = judged(
        "error: Couldn't parse requirement in `wanted.in` at position 0\n  cause: Odd\n   x===\n    ^", TARGET
    )
    assert isinstance(error, AbsentError) and "Couldn't parse requirement" in error.message


@pytest.mark.parametrize(
    ("said", "kind", "message", "hint"),
    [
        (
            "error: Request failed after 3 retries in 5.7s\n  cause: Failed to fetch: http://127.0.0.1:9/simple/idna/\n"
            "  cause: error sending request for url (http://127.0.0.1:9/simple/idna/)\n"
            "  cause: client error (Connect)\n  cause: tcp connect error\n  cause: Connection refused (os error 111)",
            OfflineError,
            "A package index does not answer.",
            "127.0.0.1:9",
        ),
        (
            "error: Failed to fetch: `https://me:secret@lab.example/simple/idna/`\n  Caused by: error sending request\n"
            "  Caused by: dns error\n  Caused by: failed to lookup address information: Name or service not known",
            OfflineError,
            "A package index does not answer.",
            "lab.example",
        ),
        (
            "error: Failed to fetch: http://lab.example/simple/idna/\n"
            "  cause: HTTP status server error (503 Service Unavailable) for url (http://lab.example/simple/idna/)",
            FetchError,
            "A package index answered with status 503.",
            "lab.example",
        ),
        (
            f"{NEW.format(f'Because x was not found in the package registry and you require x, {UNMET}')}\n"
            "hint: An index URL (https://lab.example/simple) could not be queried due to a lack of valid "
            "authentication credentials (401 Unauthorized)",
            FetchError,
            "A package index refuses to answer (401 Unauthorized).",
            "lab.example",
        ),
        (
            "error: Failed to fetch: https://lab.example/simple/x/\n  cause: error sending request for url (https://..)\n"
            "  cause: client error (Connect)\n  cause: invalid peer certificate: UnknownIssuer",
            FetchError,
            "A package index cannot be asked safely: its certificate is not trusted.",
            "SSL_CERT_FILE",
        ),
        (
            "error: File not found: /home/me/caps.txt",
            FetchError,
            "uv could not look the packages up.",
            "/home/me/caps.txt",
        ),
        ("\x1b[31merror\x1b[39m: Odd https://me:secret@x/", FetchError, "uv could not look the packages up.", "Odd"),
    ],
)
def test_hindrances_that_may_pass(said: str, kind: type[SupplyError], message: str, hint: str) -> None:
    error = judged(said, TARGET)
    assert type(error) is kind and error.message == message
    assert hint in error.hint and "secret" not in error.hint and "\x1b" not in error.hint
