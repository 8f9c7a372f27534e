"""How two sides talk: messages and frames, pure and without any input or output.

``protocol.json`` beside this file is the authority on kinds, value tags and limits, for Python and JavaScript.
"""
