"""The clone as the house tests read it: which files are ours, and what each imports. Reads, and runs nothing."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("imjoy", "imjoy_offline")
_NOT_OURS = {".git", ".venv", "node_modules", "dist", "build", "__pycache__", "workspace"}


@dataclass(frozen=True)
class Import:
    """One import: the module that asks (dotted), what it asks for (dotted, names included), and the line."""

    module: str
    target: str
    line: int


def project_files() -> list[Path]:
    """Every file that is committed or about to be, relative to the clone, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = {Path(name) for name in listed.stdout.decode().split("\0") if name}
    else:  # an unpacked source archive has no git
        names = {path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()}
        names = {name for name in names if not _NOT_OURS & set(name.parts)}
    return sorted(name for name in names if (ROOT / name).is_file())


@cache
def python_modules() -> dict[str, Path]:
    """The product's modules by dotted name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = list(path.relative_to(ROOT).with_suffix("").parts)
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def syntax_tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        # Relative imports are banned by the linter; a level would hide the room that is asked for.
        assert node.level == 0, f"relative import in line {node.lineno}"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def python_imports() -> list[Import]:
    """Every import of the product, those inside functions and under TYPE_CHECKING too."""
    return [
        Import(module, target, getattr(node, "lineno", 0))
        for module, path in python_modules().items()
        for node in ast.walk(syntax_tree(path))
        for target in _targets(node)
    ]


_JS_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)""",
    re.DOTALL,
)
_JS_IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*(['"])(?P<target>[^'"\n]+)\1""")


def without_js_comments(text: str) -> str:
    """JavaScript with its comments gone (JSDoc types among them) and its strings kept."""
    return _JS_TOKEN.sub(lambda found: "\n" * found[0].count("\n") + " " if found["comment"] else found[0], text)


def javascript_modules() -> list[Path]:
    """Every script of the app and the sandbox."""
    return sorted((ROOT / "site_src" / "js").rglob("*.js"))


def javascript_imports() -> list[Import]:
    """Every import and re-export with a literal name, lazy ones too; modules named by their path below ``js/``."""
    base = ROOT / "site_src" / "js"
    found = []
    for path in javascript_modules():
        text = without_js_comments(path.read_text(encoding="utf-8"))
        for match in _JS_IMPORT.finditer(text):
            target = match["target"]
            if target.startswith("."):
                target = (path.parent / target).resolve().relative_to(base).as_posix()
            line = text.count("\n", 0, match.start()) + 1
            found.append(Import(path.relative_to(base).as_posix(), target, line))
    return found
