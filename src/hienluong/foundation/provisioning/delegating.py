"""Telling those whom lent powers concern: when they begin, are taken back, and on their last day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.events import outbox
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Delegation, Official

PAGE = "/tai-khoan/uy-quyen"


def listen() -> None:
    """Hear of delegations."""
    outbox.subscribe("delegation.began", when_begun)
    outbox.subscribe("delegation.revoked", when_revoked)


def acting_for(request: HttpRequest) -> Iterator[str]:
    """For whom the acting official may act just now; said on every page of the workplace."""
    actor = getattr(request, "actor", None)
    for source in dict.fromkeys(grant.source for grant in getattr(actor, "grants", ()) if grant.lent_by):
        yield _("Bạn đang làm thay. %(source)s.") % {"source": source}


def when_begun(event: Event) -> None:
    """Both are told: the one who may act for another, and the one for whom it was recorded."""
    _both(event, "began", _("%(lender)s ủy quyền cho %(delegate)s từ %(first)s đến hết %(last)s"))


def when_revoked(event: Event) -> None:
    """Both are told that it is over."""
    _both(event, "revoked", _("Đã thu hồi ủy quyền của %(lender)s cho %(delegate)s"))


def remind() -> int:
    """Tell both sides on the last day of lent powers; telling again changes nothing. Returns how many end today."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    ending = Delegation.objects.filter(valid__endswith=tomorrow, revoked_at=None)
    found = list(ending.select_related("position__official", "position__organization", "delegate"))
    words = _("Hết hôm nay, ủy quyền của %(lender)s cho %(delegate)s không còn hiệu lực")
    for delegation in found:
        _announce(system("Nhắc ủy quyền sắp hết"), delegation=delegation, moment="ends", words=words)
    return len(found)


def _both(event: Event, moment: str, words: str) -> None:
    pk = event.subject.rpartition(":")[2]
    delegation = (
        Delegation.objects.select_related("position__official", "position__organization", "delegate")
        .filter(pk=pk)
        .first()
    )
    if delegation is not None:
        _announce(system("Ủy quyền"), delegation=delegation, moment=moment, words=words)


@action("provisioning.announce_delegation")
def _announce(act: Act, *, delegation: Delegation, moment: str, words: str) -> None:
    act.record(delegation, after={"announced": moment}, organization_id=delegation.position.organization_id)
    _tell(act, delegation, moment, words)


def _tell(act: Act, delegation: Delegation, moment: str, words: str) -> None:
    post, last = delegation.position, delegation.valid.upper - timedelta(days=1)
    told = {
        "lender": post.official.full_name,
        "delegate": delegation.delegate.full_name,
        "first": f"{delegation.valid.lower:%d/%m/%Y}",
        "last": f"{last:%d/%m/%Y}",
    }
    body = _("Chức vụ: %(post)s, %(org)s. Lý do: %(reason)s") % {
        "post": post.title,
        "org": post.organization.name,
        "reason": delegation.reason,
    }
    key = f"delegation:{delegation.pk}:{moment}"
    for official in (post.official, delegation.delegate):
        if account := _account(official):
            notify(act, account=account, key=key, kind="delegation", title=words % told, body=body, href=PAGE)


def _account(official: Official) -> Account | None:
    return Account.objects.filter(official=official, is_active=True).first()
