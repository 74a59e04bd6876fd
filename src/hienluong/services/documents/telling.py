"""Telling officials what waits for them, once each; nothing of a document's content stands on a locked screen."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import translation

from hienluong.foundation.actions import Act
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify

from .models import Document


def tell(
    act: Act, document: Document, officials: Iterable[int | None], what: str, title: str, body: str = "", *, href: str
) -> None:
    """Tell the accounts of these officials, but not the one who acts. `title` is a msgid with ``%(name)s`` in it."""
    wanted = {pk for pk in officials if pk is not None and pk != act.actor.official_id}
    accounts = Account.objects.filter(official_id__in=wanted, is_active=True).order_by("pk") if wanted else ()
    for account in accounts:
        with translation.override(account.language):
            words = translation.gettext(title) % {"name": document.code or named(document)}
            notify(
                act,
                account=account,
                key=f"document:{document.pk}:{what}",
                kind="document.waiting",
                title=words,
                body=body[:200],
                href=href,
            )


def named(document: Document) -> str:
    """How a document is called before it has a number; a restricted one only by its type."""
    if document.restricted:
        return document.kind.name
    subject = document.subject if len(document.subject) <= 80 else f"{document.subject[:79]}…"
    return f"{document.kind.name}: {subject}"
