"""What happens to documents, as far as somebody outside is to be told of it. Each event may come twice."""

from __future__ import annotations

from hienluong.foundation.events.models import Event
from hienluong.services.documents.models import Arrival, Document, Recipient, Source

from . import queueing
from .models import What
from .queueing import WHO

#: The events of a document that came, and the status that its sender is told.
STATUSES = {
    "document.arrived": What.ARRIVED,
    "document.refused": What.REFUSED,
    "document.registered": What.RECEIVED,
    "document.assigned": What.ASSIGNED,
    "document.processing": What.PROCESSING,
    "document.completed": What.COMPLETED,
    "document.taken_back": What.TAKE_BACK_AGREED,
    "document.take_back_refused": What.TAKE_BACK_REFUSED,
}
_PLAIN = {
    What.REFUSED: "Văn bản bị từ chối tiếp nhận.",
    What.TAKE_BACK_REFUSED: "Không đồng ý lấy lại văn bản.",
}


def send_document(event: Event) -> None:
    """A document was sent to a place: to one outside it goes by the exchange."""
    recipient = _recipient(event)
    if recipient is not None:
        queueing.queue_document(WHO, recipient=recipient)


def ask_back(event: Event) -> None:
    """A document is wanted back from a place: one outside is asked by the exchange."""
    recipient = _recipient(event)
    if recipient is not None:
        queueing.queue_take_back(WHO, recipient=recipient, reason=str(event.data.get("reason", "")))


def tell_sender(event: Event) -> None:
    """Something was done with a document that came by the exchange: its sender is told."""
    document = _document(event)
    if document is None or not Arrival.objects.filter(document=document, source=Source.EXCHANGE).exists():
        return
    what = STATUSES[event.type]
    words = str(event.data.get("reason", "")) or _PLAIN.get(what, "")
    queueing.queue_status(WHO, document=document, what=what, words=words, at=event.occurred_at)


def _recipient(event: Event) -> Recipient | None:
    """The place outside that an event names."""
    key = event.data.get("recipient")
    if not isinstance(key, int) or event.data.get("inside") or not event.data.get("code"):
        return None
    return Recipient.objects.select_related("document__agency").filter(pk=key).first()


def _document(event: Event) -> Document | None:
    label, _colon, key = event.subject.partition(":")
    if label != Document._meta.label_lower or not key.isdigit():
        return None
    return Document.objects.select_related("agency").filter(pk=int(key)).first()
