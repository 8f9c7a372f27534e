"""The small front door: what a plugin's own process imports, and what ``python -m imjoy`` starts.

Standard library only, Python 3.9 and newer, since this package travels into any plugin's environment.
"""

__version__ = "0.1.0"
