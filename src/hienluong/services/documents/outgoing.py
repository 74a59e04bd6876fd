"""What the outgoing side hands over when the product starts: whom it listens to, its purpose, its place in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _


def register() -> None:
    """Subscribe to the events of signing, delivery and receipts; name the purpose; put the pages into the navigation."""
    from hienluong.foundation.actions import purposes
    from hienluong.foundation.events.outbox import subscribe
    from hienluong.ui import navigation

    from .actions import issuing, recalling, signing

    subscribe("signature.made", signing.signature_made)
    subscribe("document.sent_to", issuing.deliver_inside)
    subscribe("document.take_back_asked", recalling.take_back_inside)
    for type in issuing.RECEIPT_EVENTS:
        subscribe(type, issuing.follow_receipt)
    purposes.register("documents.issuing", _("Soạn thảo, ban hành văn bản"), "outgoing")
    for label, name, order in ((_("Văn bản đi"), "outgoing:home", 6), (_("Văn bản nội bộ"), "outgoing:internal", 7)):
        navigation.register("staff", label, url_name=name, order=order, permission="documents.read")
