import os
import ssl
from pathlib import Path

from imjoy_offline.mirror.trust import authority_bundle, authority_places, named_places, tls_context
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
    lab, config = tmp_path / "lab.pem", tmp_path / "pip.conf"
    lab.write_text(CERTIFICATE)
    config.write_text(f"[global]\ncert = {lab}\n")
    assert named_places({"PIP_CONFIG_FILE": str(config)}, None) == [lab]
    assert named_places({"PIP_CONFIG_FILE": os.devnull}, None) == []


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


def test_a_program_that_takes_one_file_is_given_all_authorities(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/lab.pem").write_text(f"Our lab\n{CERTIFICATE}")
    (tmp_path / "folder/notes.txt").write_bytes(b"\xff no certificate")
    nothing = {"PIP_CONFIG_FILE": os.devnull}
    assert authority_bundle(nothing, None) == ""
    bundle = authority_bundle({**nothing, "SSL_CERT_DIR": str(tmp_path / "folder")}, None)
    (tmp_path / "bundle.pem").write_text(bundle)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=tmp_path / "bundle.pem")
    found = set(context.get_ca_certs(binary_form=True))
    assert ssl.PEM_cert_to_DER_cert(CERTIFICATE) in found
    assert set(ssl.create_default_context().get_ca_certs(binary_form=True)) <= found
    assert bundle.count("BEGIN") == len(set(bundle.split("-----END CERTIFICATE-----"))) - 1
