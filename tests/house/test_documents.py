"""The reference documents say everything that the product knows: every option, every key, one version."""

import argparse
import ast
import json
import re
from collections.abc import Iterator

import imjoy
import imjoy_offline
from imjoy_offline.cache.vendor import read_vendor
from imjoy_offline.cli.parser import build_parser
from tests.helpers.source_tree import ROOT, python_modules, syntax_tree

COMMAND_LINE = "docs/reference/command-line.md"
CONFIGURATION = "docs/reference/configuration.md"
# The edges where a fault of ours becomes words for a person or a message for the other side, and lives on nowhere else.
EDGES = {
    *("imjoy_offline.cli.main", "imjoy_offline.server.middleware", "imjoy_offline.server.websocket"),
    # Where the code of plugins is called: whatever it throws is the answer.
    *("imjoy.rpc.callee", "imjoy.rpc.caller", "imjoy.rpc.decode", "imjoy.rpc.encode", "imjoy.rpc.peer"),
    *("imjoy.rpc.promise", "imjoy.runtime.calls", "imjoy.runtime.scripts"),
    # What a thread's work raises is raised again where its result is waited for.
    "imjoy_offline.engine.threads",
}


def document(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Every spelling of every option, and every sub-command's name."""
    for action in parser._actions:
        yield from (option for option in action.option_strings if option not in ("-h", "--help"))
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield name
                yield from options(command)


def test_every_option_is_in_the_reference() -> None:
    text = document(COMMAND_LINE)
    words = set(re.findall(r"(?<![\w-])(--[a-z][a-z_-]*|[a-z]+)(?![\w-])", text))
    known = set(options(build_parser()))
    assert {"--serve", "--no-open", "mirror"} <= known
    today = {option for option in known if "_" not in option}
    assert not today - words, "options that the reference does not name"
    # Both spellings exist for every option of two words, and the document says so once.
    assert {option.replace("_", "-").replace("--", "--", 1) for option in known if "_" in option} <= known
    assert "_" in text


def test_the_reference_names_no_option_that_is_not_there() -> None:
    text = document(COMMAND_LINE)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z_-]*", text)) - {"--help"}
    assert not named - set(options(build_parser()))


def test_every_exit_status_is_in_the_reference() -> None:
    text = document(COMMAND_LINE)
    for status in range(6):
        assert re.search(rf"(?m)^\W*{status}\b", text) or f"`{status}`" in text, f"exit status {status}"


def settings_keys() -> set[str]:
    """The keys of ``imjoy.yaml`` as the reader checks them."""
    tree = syntax_tree(python_modules()["imjoy_offline.mirror.settings"])
    found: set[str] = set()
    for node in tree.body:
        name = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(name, ast.Name) and name.id in ("_KEYS", "_UPSTREAM_KEYS"):
            found |= set(ast.literal_eval(node.value))
    return found


def test_every_settings_key_is_in_the_reference() -> None:
    keys = settings_keys()
    assert {"repositories", "plugins", "upstream", "npm", "hosts"} <= keys
    text = document(CONFIGURATION)
    assert not [key for key in sorted(keys) if not re.search(rf"[`\s]{key}[`:]", text)]


def test_the_version_stands_in_one_place_and_its_two_copies_agree() -> None:
    declared = re.search(r'(?m)^version = "([^"]+)"$', document("pyproject.toml"))
    assert declared
    assert imjoy.__version__ == imjoy_offline.__version__ == declared[1]


def test_the_checking_tools_know_the_same_libraries_as_the_site() -> None:
    versions = {package.name: package.version for package in read_vendor(ROOT / "site_src" / "vendor.toml").packages}
    checked = json.loads(document("package.json"))["devDependencies"]
    shared = {name: version for name, version in checked.items() if name in versions}
    assert shared
    assert shared == {name: versions[name] for name in shared}


def test_blind_excepts_stand_only_at_the_edges() -> None:
    blind = {"Exception", "BaseException"}
    found = []
    for module, path in python_modules().items():
        for node in ast.walk(syntax_tree(path)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else blind
            ends_in_raise = any(isinstance(one, ast.Raise) and one.exc is None for one in node.body)
            if caught & blind and not ends_in_raise and module not in EDGES:
                found.append(f"{module}, line {node.lineno}")
    assert not found, found
