"""An official's browser, and the addresses of a dossier's page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import Dossier, Result
from tests.services.dossiers.province import Province

NUMBER = "045226001234"
WITH_NUMBER: dict[str, Any] = {
    "code": "XN",
    "name": "Giấy xác nhận",
    "number_suffix": "XN-UBND",
    "schema": {
        "type": "object",
        "required": ["granted_personal_id"],
        "properties": {
            "granted_personal_id": {
                "type": "string",
                "title": "Số định danh được cấp",
                "pattern": r"^\d{12}$",
                "x-widget": "personal-id",
            }
        },
    },
}


def at(actor: Actor) -> Client:
    """A browser in which this official is signed in."""
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def page(dossier: Dossier) -> str:
    return f"/lam-viec/ho-so/{dossier.code}"


def act(client: Client, dossier: Dossier, verb: str, **typed: Any) -> Any:
    """Send one act; `typed` by field name without the prefix, `tiep` as it stands."""
    data = {(key if key == "tiep" else f"{verb}-{key}"): value for key, value in typed.items()}
    return client.post(f"{page(dossier)}/viec/{verb}", data)


def fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def photo(name: str = "anh.jpg", colour: str = "white") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (600, 400), colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def to_signature(p: Province, **how: Any) -> Dossier:
    """A dossier waiting for the leader."""
    dossier = actions.receive(p.clerk, dossier=p.file(**how))
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    return fresh(dossier)


def signed(p: Province, **how: Any) -> Result:
    """A signed result waiting to be handed over."""
    return publishing.produce(actions.sign(p.leader, dossier=to_signature(p, **how)))
