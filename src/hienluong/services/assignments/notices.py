"""Telling people about tasks. What stands on a lock screen says that there is one and until when, not what it is about."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act
from hienluong.foundation.actions.errors import Text
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from . import rights
from .models import Assignment


def tell_receivers(act: Act, assignment: Assignment, key: str, title: Text) -> None:
    """Tell those who have a task in hand, except who does this."""
    _tell(act, rights.accounts_of(rights.receivers_of(assignment)), assignment, key, title)


def tell_giver(act: Act, assignment: Assignment, key: str, title: Text) -> None:
    """Tell who gave a task, except who does this."""
    _tell(act, rights.accounts_of([assignment.giver] if assignment.giver else []), assignment, key, title)


def _tell(act: Act, accounts: list[Account], assignment: Assignment, key: str, title: Text) -> None:
    for account in accounts:
        if account.pk == act.actor.account_id:
            continue
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"assignment:{assignment.pk}:{key}",
                kind="assignments.task",
                title=str(title),
                body=body_of(assignment),
                href=page_of(assignment),
            )


def body_of(assignment: Assignment) -> str:
    """Who gave it and until when."""
    if assignment.due_at is None:
        return _("Người giao: %(giver)s.") % {"giver": assignment.giver_label}
    due = f"{timezone.localtime(assignment.due_at):%H:%M %d/%m/%Y}"
    return _("Người giao: %(giver)s. Hạn: %(due)s.") % {"giver": assignment.giver_label, "due": due}


def page_of(assignment: Assignment) -> str:
    """The page of a task."""
    try:
        return reverse("assignments:show", args=[assignment.pk])
    except NoReverseMatch:
        return ""
