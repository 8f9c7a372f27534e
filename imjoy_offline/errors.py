"""Every error that a person may meet, in one tree.

Each class has a stable ``code`` (the same word in JSON, on the wire and in the documentation) and the exit status
of the command line. Each instance has a message (what happened, to what) and a ``hint`` (what to do next).

    ImjoyError
      InputError        PluginFileError, ConfigError, ManifestError, RequirementError
      SupplyError       FetchError, OfflineError, NotMirroredError, ArchiveError
      IntegrityError    DigestMismatch, LockfileError
      SiteError
      StartError        PortBusyError
      UsageError
"""

from typing import ClassVar

EXIT_DONE = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_NOT_STARTED = 3
EXIT_OFFLINE = 4
EXIT_INTEGRITY = 5


class ImjoyError(Exception):
    """The root: an error in words, with a hint where there is something to do."""

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = EXIT_NOT_STARTED

    def __init__(self, message: str, *, hint: str = "", line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(ImjoyError):
    """Something that a person wrote cannot be read; ``line`` says where, counted from 1."""

    code = "input"
    exit_status = EXIT_USAGE


class PluginFileError(InputError):
    """A plugin file has no readable blocks."""

    code = "plugin-file"


class ConfigError(InputError):
    """A config block or ``imjoy.yaml`` is not what it must be."""

    code = "config"


class ManifestError(InputError):
    """A repository's manifest cannot be read."""

    code = "manifest"


class RequirementError(InputError):
    """A requirement string is of no known form."""

    code = "requirement"


class UsageError(ImjoyError):
    """The command line asks for something that is not allowed."""

    code = "usage"
    exit_status = EXIT_USAGE


class SupplyError(ImjoyError):
    """Something wanted could not be had."""

    code = "supply"
    exit_status = EXIT_OFFLINE


class FetchError(SupplyError):
    """A server answered, but not with what was asked for."""

    code = "fetch"


class OfflineError(SupplyError):
    """Nothing answered: no network, or none that reaches this host."""

    code = "offline"


class NotMirroredError(SupplyError):
    """The folder lacks what serving needs."""

    code = "not-mirrored"


class ArchiveError(SupplyError):
    """An archive is damaged, too large, or holds a member that must not be unpacked."""

    code = "archive"


class IntegrityError(ImjoyError):
    """Bytes are not the bytes that were promised."""

    code = "integrity"
    exit_status = EXIT_INTEGRITY


class DigestMismatch(IntegrityError):
    """Content does not have its recorded digest."""

    code = "digest"


class LockfileError(IntegrityError):
    """``imjoy.lock`` cannot be read or contradicts itself."""

    code = "lockfile"


class SiteError(ImjoyError):
    """The site cannot be built."""

    code = "site"


class StartError(ImjoyError):
    """The server cannot start."""

    code = "start"


class PortBusyError(StartError):
    """A port is held by something else."""

    code = "port-busy"
