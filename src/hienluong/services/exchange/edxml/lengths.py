"""How long each text may be, in characters.

The standard's own schema is not public; these are the lengths that a checker in use on the axis enforces, and those of
Phụ lục VI Nghị định 30/2020/NĐ-CP (number 11, notation 30, agency 200, subject 500). The agency code is at most 35
characters (Quyết định 20/2020/QĐ-TTg). See docs/engineers/exchange.md for what is certain and what is not.
"""

from __future__ import annotations

AGENCY_CODE = 35
#: Of From and To.
AGENCY = {
    "OrganizationInCharge": 200,
    "OrganName": 200,
    "OrganAdd": 250,
    "Email": 100,
    "Telephone": 20,
    "Fax": 20,
    "Website": 100,
}
CODE_NUMBER = 11
CODE_NOTATION = 30
PROMULGATION_PLACE = 50
TYPE_NAME = 100
TYPE_DETAIL = 100
SUBJECT = 500
CONTENT = 500
COMPETENCE = 100
POSITION = 100
FULL_NAME = 50
PLACE = 150
SPHERE = 100
TYPIST = 10
APPENDIX = 250
ATTACHMENT_NAME = 200
DESCRIPTION = 500
REASON = 500
DOCUMENT_ID = 100
STAFF = 100
PRIORITIES = range(5)  # 0 ordinary, 1 urgent, 2 very urgent, 3 express, 4 express at an hour
#: Whole numbers are unsigned and short.
MOST_COUNT = 65_535
