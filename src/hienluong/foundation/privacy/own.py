"""What is held of a person where it was written down: the audit log, looks at their data, their files, and this app's own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.merging import leading
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, belonging, values

from .exporting import PURPOSE
from .models import Closure, Export

_ENTRY = {
    "at": _("Lúc"),
    "verb": _("Việc"),
    "target_label": _("Đối tượng"),
    "purpose": _("Mục đích"),
    "ip": _("Địa chỉ mạng"),
}
_READ = {
    "at": _("Lúc"),
    "actor_label": _("Ai xem"),
    "organization_id": _("Mã cơ quan"),
    "fields": _("Xem gì"),
    "purpose": _("Để làm gì"),
    "subject": _("Ở đâu"),
    "agreement": _("Thỏa thuận chia sẻ"),
}
_FILE = {"name": _("Tên tệp"), "purpose": _("Dùng cho"), "created_at": _("Lúc")}
_EXPORT = {"asked_at": _("Yêu cầu lúc"), "state": _("Tình trạng"), "until": _("Tải được đến"), "taken": _("Số lần tải")}
_CLOSURE = {"asked_at": _("Lúc"), "why": _("Vì sao"), "due_at": _("Đóng lúc"), "taken_back_at": _("Lấy lại lúc")}


def hand_over() -> None:
    """Say what is held, and what of it stays."""
    holdings.hand_over(
        Holding(
            "audit.done",
            _("Việc bạn đã làm trong hệ thống (nhật ký)"),
            ("audit.Entry",),
            _ENTRY,
            lambda person: values(_entries(person), list(_ENTRY)),
        ),
        Holding(
            "audit.looks",
            _("Ai đã xem dữ liệu của bạn"),
            ("audit.PersonalDataRead",),
            _READ,
            lambda person: values(_looks(person).order_by("at"), list(_READ)),
        ),
        Holding(
            "files.own",
            _("Tệp bạn đã tải lên"),
            ("files.StoredFile",),
            _FILE,
            lambda person: values(_files(person), list(_FILE)),
            _whole_files,
        ),
        Holding(
            "privacy.exports",
            _("Bản sao đã yêu cầu"),
            ("privacy.Export",),
            _EXPORT,
            lambda person: values(
                belonging(Export.objects.order_by("pk"), "account_id", to=person.account_id), list(_EXPORT)
            ),
        ),
        Holding(
            "privacy.closures",
            _("Yêu cầu đóng tài khoản"),
            ("privacy.Closure",),
            _CLOSURE,
            lambda person: values(
                belonging(Closure.objects.order_by("pk"), "account_id", to=person.account_id), list(_CLOSURE)
            ),
        ),
    )
    closing.keep(
        closing.Kept(
            "audit",
            _("Nhật ký hệ thống"),
            _("Ghi ai đã làm gì để kiểm tra, giải quyết khiếu nại; không ai sửa hay xóa được, kể cả quản trị viên."),
            lambda person: _entries(person).count(),
        ),
        closing.Kept(
            "audit.looks",
            _("Nhật ký những lần cán bộ xem dữ liệu của bạn"),
            _("Để bạn và cơ quan kiểm tra được việc xử lý dữ liệu (Luật 91/2025/QH15, điểm c khoản 2 Điều 19)."),
            lambda person: _looks(person).count(),
        ),
    )


def _entries(person: Person) -> QuerySet[Entry]:
    """By the account of the person, and by those that were merged into it."""
    accounts = leading.accounts_of(person.account_id)
    return Entry.objects.filter(actor_kind="account", actor_id__in=accounts).order_by("seq")


def _looks(person: Person) -> QuerySet[PersonalDataRead]:
    """Under the record of the person, and under those that were led into it."""
    return PersonalDataRead.objects.filter(party_id__in=leading.records_of(person.party_id))


def _files(person: Person) -> QuerySet[StoredFile]:
    found = belonging(StoredFile.objects.order_by("created_at"), "owner_id", to=person.account_id)
    return found.exclude(purpose=PURPOSE)


def _whole_files(person: Person) -> Iterable[StoredFile]:
    """The contents, for a person; what officials stored in office is the agencies' and other people's."""
    if person.official_id is not None:
        return ()
    return _files(person).select_related("blob").iterator(chunk_size=100)
