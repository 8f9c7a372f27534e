"""The type of a file by the end of its name: one table, the same on every machine.

The operating system's table is never asked: on some machines it calls scripts ``text/plain``, and browsers then
refuse them. Pages and the server both take types from here.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

UNKNOWN = "application/octet-stream"

_TEXT: Mapping[str, str] = {
    "js": "text/javascript",
    "mjs": "text/javascript",
    "cjs": "text/javascript",
    "css": "text/css",
    "html": "text/html",
    "htm": "text/html",
    "xhtml": "application/xhtml+xml",
    "json": "application/json",
    "map": "application/json",
    "geojson": "application/geo+json",
    "ipynb": "application/json",
    "webmanifest": "application/manifest+json",
    "svg": "image/svg+xml",
    "xml": "application/xml",
    "txt": "text/plain",
    "log": "text/plain",
    "md": "text/markdown",
    "rst": "text/plain",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "toml": "application/toml",
    "ini": "text/plain",
    "py": "text/x-python",
    "ts": "text/plain",
    "vue": "text/plain",
    "glsl": "text/plain",
    "wgsl": "text/plain",
    "ijm": "text/plain",
}

_BINARY: Mapping[str, str] = {
    "wasm": "application/wasm",
    "png": "image/png",
    "apng": "image/apng",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "ico": "image/x-icon",
    "cur": "image/x-icon",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "whl": "application/zip",
    "gz": "application/gzip",
    "tgz": "application/gzip",
    "bz2": "application/x-bzip2",
    "xz": "application/x-xz",
    "zst": "application/zstd",
    "tar": "application/x-tar",
    "7z": "application/x-7z-compressed",
    "jar": "application/java-archive",
    "npy": UNKNOWN,
    "npz": "application/zip",
    "h5": "application/x-hdf5",
    "hdf5": "application/x-hdf5",
    "glb": "model/gltf-binary",
    "stl": "model/stl",
    "bin": UNKNOWN,
}


# What servers call scripts; the rest of what they declare is taken by the names above.
_OTHER_NAMES: Mapping[str, str] = {
    "application/javascript": "text/javascript",
    "application/x-javascript": "text/javascript",
    "application/ecmascript": "text/javascript",
    "text/ecmascript": "text/javascript",
}


def declared_type(header: str) -> str:
    """The type that a server's ``Content-Type`` declares, in our own spelling; empty where it is none of the table."""
    name = header.partition(";")[0].strip().lower()
    name = _OTHER_NAMES.get(name, name)
    if name in _TEXT.values():
        return f"{name}; charset=utf-8"
    return name if name in _BINARY.values() and name != UNKNOWN else ""


def content_type(path: str) -> str:
    """The type of the file that ``path`` names, with ``charset=utf-8`` where it is text."""
    suffix = PurePosixPath(path).suffix.lower().removeprefix(".")
    if suffix in _TEXT:
        return f"{_TEXT[suffix]}; charset=utf-8"
    return _BINARY.get(suffix, UNKNOWN)
