"""One mirror run without the app itself, as a process of its own that tells what it did.

``python -m tests.helpers.mirror_run FOLDER``: settings come from the folder's imjoy.yaml. Prints the report as JSON.
"""

import json
import sys
from pathlib import Path

from imjoy_offline.cache.vendor import Vendor
from imjoy_offline.mirror.plan import plan
from imjoy_offline.mirror.settings import read_settings
from imjoy_offline.mirror.sync import sync
from imjoy_offline.paths import WorkingFolder
from imjoy_offline.progress import RecordingProgress


def main(arguments: list[str]) -> None:
    """Run."""
    folder = WorkingFolder(Path(arguments[0]))
    settings = read_settings(folder.settings_file)
    report = sync(folder, plan(settings, Vendor(), []), settings, RecordingProgress())
    print(json.dumps({"asked": report.asked, "files": report.downloaded_files, "missing": len(report.missing)}))


if __name__ == "__main__":
    main(sys.argv[1:])
