"""A certificate authority that exists for the tests alone, and the certificate of a server at 127.0.0.1 that it signed.

Nobody trusts it; the server's key is no secret, and the authority's own key was thrown away.
"""

import ssl
from http.server import HTTPServer
from pathlib import Path

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBhTCCASugAwIBAgIBATAKBggqhkjOPQQDAjApMScwJQYDVQQDDB5NYWRlLXVw
IGF1dGhvcml0eSBvZiB0aGUgdGVzdHMwIBcNMjYxMTI3MjIxMzQxWhgPMjEyNjEx
MDMyMjEzNDFaMCkxJzAlBgNVBAMMHk1hZGUtdXAgYXV0aG9yaXR5IG9mIHRoZSB0
ZXN0czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH7LjXjFLqcjscyo2sCf9/o2
dYYNnbQOzH6Op6kXDTWzFKlC0zWDraHRR1Z+C91IKwaEjemAKgLDSQByEuil7N+j
QjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBTt
UOULOdidEKBRRKPmfIR5Q8JD3TAKBggqhkjOPQQDAgNIADBFAiATCJ7YvI7oREms
n0ROkN9+/sD4DRi9FKeVYUZUDE2gNQIhAIEzRIRf6Q/l6hYdj0gUHaJsS65zMKlc
+uJ6VxYuuHcC
-----END CERTIFICATE-----
"""
SERVER = """\
-----BEGIN CERTIFICATE-----
MIIByTCCAW6gAwIBAgIBAjAKBggqhkjOPQQDAjApMScwJQYDVQQDDB5NYWRlLXVw
IGF1dGhvcml0eSBvZiB0aGUgdGVzdHMwIBcNMjYxMTI3MjIxMzQxWhgPMjEyNjEx
MDMyMjEzNDFaMCYxJDAiBgNVBAMMG01hZGUtdXAgc2VydmVyIG9mIHRoZSB0ZXN0
czBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAqn6YAAlAcMnWfuWWfkGvDe2Atp
F58kPT7d1p8MEYfJLnSRWX0c3JZgkLoMR5AqpnyxgY9jnX4i6MxZ6xevhmCjgYcw
gYQwDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0lBAwwCgYIKwYB
BQUHAwEwDwYDVR0RBAgwBocEfwAAATAdBgNVHQ4EFgQUhUpP2HNoHUJZADizIsGW
VumcjXIwHwYDVR0jBBgwFoAU7VDlCznYnRCgUUSj5nyEeUPCQ90wCgYIKoZIzj0E
AwIDSQAwRgIhAO4cvAumRKAtvUwhEHZ7JoeLpWWwdTDS0jycUGEZAC3yAiEAgk+d
AiOXOdLaLnqYZ40gf7C6gyLvZjVllv8ed0PSPyQ=
-----END CERTIFICATE-----
"""
SERVER_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxAYfcur+1CJg28nu
AVRo1lbbqfCMsn5jV8ZD2JV3H9OhRANCAAQKp+mAAJQHDJ1n7lln5Brw3tgLaRef
JD0+3dafDBGHyS50kVl9HNyWYJC6DEeQKqZ8sYGPY51+IujMWesXr4Zg
-----END PRIVATE KEY-----
"""


def serve_with_tls(server: HTTPServer, folder: Path) -> None:
    """Make the server speak TLS under a certificate of the authority."""
    for name, text in (("certificate.pem", SERVER), ("key.pem", SERVER_KEY)):
        (folder / name).write_text(text, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
