"""Pages of forms under both judges: what is asked, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from hienluong.capabilities.forms import browser, fields
from hienluong.capabilities.forms.definition import Form, Page
from hienluong.capabilities.forms.engine import walk
from hienluong.foundation.schemas.cleaning import clean
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.properties import properties

from .browser import BrowserJudge, Undecided, decided


@dataclass
class Verdict:
    """How the two judged one posting of a page: what differs, and what the browser left to the server."""

    differences: list[str]
    agreed: int = 0
    left: int = 0


def compare(judge: BrowserJudge, form: Form, page: Page, data: Mapping[str, Any], typed: Mapping[str, Any]) -> Verdict:
    """Post `typed` to a page that was shown over `data`, and let both judge it."""
    live = browser.live(form, page, fields.bind(page, form, data))
    sheet, shown = live.sheet, [each.name for each in live.questions if each.asked]
    asked = [field for field in sheet["fields"] if field["control"] != "output"]
    here = {field["name"]: typed.get(field["name"], nothing(field["control"])) for field in asked}
    answer = judge.ask("page", sheet=sheet, typed=here, shown=shown)
    posted = fields.bind(page, form, data, _post(here))
    posted.is_valid()
    asked_then = walk(form, clean(form.data_schema, posted.known)).pages
    there = next((names for other, names in asked_then if other.id == page.id), [])
    verdict = Verdict([])
    for name, asked in answer["asked"].items():
        if asked is None:
            verdict.left += 1
        elif asked == (name in there):
            verdict.agreed += 1
        else:
            verdict.differences.append(f"{page.id}: {name} asked {asked}, {typed}")
    for name, found in answer["faults"].items():
        said = posted.outcome.errors.get(name, [])
        if found is None or answer["asked"][name] is None or (name in sheet["partly"] and found == said[: len(found)]):
            verdict.left += 1
        elif found == said:
            verdict.agreed += 1
        else:
            verdict.differences.append(f"{page.id}: {name}: browser {found}, server {said}, {typed}")
    props = properties(form.data_schema)
    for computed in answer["computed"]:
        name = computed["name"]
        words = decided(computed)
        said = show(posted.outcome.data.get(name), props[name])
        if isinstance(words, Undecided) or not answer["asked"][name]:
            verdict.left += 1
        elif words == said:
            verdict.agreed += 1
        else:
            verdict.differences.append(f"{page.id}: {name} computed: browser {words}, server {said}, {typed}")
    return verdict


def nothing(control: str) -> Any:
    """What a control that was left alone posts."""
    return {"checkboxes": [], "checkbox": False, "quantity": None}.get(control, "")


def _post(typed: Mapping[str, Any]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name, value in typed.items():
        if isinstance(value, bool):
            if value:
                post[name] = "on"
        elif value is None or isinstance(value, Mapping):
            for part, text in (value or {}).items():
                post[f"{name}__{part}"] = text
        else:
            post.setlist(name, value if isinstance(value, list) else [value])
    return post
