"""Sessions of connected pages and, later, the workers of Python plugins."""
