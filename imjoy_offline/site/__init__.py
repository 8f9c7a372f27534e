"""Builds what the browser gets from templates, modules and locked objects."""
