"""The pictures of handwritten signatures and seals: those that were uploaded, else in the demo drawn ones."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from PIL import Image

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.foundation.files import store
from hienluong.foundation.files.pictures import as_address
from hienluong.foundation.organisations.models import Official, Organization

from . import looks
from .enrolling import MANAGE, demo_holder, may_manage
from .models import Holder, Look, SignatureMark, SignaturePicture

PURPOSE = "signing.picture"
#: Largest picture, in bytes.
MOST = 1024 * 1024


@action("signing.put_picture")
def put(act: Act, *, holder: Official | Organization, upload: Any) -> SignaturePicture:
    """Keep the picture of a signature or a seal: PNG with a transparent ground, as the decree has it.

    An official puts their own; a seal's is put by who looks after the keys of the organisation.
    """
    own = isinstance(holder, Official) and holder.pk == act.actor.official_id
    if not own and not may_manage(act.actor, holder):
        raise NotAllowed(_("Bạn không quản lý chữ ký của người, cơ quan này."), permission=MANAGE)
    upload.seek(0)
    _require_transparent(upload.read(MOST + 1))
    upload.seek(0)
    file = store(upload, name=str(upload.name), owner=act.actor.account_id, purpose=PURPOSE, limit=MOST)
    official = holder if isinstance(holder, Official) else None
    picture, _new = SignaturePicture.objects.update_or_create(
        official=official,
        organization=None if isinstance(holder, Official) else holder,
        defaults={
            "holder_kind": Holder.OFFICIAL if official else Holder.ORGANIZATION,
            "file_id": file.pk,
        },
    )
    act.record(picture, after={"holder": str(holder), "sha256": file.blob_id})
    return picture


def address_of(holder: Official | Organization, look: str) -> str:
    """The picture that a look shows, as a ``data:`` address; empty for looks of words, and where there is none."""
    if look not in (Look.LEADER, Look.SEAL):
        return ""
    columns = {"official": holder} if isinstance(holder, Official) else {"organization": holder}
    held = SignaturePicture.objects.filter(**columns).first()
    if held is not None:
        return as_address(held.file_id)
    if not settings.SIGNING_DEMO_KEYS:
        return ""
    return looks.as_address(
        looks.handwriting(holder.full_name) if isinstance(holder, Official) else looks.seal(holder.name)
    )


def agency_of(mark: SignatureMark) -> str:
    """Where an official signs, for looks that say so in words; empty for an organisation's own mark."""
    return demo_holder(mark.official).organization if mark.official is not None else ""


def _require_transparent(content: bytes) -> None:
    if len(content) > MOST:
        raise InvalidInput(_("Hình chữ ký, con dấu lớn quá 1 MB."), field="file")
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise InvalidInput(_("Hình chữ ký, con dấu phải là tệp PNG có nền trong suốt."), field="file")
    with tempfile.TemporaryDirectory(prefix="hienluong-hinh-") as folder:
        path = Path(folder) / "hinh.png"
        path.write_bytes(content)
        try:
            with Image.open(path) as picture:
                if picture.width * picture.height > 4_000_000:
                    raise InvalidInput(_("Hình chữ ký, con dấu quá 4 triệu điểm ảnh."), field="file")
                alpha = picture.convert("RGBA").getchannel("A")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise InvalidInput(_("Ảnh này không mở được hoặc bị hỏng."), field="file") from error
    histogram = alpha.histogram()
    if sum(histogram[:32]) * 5 < alpha.width * alpha.height:  # less than a fifth of it lets the page through
        raise InvalidInput(
            _("Hình phải có nền trong suốt: phần quanh nét chữ, con dấu không được tô màu."), field="file"
        )
