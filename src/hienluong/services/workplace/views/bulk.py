"""One act on the dossiers ticked in a list: looked through first where it matters, done one by one, faults by code."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, DomainError
from hienluong.foundation.identity import kept
from hienluong.services.dossiers import queries
from hienluong.services.dossiers.access import visible_to
from hienluong.services.dossiers.models import Dossier

from ..bulk_forms import BY_KEY, MOST, BulkForm, BulkVerb
from .guard import actor_of, officials_only
from .looking import look

#: How many faults are told one by one.
MOST_FAULTS = 20


@require_http_methods(["GET", "POST"])
@officials_only
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one act on the dossiers ticked. Dossiers that this official may not see are as good as not there.

    What was ticked and typed when the session ended is shown again to be looked through; nothing is done by that.
    """
    restored = kept.take(request)
    if request.method == "GET" and restored is None:
        return redirect("workplace:inbox")
    actor, sent = actor_of(request), restored.data if restored else request.POST
    verb = BY_KEY.get(sent.get("verb", ""))
    codes = [code for code in sent.getlist("code")[:MOST] if "\x00" not in code]
    back = "workplace:to_return" if verb and verb.key == "return_result" else "workplace:inbox"
    if verb is None or not codes:
        messages.warning(request, _("Hãy chọn ít nhất một hồ sơ và một việc."))
        return redirect(back)
    dossiers = _seen_by(actor, codes)
    if not dossiers:
        messages.warning(request, _("Không tìm thấy hồ sơ nào trong số đã chọn."))
        return redirect(back)
    confirmed = "xac-nhan" in sent
    form = verb.form(sent if confirmed else None, dossiers=dossiers) if verb.form else None
    if restored or (form and not (confirmed and form.is_valid())):
        look(request, dossiers, ["name"], str(verb.title))
        context = {
            "verb": verb,
            "form": form,
            "rows": form.rows() if form else [(dossier, None) for dossier in dossiers],
            "restored": restored is not None,
            "back": back,
        }
        return render(request, "workplace/bulk.html", context, status=422 if confirmed and not restored else 200)
    _run(request, verb, dossiers, form, len(set(codes)) - len(dossiers))
    return redirect(back)


def _seen_by(actor: Actor, codes: list[str]) -> list[Dossier]:
    mine = visible_to(actor).filter(code__in=codes).values_list("pk", flat=True)
    waiting = queries.inbox(actor).filter(code__in=codes).order_by().values_list("pk", flat=True)
    found = Dossier.objects.select_related("competent", "filer", "procedure_version")
    return list(found.filter(pk__in={*mine, *waiting}).order_by("code"))


def _run(request: HttpRequest, verb: BulkVerb, dossiers: list[Dossier], form: BulkForm | None, not_there: int) -> None:
    done, faults = 0, []
    for dossier in dossiers:
        try:
            verb.run(actor_of(request), dossier, form)
            done += 1
        except DomainError as error:
            faults.append(f"{dossier.code}: {error.message}")
    for fault in faults[:MOST_FAULTS]:
        messages.warning(request, fault)
    if len(faults) > MOST_FAULTS:
        messages.warning(request, _("Và %(count)s hồ sơ khác chưa xử lý được.") % {"count": len(faults) - MOST_FAULTS})
    if not_there > 0:
        messages.warning(request, _("%(count)s hồ sơ đã chọn không tìm thấy.") % {"count": not_there})
    if done:
        messages.success(request, _("Đã xử lý %(count)s hồ sơ.") % {"count": done})
