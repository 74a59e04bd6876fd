"""The list behind each number: the same filter as the number, so that their counts are equal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.services.dossiers.models import Dossier

from . import ageing, figures

#: The kinds of list by their name in the address: the title, and the filter over the dossiers of the scope.
KINDS: dict[str, tuple[Promise, Callable[[QuerySet[Dossier]], QuerySet[Dossier]] | None]] = {
    "da-nop": (_("Hồ sơ đã nộp"), lambda found: found),
    "da-xong": (_("Hồ sơ đã có kết quả"), lambda found: found.filter(finished_at__isnull=False)),
    "dung-han": (_("Hồ sơ giải quyết đúng hạn"), lambda found: found.filter(finished_at__isnull=False, is_late=False)),
    "tre-han": (_("Hồ sơ giải quyết trễ hạn"), lambda found: found.filter(finished_at__isnull=False, is_late=True)),
    "truc-tuyen": (_("Hồ sơ nộp trực tuyến"), lambda found: found.filter(channel__in=figures.ONLINE)),
    "danh-gia": (_("Hồ sơ đã được đánh giá"), lambda found: found.filter(figures.is_rated())),
    # of the open ones, which carry their bucket:
    "dang-giai-quyet": (_("Hồ sơ đang giải quyết"), None),
    "tam-dung": (_("Hồ sơ đang tạm dừng chờ người dân"), None),
    "qua-han": (_("Hồ sơ đang quá hạn"), None),
}
OPEN = "dang-giai-quyet"


@dataclass(frozen=True)
class Wanted:
    """Which list: its kind, and one agency, official or bucket to narrow it to (empty: all)."""

    kind: str = OPEN
    organization: str = ""
    official: str = ""
    bucket: str = ""


def behind(scope: figures.Scope, wanted: Wanted) -> QuerySet[Dossier]:
    """The dossiers that the number is the count of."""
    narrow = KINDS[wanted.kind][1] if wanted.kind in KINDS else None
    found = narrow(figures.filed_dossiers(scope)) if narrow else _open(scope, wanted)
    if wanted.organization:
        found = found.filter(competent__code=wanted.organization)
    if wanted.official:
        found = found.filter(assignee__code=wanted.official)
    return found


def _open(scope: figures.Scope, wanted: Wanted) -> QuerySet[Any]:
    found = figures.open_dossiers(scope)
    if wanted.kind == "tam-dung":
        return found.filter(bucket=ageing.PAUSED)
    if wanted.bucket in ageing.ALL_BUCKETS:
        return found.filter(bucket=wanted.bucket)
    if wanted.kind == "qua-han":
        return found.exclude(Q(bucket=ageing.PAUSED) | Q(bucket=ageing.IN_TIME))
    return found
