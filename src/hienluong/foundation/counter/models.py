"""What an official of the one-stop counter saw: whose paper, which, how it was checked, what for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import ProtectedText


class IdentityCheck(models.Model):
    """An identity paper that was checked in person (Luật Căn cước 26/2023/QH15). Kept as long as the account."""

    class Paper(models.TextChoices):
        CARD = "card", _("Thẻ căn cước, căn cước công dân")
        CERTIFICATE = "certificate", _("Giấy chứng nhận căn cước")
        PASSPORT = "passport", _("Hộ chiếu")

    class How(models.TextChoices):
        CHIP = "chip", _("Đọc chip bằng thiết bị, khuôn mặt khớp")
        QR = "qr", _("Quét mã QR trên thẻ, khuôn mặt khớp")
        EYE = "eye", _("Xem bằng mắt")

    class Purpose(models.TextChoices):
        REGISTER = "register", _("Mở tài khoản")
        RECOVER = "recover", _("Khôi phục tài khoản")
        REPRESENT = "represent", _("Ghi nhận người đại diện")
        MERGE = "merge", _("Gộp tài khoản")

    party = models.ForeignKey(Party, models.PROTECT, related_name="identity_checks")
    paper = models.CharField(max_length=12, choices=Paper.choices)
    number = ProtectedText()
    how = models.CharField(max_length=4, choices=How.choices)
    level = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(level__in=(1, 2, 3)), name="identity_check_level")
        ]

    def __str__(self) -> str:
        return f"{self.party}: {self.get_paper_display()}"


#: How sure a check makes us who somebody is.
LEVELS = {IdentityCheck.How.CHIP: 3, IdentityCheck.How.QR: 2, IdentityCheck.How.EYE: 1}
