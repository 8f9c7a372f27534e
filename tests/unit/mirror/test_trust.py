import os
import ssl
from pathlib import Path

from imjoy_offline.mirror.trust import authority_places, pip_certificate, tls_context
from tests.helpers.made_up_authority import CERTIFICATE


def test_every_named_place_counts_once(tmp_path: Path) -> None:
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
    environ = {}
    for name in names:
        (tmp_path / name).write_text("")
        environ[name] = str(tmp_path / name)
    (tmp_path / "folder").mkdir()
    (tmp_path / "cafile").write_text("")
    environ["SSL_CERT_DIR"] = os.pathsep.join((str(tmp_path / "folder"), str(tmp_path / "absent")))
    environ["PIP_CONFIG_FILE"] = os.devnull
    places = authority_places(environ, str(tmp_path / "cafile"))
    assert {tmp_path / name for name in (*names, "folder", "cafile")} <= set(places)
    assert tmp_path / "absent" not in places
    environ["CURL_CA_BUNDLE"] = environ["PIP_CERT"]
    assert len(authority_places(environ, str(tmp_path / "cafile"))) == len(places) - 1


def test_the_certificate_of_pips_own_files(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\ncert = /etc/global.pem\n[install]\ncert = /etc/install.pem\n")
    assert pip_certificate({"PIP_CONFIG_FILE": str(config)}) == "/etc/install.pem"
    config.write_text("[global\n")
    environ = {"PIP_CONFIG_FILE": str(config), "XDG_CONFIG_DIRS": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip/pip.conf").write_text("[global]\ncert = /etc/home.pem\n")
    assert pip_certificate(environ) in ("/etc/home.pem", pip_certificate({}))


def test_the_context_verifies_and_says_what_it_could_not_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")
    context, faults = tls_context({"NODE_EXTRA_CA_CERTS": str(broken)}, None)
    assert context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
    assert len(faults) == 1 and str(broken) in faults[0]


def test_a_named_authority_is_trusted_beside_the_systems(tmp_path: Path) -> None:
    named = tmp_path / "lab.pem"
    named.write_text(CERTIFICATE)
    wanted = ssl.PEM_cert_to_DER_cert(CERTIFICATE)
    before, _ = tls_context({}, None)
    assert wanted not in before.get_ca_certs(binary_form=True)
    for environ, cafile in (({"REQUESTS_CA_BUNDLE": str(named)}, None), ({}, str(named))):
        found, faults = tls_context(environ, cafile)
        assert faults == ()
        trusted = found.get_ca_certs(binary_form=True)
        assert wanted in trusted and set(before.get_ca_certs(binary_form=True)) <= set(trusted)
