"""Components of the design system as template tags; builtins, so no ``{% load %}``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from .. import dates, fields, money, navigation, stacking, standing

register = template.Library()

_BUTTON_CLASSES = {
    "primary": "govuk-button",
    "secondary": "govuk-button govuk-button--secondary",
    "warning": "govuk-button govuk-button--warning",
    "start": "govuk-button govuk-button--start",
    "link": "hl-button-link",
}
_TAG_COLOURS = {"grey", "blue", "teal", "green", "yellow", "orange", "red", "purple", "magenta"}
#: More boxes to tick than this are small ones, side by side where there is room.
_MANY = 8


def _component(name: str, context: Mapping[str, Any]) -> SafeString:
    return SafeString(render_to_string(f"ui/components/{name}.html", dict(context)))


# Actions


@register.simple_tag
def ui_button(
    text: object,
    variant: str = "primary",
    href: str = "",
    type: str = "submit",
    name: str = "",
    value: object = "",
    *,
    again: bool = False,
    **attributes: object,
) -> SafeString:
    """A button, or a link that looks like one when `href` is given. With `again` it may be pressed twice at once.

    Other keywords become attributes, underscores turned into hyphens: ``data_hl_dialog="confirm"``.
    """
    extra = {key.replace("_", "-"): val for key, val in attributes.items() if val not in (None, False, "")}
    return _component(
        "button",
        {
            "text": text,
            "classes": _BUTTON_CLASSES[variant],
            "start": variant == "start",
            "href": href,
            "type": type,
            "name": name,
            "value": value,
            "attributes": extra,
            "once": variant != "link" and type == "submit" and not again,
        },
    )


# Forms


@register.simple_tag
def ui_field(
    bound: BoundField,
    label: str | None = None,
    hint: str | None = None,
    label_size: str = "",
    heading: bool = False,
    inline: bool = False,
    small: bool = False,
    **options: Any,
) -> SafeString:
    """A form field with label, hint and error, whatever its widget; many boxes to tick are small ones.

    `heading` makes the label the page's h1; `label_size` is s, m, l or xl; `inline` and `small` are for radios and
    checkboxes; `width` is a number of characters (2, 3, 4, 5, 10, 20) or ``one-half``; `prefix`, `suffix`,
    `autocomplete`, `inputmode`, `rows`, `accept`, `capture` do what they say.
    """
    view = fields.describe(bound, label=label, hint=hint, options=options)
    if view.kind == "hidden":
        return view.input
    context = {
        "field": view,
        "label_size": label_size or ("l" if heading else ""),
        "heading": heading,
        "inline": inline,
        "small": small or (view.kind == "checkboxes" and len(view.choices) > _MANY),
    }
    return _component("field", context)


@register.simple_tag
def ui_fields(form: forms.BaseForm) -> SafeString:
    """Every field of a form, hidden ones included, in order."""
    return SafeString("".join(ui_field(bound) for bound in form))


@register.simple_tag
def ui_error_summary(
    *forms_shown: forms.BaseForm | None,
    rows: Iterable[forms.BaseForm] | None = None,
    extra: Iterable[object] = (),
    quiet: bool = False,
) -> SafeString:
    """The box above a form that lists every fault and links to its field; nothing when there is none.

    `rows`: further forms of the same page (a formset). `quiet`: it leaves the focus to the address of the page.
    """
    faults: list[dict[str, str]] = [{"text": str(text), "href": ""} for text in extra or ()]
    for form in (*forms_shown, *(rows or ())):
        if form is None or not form.errors:
            continue
        faults += [{"text": str(error), "href": ""} for error in form.non_field_errors()]
        for bound in form:
            faults += [{"text": text, "href": f"#{fields.focus_id(bound)}"} for text in fields.faults(bound)]
    return _component("error_summary", {"faults": faults, "quiet": quiet}) if faults else SafeString("")


# Moving about


@register.simple_tag
def ui_breadcrumbs(items: Iterable[Sequence[object]]) -> SafeString:
    """Where this page is: a list of (label, href); the last may have an empty href (the page itself)."""
    return _component("breadcrumbs", {"items": [(str(item[0]), str(item[1] or "")) for item in items]})


@register.simple_tag
def ui_back_link(href: str, text: str = "") -> SafeString:
    """A link to the step before."""
    return _component("back_link", {"href": href, "text": text or _("Quay lại")})


@register.simple_tag(takes_context=True)
def ui_pagination(context: template.Context, page: Page[Any], parameter: str = "page") -> SafeString:
    """Links to the other pages of a list; keeps the rest of the query string. Nothing when there is one page."""
    if not page.has_other_pages():
        return SafeString("")
    request = context.get("request")
    query = request.GET.copy() if request is not None else None

    def address(number: int) -> str:
        if query is None:
            return "?" + urlencode({parameter: number})
        query[parameter] = str(number)
        return f"?{query.urlencode()}"

    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    pages = [
        {"number": number, "href": address(number), "current": number == page.number}
        if isinstance(number, int)
        else None
        for number in numbers
    ]
    return _component(
        "pagination",
        {
            "pages": pages,
            "previous": address(page.previous_page_number()) if page.has_previous() else "",
            "next": address(page.next_page_number()) if page.has_next() else "",
            "first_item": money.grouped(page.start_index()),
            "last_item": money.grouped(page.end_index()),
            "total": money.grouped(page.paginator.count),
            "is_open": getattr(page.paginator, "is_open", False),
        },
    )


@register.simple_tag(takes_context=True)
def ui_navigation(context: template.Context, face: str) -> list[navigation.Link]:
    """The links of a face, for use with ``as``."""
    return navigation.links(face, context.get("request"))


@register.simple_tag(takes_context=True)
def ui_navigation_groups(context: template.Context, face: str) -> list[navigation.Group]:
    """The same below their headings, long groups in parts."""
    return navigation.grouped(face, context.get("request"))


@register.simple_tag(takes_context=True)
def ui_navigation_first(context: template.Context, face: str) -> navigation.Link | None:
    """The first link of a face, for use with ``as``."""
    return navigation.first(face, context.get("request"))


# Saying things


@register.simple_tag(takes_context=True)
def ui_standing(context: template.Context) -> SafeString:
    """What the acting official must keep in mind on every page; nothing for most."""
    notes = standing.notes(context.get("request"))
    return _component("standing", {"notes": notes}) if notes else SafeString("")


@register.simple_tag
def ui_tag(text: object, colour: str = "blue") -> SafeString:
    """A small label that shows a status; colours: grey blue teal green yellow orange red purple magenta."""
    known = colour if colour in _TAG_COLOURS else "grey"
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', known, text)


@register.simple_tag
def ui_panel(title: object, text: object = "", level: int = 1) -> SafeString:
    """The big confirmation at the end of a service; the page's h1 unless `level` says that it stands below one."""
    return _component("panel", {"title": title, "text": text, "level": level})


