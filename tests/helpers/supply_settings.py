"""Where this computer gets packages from, read before a test empties HOME, and handed on as environment variables.

The registry, index and certificate settings in force come from npm (its files and, where it exists, the program) and
from pip. Nothing of it is written into any file of a test.
"""

import ast
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

# Besides these, every variable of npm's and pip's own is handed on as it is.
_HANDED_ON = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
)
_NPM_KEYS = ("registry", "cafile")
_UNSET = ("", "undefined", "null")


def _output(*command: str) -> str:
    # From the root, so that no project's own .npmrc speaks.
    done = subprocess.run(
        command, cwd=Path(Path.home().anchor), capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def _npmrc_files() -> list[Path]:
    """npm's files, the weakest first."""
    names = [os.environ.get("NPM_CONFIG_GLOBALCONFIG"), "/etc/npmrc", "/usr/etc/npmrc", "/usr/local/etc/npmrc"]
    names += [os.environ.get("NPM_CONFIG_USERCONFIG") or str(Path.home() / ".npmrc")]
    return [Path(name) for name in names if name]


def _npm_settings() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in _npmrc_files():
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                key, separator, value = line.partition("=")
                if separator and key.strip() in _NPM_KEYS:
                    found[key.strip()] = value.strip().strip("\"'")
    npm = shutil.which("npm")
    if npm is not None:
        for key in _NPM_KEYS:
            value = _output(npm, "config", "get", key).strip()
            if value not in _UNSET:
                found[key] = value
    return found


def _pip_settings() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in _output(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, separator, quoted = line.partition("=")
        section, _, key = name.partition(".")
        if separator and section in ("global", "install"):
            value = str(ast.literal_eval(quoted))
            # pip prints ``:env:`` last, and a variable wins over a file: so does the copy that is handed on.
            found[f"PIP_{key.upper().replace('-', '_')}"] = " ".join(value.split())
    return found


@cache
def supply_environment() -> dict[str, str]:
    """The variables that let npm, pip and the mirror reach what they reach now, from an empty HOME."""
    environment = {f"npm_config_{key}": value for key, value in _npm_settings().items()} | _pip_settings()
    for name, value in os.environ.items():
        if name in _HANDED_ON or name.upper().startswith(("PIP_", "UV_")) or name.lower().startswith("npm_config_"):
            environment[name] = value
    return environment
