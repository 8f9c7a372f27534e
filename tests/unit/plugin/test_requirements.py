"""What one requirement asks for, by the type of the plugin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imjoy_offline.errors import RequirementError
from imjoy_offline.plugin.requirements import parse_requirement

HOST = "https://files.example"

WEB = [
    (f"{HOST}/a.css", "style", f"{HOST}/a.css"),
    (f"{HOST}/A.CSS", "style", f"{HOST}/A.CSS"),
    (f"css:{HOST}/a", "style", f"{HOST}/a"),
    (f"{HOST}/a.mjs", "module", f"{HOST}/a.mjs"),
    (f"mjs:{HOST}/a", "module", f"{HOST}/a"),
    (f"{HOST}/a.js", "script", f"{HOST}/a.js"),
    (f"js:{HOST}/a", "script", f"{HOST}/a"),
    (f"js:{HOST}/a.css", "script", f"{HOST}/a.css"),
    (f"{HOST}/npm/thing@1", "script", f"{HOST}/npm/thing@1"),
    (f"{HOST}/a.js?v=1", "script", f"{HOST}/a.js?v=1"),
    (f"cache:{HOST}/a.bin", "cache", f"{HOST}/a.bin"),
    (f"cache:{HOST}/a.js", "cache", f"{HOST}/a.js"),
    ("//files.example/a.js", "script", f"{HOST}/a.js"),
    ("lib/a.js", "script", None),
    ("js: " + f"{HOST}/a", "script", f"{HOST}/a"),
    (f"JS:{HOST}/a", "ignored", None),
    ("numpy", "ignored", None),
    ("", "ignored", None),
]


@pytest.mark.parametrize("plugin_type", ["window", "rpc-window", "iframe"])
@pytest.mark.parametrize(("text", "kind", "url"), WEB)
def test_pages(text: str, kind: str, url: str | None, plugin_type: str) -> None:
    requirement = parse_requirement(text, plugin_type)
    assert (requirement.text, requirement.kind, requirement.url) == (text, kind, url)
    assert bool(requirement.reason) == (kind == "ignored")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"{HOST}/a.js", "script"),
        (f"js:{HOST}/a", "script"),
        (f"{HOST}/a", "script"),
        (f"{HOST}/a.mjs", "script"),
        (f"cache:{HOST}/a", "cache"),
        (f"mjs:{HOST}/a", "ignored"),
        (f"{HOST}/a.css", "ignored"),
        (f"css:{HOST}/a", "ignored"),
    ],
)
def test_workers_have_neither_styles_nor_modules(text: str, kind: str) -> None:
    requirement = parse_requirement(text, "web-worker")
    assert requirement.kind == kind
    assert bool(requirement.reason) == (kind == "ignored")


@pytest.mark.parametrize(
    ("text", "kind", "target", "installer", "url"),
    [
        (f"js:{HOST}/a.js", "script", f"{HOST}/a.js", "", f"{HOST}/a.js"),
        (f"cache:{HOST}/a", "cache", f"{HOST}/a", "", f"{HOST}/a"),
        (f"css:{HOST}/a", "ignored", f"css:{HOST}/a", "", None),
        ("package:scipy", "python", "scipy", "micropip", None),
        (f"{HOST}/scipy.js", "python", f"{HOST}/scipy.js", "micropip", f"{HOST}/scipy.js"),
        (f"{HOST}/scipy.whl", "ignored", f"{HOST}/scipy.whl", "", None),
        ("numpy", "python", "numpy", "micropip", None),
    ],
)
def test_python_in_the_browser(text: str, kind: str, target: str, installer: str, url: str | None) -> None:
    for plugin_type in ("web-python", "web-python-window"):
        found = parse_requirement(text, plugin_type)
        assert (found.kind, found.target, found.installer, found.url) == (kind, target, installer, url)


@pytest.mark.parametrize(
    ("text", "target", "installer"),
    [
        ("tensorflow==1.15", "tensorflow==1.15", "pip"),
        ("pip: -U numpy scipy", "-U numpy scipy", "pip"),
        ("pip:numpy", "numpy", "pip"),
        ("conda: -c chan bioconda::tool", "-c chan bioconda::tool", "conda"),
        (f"repo: {HOST}/a/b.git b", f"{HOST}/a/b.git b", "repo"),
        ("cmd: echo a: b", "echo a: b", "cmd"),
        (f"git+{HOST}/a/b", f"git+{HOST}/a/b", "pip"),
        (f"{HOST}/a.whl", f"{HOST}/a.whl", "pip"),
        (f"a @ {HOST}/a.whl", f"a @ {HOST}/a.whl", "pip"),
    ],
)
def test_python_in_an_engine(text: str, target: str, installer: str) -> None:
    for plugin_type in ("native-python", "jupyter-notebook"):
        found = parse_requirement(text, plugin_type)
        assert (found.kind, found.target, found.installer, found.url) == ("python", target, installer, None)


def test_an_unknown_prefix_in_an_engine_is_an_error() -> None:
    with pytest.raises(RequirementError, match=r'"apt: git" begins with "apt:"'):
        parse_requirement("apt: git", "native-python")


@given(st.text(), st.sampled_from(["window", "web-worker", "web-python", "collection", "native-python"]))
def test_any_text_is_a_requirement_or_the_own_error(text: str, plugin_type: str) -> None:
    try:
        requirement = parse_requirement(text, plugin_type)
    except RequirementError:
        assert plugin_type == "native-python"
        return
    assert requirement.text == text
    assert requirement.url is None or requirement.url.lower().startswith("http")
