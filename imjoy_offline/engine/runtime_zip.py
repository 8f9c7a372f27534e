"""The zip that every worker starts from: the package ``imjoy`` and beside it the guardian.

Made of the installed files, the same bytes each time, and named by their digest, so that one that is there already is
used as it is. Beside each source lies its code compiled for the Python that serves; others compile the source.
"""

import hashlib
import importlib.util
import io
import py_compile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import imjoy.rpc
from imjoy_offline.errors import StartError
from imjoy_offline.paths import atomic_write

GUARDIAN = Path(__file__).with_name("guardian.py")
MAIN = b"""import sys
from imjoy_guardian import begin
channel = begin(sys.argv[1])
from imjoy.runtime.worker import run
sys.exit(run(channel))
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DATA = (".json",)


def runtime_zip(folders: Sequence[Path]) -> Path:
    """The path of the zip, made in the first of ``folders`` that can be written to.

    Raises StartError where there is none.
    """
    content = zip_content()
    name = f"imjoy-{hashlib.sha256(content).hexdigest()[:32]}.zip"
    problem: OSError | None = None
    for folder in folders:
        path = folder / name
        try:
            # What lies in a folder that was carried here is code that is about to run: its bytes are looked at.
            if not path.is_file() or path.read_bytes() != content:
                with atomic_write(path) as stream:
                    stream.write(content)
            return path.resolve()
        except OSError as error:
            problem = error
    raise StartError(
        f"The program that Python plugins run in could not be written: {problem}.",
        hint="Make room in the folder, or let it be written to.",
    )


def zip_content() -> bytes:
    """The bytes of the zip."""
    package = Path(imjoy.rpc.__file__).parents[1]
    sources = {"imjoy_guardian.py": GUARDIAN}
    for path in sorted(package.rglob("*")):
        if path.suffix == ".py" or path.suffix in _DATA:
            sources[f"imjoy/{path.relative_to(package).as_posix()}"] = path
    # The front door leads to the command line, which no environment has.
    del sources["imjoy/__main__.py"]
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _add(archive, "__main__.py", MAIN)
        for name, path in sorted(sources.items()):
            _add(archive, name, path.read_bytes())
            if path.suffix == ".py":
                _add(archive, f"{name}c", _compiled(path, name, Path(scratch) / "code"))
    return buffer.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _compiled(path: Path, name: str, target: Path) -> bytes:
    """The code of a module, which is taken without a look at the source's time: the zip is made anew instead."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(path), str(target), dfile=name, doraise=True, optimize=0, invalidation_mode=mode)
    content = target.read_bytes()
    if not content.startswith(importlib.util.MAGIC_NUMBER):
        raise StartError(f"The module {name} could not be compiled.", hint="Install ImJoy Offline again.")
    return content
