"""What of a person a stranger with a paper in their hands may see: enough to compare, too little to learn.

Law 91/2025/QH15 on personal data: no more than the purpose needs. The purpose is to compare with a paper that
already shows the whole.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

#: The facts a paper may offer for comparison, in the words of the page.
LABELS = {
    "number": _("Số"),
    "dossier": _("Mã hồ sơ"),
    "granted_to": _("Cấp cho"),
    "identifier": _("Số định danh, mã số"),
    "signed_on": _("Ngày ký"),
    "payer": _("Người nộp"),
    "amount": _("Số tiền"),
    "paid_on": _("Ngày nộp"),
    "outcome": _("Kết quả"),
    "reference": _("Mã khoản thu"),
}


def facts(**values: str) -> list[dict[str, str]]:
    """Facts as an issued file keeps them, without the empty ones. Raises KeyError for a fact without a label."""
    return [{"code": code, "value": value} for code, value in values.items() if LABELS[code] and value]


def initials(name: str) -> str:
    """``Nguyễn Thị Lành`` as ``N. T. L.``; empty stays empty."""
    return " ".join(f"{word[0].upper()}." for word in name.split())


def tail(number: str, shown: int = 3) -> str:
    """The last characters of a number, the others as dots; of a short one nothing is shown."""
    number = "".join(number.split())
    if len(number) <= 2 * shown:
        return "•" * len(number)
    return "•" * (len(number) - shown) + number[-shown:]
