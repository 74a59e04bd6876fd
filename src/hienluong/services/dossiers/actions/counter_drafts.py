"""What a clerk has typed at the counter, kept while it is typed: a page left or a fault loses nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, NotAllowed, NotFound, action
from hienluong.services.procedures.models import Procedure

from .. import steps
from ..models import CounterDraft, Dossier

#: Most characters kept of one sheet; a form of the catalogue is far smaller.
MOST = 400_000


@action("dossiers.keep_counter_draft")
def keep_counter_draft(
    act: Act, *, draft_id: UUID, procedure: Procedure, typed: Mapping[str, Sequence[str]], label: str = ""
) -> CounterDraft:
    """Keep the sheet as it was typed under this id. Only the clerk who began it may go on with it."""
    if not act.actor.paths_with("dossiers.file_at_counter"):
        act.require("dossiers.file_at_counter")
    if sum(len(text) for texts in typed.values() for text in texts) > MOST:
        raise steps.TooMuch(_("Nội dung quá dài, không giữ được. Hãy rút gọn."))
    kept = open_sheet(act, draft_id, procedure.pk)
    if kept.filed_as_id:
        raise steps.DossierClosed(_("Hồ sơ này đã được lập."))
    kept.typed = {name: list(texts) for name, texts in typed.items()}
    kept.label = label.strip()[:200]
    kept.save(update_fields=("typed", "label", "updated_at"))
    act.record(kept, after={"procedure": procedure.code, "boxes": len(kept.typed)})
    return kept


@action("dossiers.discard_counter_draft")
def discard_counter_draft(act: Act, *, draft_id: UUID) -> None:
    """Throw a sheet away that was not filed."""
    kept = lock(act, draft_id)
    if kept.filed_as_id:
        raise steps.DossierClosed(_("Hồ sơ này đã được lập."))
    act.record(kept, before={"boxes": len(kept.typed)})
    kept.delete()


def open_sheet(act: Act, draft_id: UUID, procedure_id: int) -> CounterDraft:
    """The clerk's own sheet of this id, begun now when there is none; locked until the transaction ends."""
    fresh = CounterDraft(pk=draft_id, account_id=_account(act), procedure_id=procedure_id)
    CounterDraft.objects.bulk_create([fresh], ignore_conflicts=True)  # two presses at the same moment begin one
    return lock(act, draft_id)


def lock(act: Act, draft_id: UUID) -> CounterDraft:
    """The clerk's own sheet, locked until the transaction ends; anybody else's does not exist."""
    found = CounterDraft.objects.select_for_update().filter(pk=draft_id, account_id=_account(act)).first()
    if found is None:
        raise NotFound(_("Không tìm thấy bản đang lập."))
    return found


def _account(act: Act) -> int:
    if act.actor.account_id is None:
        raise NotAllowed(_("Hãy đăng nhập bằng tài khoản cán bộ."))
    return act.actor.account_id


def close(kept: CounterDraft, dossier: Dossier) -> None:
    """Tie the sheet to what became of it, and forget what was typed: the dossier holds it now."""
    kept.filed_as, kept.typed, kept.label = dossier, {}, ""
    kept.save(update_fields=("filed_as", "typed", "label", "updated_at"))
