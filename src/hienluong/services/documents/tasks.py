"""Background work of documents. Each may run again and then changes nothing."""

from __future__ import annotations

from procrastinate.contrib.django import app

from . import texts
from .models import Document


@app.task(queue="papers", name="documents.read_files", retry=3)
def read_files(document_id: int) -> None:
    """Read what the files of a document say."""
    texts.read(Document.objects.get(pk=document_id))


@app.periodic(cron="*/5 * * * *")
@app.task(queue="default", queueing_lock="documents.fetch_mail")
def fetch_mail(timestamp: int) -> None:
    """Every five minutes: fetch what came to the mailboxes of agencies."""
    from . import mail

    mail.fetch_all()


@app.task(queue="default", name="documents.fetch_held_mail")
def fetch_held_mail(row_id: int) -> None:
    """Try one message again that could not be taken in; one that failed now is held again."""
    from . import mail
    from .models import HeldMail

    row = HeldMail.objects.select_related("agency").filter(pk=row_id).first()
    if row is not None:
        mail.fetch_again(row)


@app.periodic(cron="45 0-9 * * *")  # from 07:45 to 16:45 in Việt Nam
@app.task(queue="default", queueing_lock="documents.remind")
def remind(timestamp: int) -> None:
    """Every working hour: remind of opinions on drafts that are due soon or late."""
    from . import reminding

    reminding.remind_all()
