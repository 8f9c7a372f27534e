"""Where the person's own files of this program lie, outside of every working folder; nothing is created by asking."""

from pathlib import Path


def state_folder() -> Path:
    """What must stay: tokens, and which server runs where."""
    import platformdirs  # it is needed once a start, and not for serving

    return platformdirs.user_state_path("imjoy-offline")


def cache_folder() -> Path:
    """What can be made again: Python environments, and what the installer keeps to make them fast."""
    import platformdirs

    return platformdirs.user_cache_path("imjoy-offline")
