"""A pack of forests with every kind of part: a list, a register, a procedure, a process, a template, examples."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from hienluong.capabilities.workflow import library
from hienluong.foundation.actions import Actor, system
from hienluong.services.packs import opening
from hienluong.services.packs.contents import Content
from hienluong.services.packs.opening import Bundle, Origin
from tests.capabilities.registers.sample import organization

ACTOR: Actor = system("Kiểm thử")
OWNER = "H50.90"
PACK = """\
name: thu.rung
title: Rừng
version: 1.0.0
owner: Chi cục Kiểm lâm
depends_on: []
description: Gói để thử.
"""
TREES = """\
code: forest-trees
title: Cây rừng
editions:
  - code: '2020'
    title: Danh mục 2020
    valid_from: 2020-01-01
    source: kiểm thử
    legal_basis: [Quyết định 1]
    table: trees.csv
"""
TABLE = "code,parent,name\nG,,Cây gỗ\nG1,G,Lim xanh\nT,,Tre nứa\n"
REGISTER = """\
code: thu.rung
title: Cây di sản
version: 1
effective_from: 2025-07-01
owner: H50.90
key: {field: code}
name: name
computed:
  tall: height != null && height > 30.0
rules:
  - when: height == null || height > 1.0
    field: height
    message: Cây phải cao hơn 1 m.
access:
  responsible: {read: '*', write: '*'}
  public: {read: [code, name, place]}
search: [name]
index: [height]
lists:
  - columns: [code, name, tree]
    filters: [tree]
    sort: -height
map: place
schema:
  type: object
  required: [code, name]
  additionalProperties: false
  properties:
    code: {type: string, title: Số, pattern: '^C[0-9]{3}$'}
    name: {x-kind: text, title: Tên, maxLength: 100}
    tree:
      x-kind: code
      x-list: forest-trees
      title: Loài cây
    height: {x-kind: number, title: Cao (m), minimum: 0}
    tall: {x-kind: flag, title: Cây cao}
    place: {x-kind: point, title: Vị trí}
"""
PROCEDURE = """\
code: '1.900001'
name: Công nhận cây di sản
field: {code: KL, name: Kiểm lâm}
sector: agriculture
online_level: full
agency: {level: department, key: SNNMT, name: Sở Nông nghiệp và Môi trường}
applicants: [citizen]
summary: Công nhận cây là cây di sản.
ways:
  - channel: counter
    deadlines:
      - amount: 1
        text: Trong ngày
papers:
  - {code: don, name: Đơn, originals: 1, source: form}
results:
  - code: giay
    name: Giấy công nhận
    template: results/giay.html
legal_basis:
  - {number: 16/2017/QH14, title: Luật Lâm nghiệp}
effective_from: 2025-07-01
process:
  model: cong_nhan
effects:
  - register: thu.rung
    set: {code: so, name: ten}
form:
  code: don
  title: Đơn
  schema:
    type: object
    required: [so, ten]
    properties:
      so: {type: string, title: Số, pattern: '^C[0-9]{3}$'}
      ten: {type: string, title: Tên cây}
      loai:
        type: string
        title: Loại
        enum: [a, b]
        x-enum-labels: {a: Loại A, b: Loại B}
      cao: {type: number, title: Cao}
  pages:
    - id: cay
      title: Cây
      fields: [so, ten, loai, cao]
  rules:
    - {when: cao == null || cao > 0.0, field: cao, message: Phải cao hơn 0.}
"""
TEMPLATE = """\
{% extends "sectors/results/base.html" %}
{% block heading %}GIẤY CÔNG NHẬN CÂY DI SẢN{% endblock %}
{% block body %}
<p>Cây {{ data.ten }}, số {{ data.so|upper }}, ngày {{ signed_at|date:"d/m/Y" }}</p>
{% if data.cao %}<p>Cao {{ data.cao }} m</p>{% endif %}
{% endblock %}
"""
EXAMPLES = """\
procedure: '1.900001'
dossiers:
  - so: C001
    ten: Đa làng Tùng Luật
    loai: a
"""


def files() -> dict[str, bytes]:
    """The files of the pack."""
    found = {
        "pack.yaml": PACK,
        "codelists/forest-trees.yaml": TREES,
        "codelists/trees.csv": TABLE,
        "registers/rung.yaml": REGISTER,
        "procedures/1.900001.yaml": PROCEDURE,
        "processes/cong_nhan.bpmn": library.shipped_xml("same_day").replace("same_day", "cong_nhan"),
        "results/giay.html": TEMPLATE,
        "examples/1.900001.yaml": EXAMPLES,
        "README.md": "Gói thử.\n",
    }
    return {name: text.encode() for name, text in found.items()}


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Anything at all as a ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def with_(*changes: tuple[str, str, str]) -> Content:
    """The pack with texts replaced: (file, old, new)."""
    made = files()
    for file, old, new in changes:
        text = made[file].decode()
        assert old in text, (file, old)
        made[file] = text.replace(old, new, 1).encode()
    return Content(made)


def bundle(*changes: tuple[str, str, str], origin: Origin = Origin.UPLOAD) -> Bundle:
    """The pack, read."""
    return opening.open_content(with_(*changes), origin)


def version(number: str) -> tuple[str, str, str]:
    """The change that gives the pack another version."""
    return ("pack.yaml", "version: 1.0.0", f"version: {number}")


def owner() -> object:
    """The organisation that owns the register of the pack."""
    return organization(OWNER)
