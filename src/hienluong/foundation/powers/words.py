"""Words, navigation, and what is said on every page while powers taken in an emergency last."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.ui import navigation

PURPOSE = gettext_lazy("Xác nhận lại quyền, quyền khẩn cấp")


def register_entries() -> None:
    """Hand the entries over to the navigation."""
    entry, group = navigation.register, navigation.SECURITY
    entry(
        "staff",
        gettext_lazy("Xác nhận lại quyền"),
        url_name="powers:campaigns",
        order=832,
        permission="powers.review",
        group=group,
    )
    entry(
        "staff",
        gettext_lazy("Quyền khẩn cấp"),
        url_name="powers:emergencies",
        order=834,
        group=group,
        visible=_concerned,
    )


def _concerned(request: HttpRequest) -> bool:
    actor = getattr(request, "actor", None)
    return actor is not None and any(actor.paths_with(code) for code in ("emergency.take", "emergency.review"))


def taken(request: HttpRequest) -> Iterator[str]:
    """That emergency powers are open; no query, the actor knows."""
    actor = getattr(request, "actor", None)
    if actor is None or actor.emergency is None:
        return
    sources = [grant.source for grant in actor.grants if grant.emergency]
    for source in sources:
        yield _("%(source)s. Mọi việc bạn làm lúc này đều được đánh dấu trong nhật ký và sẽ được xem xét.") % {
            "source": source
        }
