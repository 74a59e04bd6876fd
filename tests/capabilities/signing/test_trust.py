"""Whose signatures are believed: authorities that the operator named in the folder or on the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from hienluong.capabilities.signing import pki, trust, trusting
from hienluong.capabilities.signing.models import TrustAnchor
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from tests.capabilities.signing.papers import paper, sign
from tests.factories import TESTER, actor_for_role, make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A PDF signed under the authority of somebody else, and that authority's root in DER."""
    with override_settings(PKI_FOLDER=tmp_path_factory.mktemp("other") / "pki"):
        return sign(paper()), pki.root_certificate_der()


@pytest.fixture(autouse=True)
def province(db: None) -> Organization:
    return make_org("Tỉnh Quảng Trị", code="H50", kind="province")


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.REVOCATION_ASK = False
    settings.TRUST_FOLDER.mkdir()
    return settings.TRUST_FOLDER


def test_an_authority_in_the_folder_is_believed(stranger: tuple[bytes, bytes], folder: Path) -> None:
    signed, root = stranger
    assert verify_pdf(signed).verdict == "untrusted"
    (folder / "rootca.cer").write_bytes(root)
    found = verify_pdf(signed)
    assert (found.verdict, found.good, found.issued) == ("signed", True, None)
    assert "Nguyễn Văn Ký" in found.sentence
    assert found.signatures[0].chain == ("Nguyễn Văn Ký", "Hiền Lương Demo Issuing CA", "Hiền Lương Demo Root CA")
    assert found.signatures[0].revocation == "file"
    (folder / "rootca.cer").unlink()
    assert verify_pdf(signed).verdict == "untrusted"


def test_what_is_no_authority_in_the_folder_is_named_and_not_believed(
    stranger: tuple[bytes, bytes], folder: Path
) -> None:
    holder = pki.certificate_of(pki.holder_file(pki.Holder("X", "Ai đó", "Đâu đó")))
    (folder / "nguoi.pem").write_bytes(holder.public_bytes(Encoding.PEM))
    (folder / "rac.cer").write_bytes(b"junk")
    (folder / "goc.pem").write_bytes(x509.load_der_x509_certificate(stranger[1]).public_bytes(Encoding.PEM))
    (folder / "ghi-chu.txt").write_text("không phải chứng thư")
    found, faults = trust.in_folder()
    assert [each.file for each in found] == ["goc.pem"]
    assert faults == ["nguoi.pem", "rac.cer"]


def test_adding_needs_the_published_fingerprint_and_a_reason(stranger: tuple[bytes, bytes]) -> None:
    signed, root = stranger
    print_of_it = trust.read(root).fingerprint
    with pytest.raises(InvalidInput) as wrong:
        trusting.trust_authority(TESTER, certificate=root, fingerprint="00" * 32, basis="Quyết định")
    assert wrong.value.field == "fingerprint"
    with pytest.raises(InvalidInput):
        trusting.trust_authority(TESTER, certificate=root, fingerprint=print_of_it, basis=" ")
    with pytest.raises(InvalidInput):
        trusting.trust_authority(TESTER, certificate=b"junk", fingerprint=print_of_it, basis="Quyết định")
    spaced = ":".join(print_of_it[spot : spot + 2] for spot in range(0, 64, 2)).upper()
    trusting.trust_authority(TESTER, certificate=root, fingerprint=spaced, basis="Quyết định 1")
    assert verify_pdf(signed).verdict == "signed"
    with pytest.raises(InvalidInput):
        trusting.trust_authority(TESTER, certificate=root, fingerprint=print_of_it, basis="Lần hai")
    trusting.distrust_authority(TESTER, fingerprint=print_of_it, reason="Nơi cấp bị xâm nhập")
    assert verify_pdf(signed).verdict == "untrusted"
    with pytest.raises(NotFound):
        trusting.distrust_authority(TESTER, fingerprint=print_of_it, reason="Lại")
    trusting.trust_authority(TESTER, certificate=root, fingerprint=print_of_it, basis="Đã khắc phục")
    assert verify_pdf(signed).verdict == "signed"
    kept = Entry.objects.filter(verb__in=("signing.trust", "signing.distrust"))
    assert sorted(kept.values_list("verb", flat=True)) == ["signing.distrust", "signing.trust", "signing.trust"]


@pytest.mark.parametrize("role", ["leader", "clerk", "head", "auditor"])
def test_only_who_looks_after_the_installation_may(stranger: tuple[bytes, bytes], role: str) -> None:
    root = stranger[1]
    with pytest.raises(NotAllowed):
        trusting.trust_authority(
            actor_for_role(role), certificate=root, fingerprint=trust.read(root).fingerprint, basis="Quyết định"
        )


def _admin(province: Organization) -> Account:
    make_roles()
    return make_account(official=make_official(role="admin", org=province))


def test_the_pages(client: Client, stranger: tuple[bytes, bytes], folder: Path, province: Organization) -> None:
    signed, root = stranger
    address = "/quan-tri/chung-thu-goc"
    assert client.get(address).status_code == 302
    client.force_login(make_account(official=make_official(role="leader")))
    assert client.get(address).status_code == 403
    client.force_login(_admin(province))
    (folder / "rac.cer").write_bytes(b"junk")
    assert "rac.cer" in client.get(address).content.decode()
    print_of_it = trust.read(root).fingerprint

    def send(fingerprint: str) -> int:
        form = {"file": SimpleUploadedFile("goc.cer", root), "fingerprint": fingerprint, "basis": "Thông báo 1/TB"}
        return client.post(f"{address}/them", form).status_code

    assert client.get(f"{address}/them").status_code == 200
    assert client.post(f"{address}/them", {}).status_code == 422
    assert send("11" * 32) == 422
    assert send(print_of_it) == 302
    assert verify_pdf(signed).verdict == "signed"
    said = client.get(address).content.decode()
    assert print_of_it in said
    assert "Thông báo 1/TB" in said
    assert client.get(f"{address}/{print_of_it}/thoi").status_code == 200
    assert client.post(f"{address}/{print_of_it}/thoi", {"reason": ""}).status_code == 422
    assert client.post(f"{address}/{print_of_it}/thoi", {"reason": "Hết dùng"}).status_code == 302
    assert client.get(f"{address}/{print_of_it}/thoi").status_code == 404
    assert "Hết dùng" in client.get(address).content.decode()
    assert TrustAnchor.objects.get().withdrawn_at is not None
