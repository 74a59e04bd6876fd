"""A scoring form with every kind of group and item, as its file would be read."""

from __future__ import annotations

from typing import Any

from hienluong.capabilities.scoring.definition import ScoringSpec

FORM: dict[str, Any] = {
    "code": "kitchen.check",
    "title": "Biểu chấm điểm bếp ăn",
    "version": 1,
    "effective_from": "2026-01-01",
    "owner": "Sở Y tế",
    "measure": "percent",
    "faults": {"minor": "Lỗi nhẹ", "major": "Lỗi nặng"},
    "levels": [
        {"code": "A", "label": "Loại A", "from": 85, "at_most": {"major": 0}},
        {"code": "B", "label": "Loại B", "from": "60.5"},
        {"code": "C", "label": "Loại C", "passes": False},
    ],
    "tree": {
        "code": "whole",
        "title": "Bếp ăn",
        "aggregate": "sum",
        "items": [
            {
                "code": "site",
                "title": "Cơ sở",
                "aggregate": "weighted",
                "points": 40,
                "weight": 1.5,
                "items": [
                    {"code": "water", "title": "Nước sạch", "weight": 2, "critical": True, "fault": "major"},
                    {
                        "code": "floor",
                        "title": "Nền, tường",
                        "ask": "choice",
                        "not_applicable": True,
                        "evidence": {"photo": "when_failed", "note": "when_failed"},
                        "choices": [
                            {"value": "good", "label": "Tốt", "points": 3},
                            {"value": "fair", "label": "Tạm", "points": 1, "fault": "minor"},
                            {"value": "bad", "label": "Kém", "fails": True, "fault": "major"},
                        ],
                    },
                ],
            },
            {
                "code": "staff",
                "title": "Người làm",
                "aggregate": "deduct",
                "points": 30,
                "items": [
                    {
                        "code": "without_gloves",
                        "title": "Số người không đeo găng",
                        "ask": "number",
                        "min": 0,
                        "base": 10,
                        "each": -2.5,
                        "points": 10,
                    },
                    {
                        "code": "cold",
                        "title": "Nhiệt độ tủ lạnh",
                        "ask": "number",
                        "min": -50,
                        "max": 50,
                        "unit": "°C",
                        "evidence": {"photo": "must"},
                        "bands": [
                            {"from": -50, "points": 8},
                            {"from": "5.5", "points": 0, "fails": True, "fault": "minor"},
                        ],
                    },
                ],
            },
            {
                "code": "stage",
                "title": "Mức tự kiểm soát",
                "aggregate": "levels",
                "items": [
                    {"code": "plan", "title": "Có kế hoạch", "not_applicable": True},
                    {
                        "code": "papers",
                        "title": "Giấy tờ",
                        "aggregate": "any",
                        "items": [
                            {"code": "haccp", "title": "HACCP", "not_applicable": True},
                            {"code": "iso", "title": "ISO 22000", "not_applicable": True},
                        ],
                    },
                    {
                        "code": "records",
                        "title": "Sổ sách",
                        "aggregate": "min",
                        "pass_from": 2,
                        "items": [
                            {"code": "inward", "title": "Sổ nhập", "ask": "number", "min": 0, "max": 5, "points": 5},
                            {"code": "samples", "title": "Lưu mẫu", "points": 4, "not_applicable": True},
                        ],
                    },
                    {
                        "code": "training",
                        "title": "Tập huấn",
                        "aggregate": "all",
                        "items": [{"code": "trained", "title": "Đã tập huấn"}],
                    },
                ],
            },
        ],
    },
}

SPEC = ScoringSpec.model_validate(FORM)

#: What a good kitchen answers.
GOOD: dict[str, Any] = {
    "water": {"value": "yes"},
    "floor": {"value": "good"},
    "without_gloves": {"value": "0"},
    "cold": {"value": "4.5", "photos": 1},
    "plan": {"value": "yes"},
    "haccp": {"value": "no"},
    "iso": {"value": "yes"},
    "inward": {"value": "4"},
    "samples": {"value": "yes"},
    "trained": {"value": "yes"},
}