@register.simple_tag
def ui_inset(text: object) -> SafeString:
    """Text set apart from the rest."""
    return format_html('<div class="govuk-inset-text">{}</div>', text)


@register.simple_tag
def ui_warning(text: object) -> SafeString:
    """Something with consequences."""
    return _component("warning", {"text": text})


@register.simple_tag
def ui_notification(text: object, variant: str = "info", title: str = "") -> SafeString:
    """A banner at the top of a page: info, warning, success or error; the last two take the focus."""
    return _component(
        "notification", {"text": text, "variant": variant, "title": title, "id": f"notice-{secrets.token_hex(4)}"}
    )


@register.simple_tag
def ui_empty(title: object, text: object = "", href: str = "", label: object = "", level: int = 2) -> SafeString:
    """What a list shows when it is empty: why, and what to do next."""
    return _component("empty", {"title": title, "text": text, "href": href, "label": label, "level": int(level)})


# Showing things


@register.simple_tag
def ui_summary_list(rows: Iterable[Mapping[str, object]], borders: bool = True) -> SafeString:
    """Facts as key and value; rows are ``dict(key, value, action_href, action_text)``."""
    shown = list(rows)
    return _component(
        "summary_list", {"rows": shown, "borders": borders, "actions": any(row.get("action_href") for row in shown)}
    )


@register.simple_tag
def ui_timeline(items: Iterable[Mapping[str, object]], level: int = 3) -> SafeString:
    """What happened, newest or oldest first as given; items are ``dict(title, when, by, text, current)``."""
    return _component("timeline", {"items": list(items), "level": int(level)})


@register.simple_tag
def ui_task_list(items: Iterable[Mapping[str, object]]) -> SafeString:
    """Things to do with their status; items are ``dict(title, href, hint, status, colour)``."""
    return _component("task_list", {"items": list(items), "id": f"tasks-{secrets.token_hex(4)}"})


