"""Counter work on a dossier already filed: correct an answer with the person, note which counter helped."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.forms import engine
from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.organisations.models import Organization

from .. import duties, foreseeing, steps
from ..charging import lines_for
from ..models import Dossier


@action("dossiers.correct_answers")
def correct_answers(act: Act, *, dossier: Dossier, data: dict[str, Any], confirmed: bool, how: str) -> Dossier:
    """Correct answers of the e-form as the person says; `how` tells who confirmed it and by what means.

    Every field changed is audited before and after. An answer that changes what the dossier costs cannot be corrected:
    the charge was made on the old one.
    """
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "correct_answers")
    form = dossier.procedure_version.spec.form
    if form is None:
        raise InvalidInput(_("Thủ tục này không có đơn điện tử."))
    if not confirmed or not how.strip():
        raise InvalidInput(_("Hãy ghi người dân đã xác nhận như thế nào."), field="how")
    outcome = engine.validate(form, {**dossier.data, **data})
    for name, messages in (outcome.errors or foreseeing.refused(dossier.procedure_version, outcome.data)).items():
        raise InvalidInput(messages[0], field=name)
    names = set(outcome.data) | set(dossier.data)
    changed = sorted(name for name in names if outcome.data.get(name) != dossier.data.get(name))
    if not changed:
        raise InvalidInput(_("Chưa có câu trả lời nào thay đổi."), field="how")
    _require_same_charge(dossier, outcome.data)
    before = {**steps.before(dossier), "answers": {name: dossier.data.get(name) for name in changed}}
    after = {name: outcome.data.get(name) for name in changed}
    dossier.data = outcome.data
    return steps.finish(
        act, dossier, verb="correct_answers", before=before, public_note=how.strip(), extra={"answers": after}
    )


def _require_same_charge(dossier: Dossier, data: dict[str, Any]) -> None:
    rules = dossier.procedure_version.spec.charges
    for due in ("on_filing", "on_result"):
        old, new = (lines_for(rules, due, answers, dossier.channel) for answers in (dossier.data, data))
        if [line["amount"] for line in old] != [line["amount"] for line in new]:
            raise InvalidInput(
                _("Sửa như vậy làm thay đổi phí, lệ phí. Hãy ghi nhận rút hồ sơ rồi lập hồ sơ mới."),
                code="dossiers.charge_would_change",
            )


@action("dossiers.set_helper")
def set_helper(act: Act, *, dossier: Dossier, helped_at: Organization) -> Dossier:
    """Note the counter that helped the person to file when it is not the one that received the dossier."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "set_helper")
    kinds = (Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER)
    today = timezone.localdate()
    if not Organization.objects.filter(pk=helped_at.pk, kind__in=kinds, valid__contains=today).exists():
        raise InvalidInput(_("Nơi hỗ trợ phải là một bộ phận một cửa đang hoạt động."), field="helped_at")
    old = Organization.objects.filter(pk=dossier.helped_at_id or 0).first()
    before = {"helped_at": old.name if old else ""}
    dossier.helped_at = helped_at
    dossier.save(update_fields=("helped_at",))
    act.record(dossier, before=before, after={"helped_at": helped_at.name})
    return dossier
