"""ImJoy Offline: mirror ImJoy and its plugins where there is a network, serve them where there is none."""

from imjoy import __version__

__all__ = ["__version__"]
