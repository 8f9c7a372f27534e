"""The process of one Python plugin: what runs between the engine's channel and the plugin's own code.

``worker.run`` is where it begins. Standard library only, Python 3.9 and newer.
"""
