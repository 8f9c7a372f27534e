"""A certificate authority that exists for the tests alone: nobody trusts it, its key is no secret.

It is at once the certificate of a server at 127.0.0.1.
"""

import ssl
from http.server import HTTPServer
from pathlib import Path

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBljCCATygAwIBAgIBATAKBggqhkjOPQQDAjApMScwJQYDVQQDDB5NYWRlIHVw
IGF1dGhvcml0eSBvZiB0aGUgdGVzdHMwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAx
MDEwMDAwMDBaMCkxJzAlBgNVBAMMHk1hZGUgdXAgYXV0aG9yaXR5IG9mIHRoZSB0
ZXN0czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKbW5RexuD1dkPnJdFFttvuf
ZS6Z+Gjls05yljKCXS/B81r1kKpflXET4OK20UvUVdsf0H7Ocl4u/4BpzG4BHb+j
UzBRMA8GA1UdEQQIMAaHBH8AAAEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8E
BAMCAoQwHQYDVR0OBBYEFOf9UtNnmMsAmq8BOaGDBRP5Mw1hMAoGCCqGSM49BAMC
A0gAMEUCIQCOt90d5rrES+t6XGu+hlp2l20gBqt+vZJ+DS98iEjP4QIgYjy6vqBv
kXtSAPTCdJ2rxyEBPP4EYecRvSHB984IXfE=
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRleat/JFkUL1ghCL
LNC7CdSJqK95oLuRw4kiqwH+GZ6hRANCAASm1uUXsbg9XZD5yXRRbbb7n2Uumfho
5bNOcpYygl0vwfNa9ZCqX5VxE+DittFL1FXbH9B+znJeLv+AacxuAR2/
-----END PRIVATE KEY-----
"""


def serve_with_tls(server: HTTPServer, folder: Path) -> None:
    """Make the server speak TLS under the authority's certificate."""
    for name, text in (("certificate.pem", CERTIFICATE), ("key.pem", KEY)):
        (folder / name).write_text(text, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
