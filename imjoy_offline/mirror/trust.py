"""Which certificate authorities the mirror trusts: the system's, and every one that the person's tools are told of.

Labs behind an inspecting proxy have told some tool of theirs about its authority; any of these places will do.
"""

import os
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from imjoy_offline.mirror.pip_settings import pip_settings

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_FILE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")


def named_places(environ: Mapping[str, str], npm_cafile: str | None) -> list[Path]:
    """The files and folders of certificates that the person's tools are told of and that exist, each once."""
    named = [environ.get(variable) for variable in _FILE_VARIABLES]
    named += environ.get("SSL_CERT_DIR", "").split(os.pathsep)
    return _existing([*named, npm_cafile, pip_settings(environ).cert])


def authority_places(environ: Mapping[str, str], npm_cafile: str | None) -> list[Path]:
    """The named places, and those where OpenSSL looks by itself, each once."""
    defaults = ssl.get_default_verify_paths()
    return _existing([*named_places(environ, npm_cafile), defaults.openssl_cafile, defaults.openssl_capath])


def authority_bundle(environ: Mapping[str, str], npm_cafile: str | None) -> str:
    """Every trusted authority in one text of PEM, for a program that takes one file instead of the system's store.

    Empty where no place is named: then the system's own store is all that there is to trust.
    """
    if not named_places(environ, npm_cafile):
        return ""
    # On Windows the system's authorities are in no file, but Python's own context lists them.
    system = ssl.create_default_context().get_ca_certs(binary_form=True)
    found = dict.fromkeys(ssl.DER_cert_to_PEM_cert(certificate) for certificate in system)
    for place in authority_places(environ, npm_cafile):
        for path in sorted(place.iterdir()) if place.is_dir() else [place]:
            found.update(dict.fromkeys(_certificates(path)))
    return "".join(found)


def tls_context(environ: Mapping[str, str], npm_cafile: str | None) -> tuple[ssl.SSLContext, tuple[str, ...]]:
    """A verifying context over all of them, and a sentence for each place that could not be read."""
    import httpx

    context = ssl.create_default_context()
    faults = []
    places = authority_places(environ, npm_cafile)
    for place in places:
        try:
            if place.is_dir():
                context.load_verify_locations(capath=place)
            else:
                context.load_verify_locations(cafile=place)
        except (ssl.SSLError, OSError) as error:
            faults.append(f"The certificates in {place} cannot be read ({error}) and are not used.")
    if not places and not context.get_ca_certs():
        # An interpreter without any system store: the authorities that come with httpx.
        return httpx.create_ssl_context(), tuple(faults)
    return context, tuple(faults)


def _existing(names: Iterable[str | Path | None]) -> list[Path]:
    paths = (Path(name).expanduser() for name in names if name)
    return list(dict.fromkeys(path.resolve() for path in paths if path.exists()))


def _certificates(path: Path) -> Iterator[str]:
    """The certificates in one file, as PEM; a file without any is passed over."""
    try:
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return
    yield from (f"{block}\n" for block in _PEM.findall(text))
