"""Serves a built folder on loopback and decides who may ask for what."""