@register.simple_tag
def ui_stat(label: object, value: object, hint: object = "", href: str = "", tone: str = "") -> SafeString:
    """One figure on a card; put several in ``<div class="hl-stats">``. Tones: good, warn, bad."""
    return _component("stat", {"label": label, "value": value, "hint": hint, "href": href, "tone": tone})


@register.simple_tag
def ui_date(value: date | datetime | None, style: str = "full") -> SafeString:
    """A `<time>`: style ``full`` (thứ Hai, 23/11/2026), ``short`` (23/11/2026) or ``relative`` (còn 3 ngày)."""
    if value is None:
        return SafeString("")
    words = {"full": dates.full, "short": dates.short, "relative": dates.relative}[style](value)
    title = dates.full(value) if style == "relative" else ""
    return format_html(
        '<time datetime="{}"{}>{}</time>', value.isoformat(), format_html(' title="{}"', title) if title else "", words
    )


@register.simple_tag
def ui_money(value: int | Decimal | None) -> str:
    """1.234.567 đ."""
    return "" if value is None else money.dong(value)


@register.filter
def ui_number(value: int | None) -> str:
    """1.234.567, grouped for the language."""
    return "" if value is None else money.grouped(int(value))


@register.simple_tag
def ui_qr(text: str, label: str = "") -> SafeString:
    """A QR code as inline SVG; always dark on white, so that cameras read it in the dark theme too."""
    import segno  # loads a parser of XML: only a process that draws a code pays for it

    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="hl-qr__code")
    return format_html(
        '<span class="hl-qr" role="img" aria-label="{}">{}</span>',
        label or _("Mã QR"),
        mark_safe(svg),  # noqa: S308
    )


# Components with content between two tags


@register.simple_block_tag
def ui_filter_panel(content: str, title: str = "", count: int = 0) -> SafeString:
    """Filters of a list: a side panel on wide screens, folded on a phone. `count` is how many are set."""
    return _component("filter_panel", {"content": content, "title": title or _("Lọc"), "count": count})


@register.simple_block_tag
def ui_filter_more(content: str, count: int = 0) -> SafeString:
    """The conditions of a list beside the words to look for: in a row on wide screens, folded on a phone."""
    return _component("filter_more", {"content": content, "count": count})


@register.simple_block_tag
def ui_dialog(content: str, id: str, title: str) -> SafeString:
    """A dialog; a button with ``data-hl-dialog="id"`` opens it. Put forms and buttons between the tags."""
    return _component("dialog", {"content": content, "id": id, "title": title})


@register.simple_block_tag
def ui_details(content: str, summary: str, open: bool = False) -> SafeString:
    """Text that unfolds."""
    return _component("details", {"content": content, "summary": summary, "open": open})


@register.simple_block_tag
def ui_card(content: str, title: str = "", href: str = "", level: int = 3) -> SafeString:
    """A card; with `href` its title is a link. `level` is that of its heading on the page."""
    return _component("card", {"content": content, "title": title, "href": href, "level": int(level)})


@register.simple_block_tag
def ui_table(
    content: str,
    caption: str = "",
    sortable: bool = False,
    caption_size: str = "m",
    stack: bool = False,
    fits: bool = False,
    label: str = "",
) -> SafeString:
    """A table frame that scrolls sideways on a phone; put ``<thead>`` and ``<tbody>`` between the tags.

    `stack`: there each row is a card instead, and each cell says its column, by its own ``data-label`` or the heading's words.
    `fits`: its few columns fit a phone as they are. `label`: what it is called without a caption, where there are several.
    """
    content = SafeString(stacking.label_cells(content)) if stack else content
    return _component(
        "table",
        {
            "content": content,
            "caption": caption,
            "sortable": sortable,
            "caption_size": caption_size,
            "stack": stack,
            "fits": fits,
            "label": label,
        },
    )


@register.simple_block_tag
def ui_tabs(content: str, items: Iterable[Sequence[str]], title: str = "") -> SafeString:
    """Tabs over panels: `items` are (id, label); put ``{% ui_tab_panel %}`` blocks between the tags."""
    return _component("tabs", {"content": content, "items": list(items), "title": title or _("Nội dung")})


@register.simple_block_tag
def ui_tab_panel(content: str, id: str) -> SafeString:
    """One panel of ``ui_tabs``."""
    return format_html('<div class="govuk-tabs__panel" id="{}">{}</div>', id, content)
