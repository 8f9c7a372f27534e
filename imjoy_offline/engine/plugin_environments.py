"""Which environment a plugin runs in: TEMPORARY until engine/environment is there."""

import sys
from pathlib import Path

from imjoy_offline.engine.plugin_start import PluginStart
from imjoy_offline.engine.supervisor import Say
from imjoy_offline.errors import NotMirroredError
from imjoy_offline.paths import WorkingFolder


class PluginEnvironments:
    """The environments of one folder."""

    def __init__(self, folder: WorkingFolder, *, freeze: bool) -> None:
        self._folder = folder
        self._freeze = freeze

    def prepare(self, plugin: PluginStart, say: Say) -> Path:
        """The Python of the plugin's environment."""
        if plugin.requirements:
            raise NotMirroredError("not yet")
        return Path(sys.executable)
