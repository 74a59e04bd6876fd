"""How the demo's dossiers are spread: which services, when, by which way, to which end. Shares of 1 unless said."""

from __future__ import annotations

from datetime import date

#: How often each service is asked for, per thousand; copies and civil status are most of what a commune does.
SERVICES: dict[str, int] = {
    "2.000815": 300,  # certified copies
    "2.000635": 95,  # copies from the civil register
    "1.004873": 90,  # marital status
    "1.001193": 80,  # births
    "2.000884": 60,  # certified signatures, at the counter only
    "3.000347": 75,  # driver's licences
    "1.013831": 60,  # changes of land
    "1.001776": 50,  # allowances
    "1.001612": 50,  # household businesses
    "3.000722": 35,  # births across levels
    "1.013225": 35,  # houses
    "1.000894": 25,  # marriages, at the counter only
    "2.002041": 20,  # changes of enterprises
    "1.000656": 15,  # deaths, at the counter only
    "2.001827": 10,  # food safety
}

#: Months against the mean: quiet around Tết, busy before the school year and at the end of the year.
SEASON = (0.95, 0.6, 1.1, 1.0, 1.0, 1.05, 1.15, 1.25, 1.0, 0.95, 1.05, 0.95)
#: Monday to Sunday on working days; the rest is what people file online when offices are shut.
WEEKDAY = (1.3, 1.05, 0.95, 0.95, 0.85, 0.4, 0.4)
DAY_OFF = 0.12
#: Office hours against the mean, by the hour people come; online they file in the evening too.
HOURS = {7: 0.6, 8: 1.6, 9: 1.7, 10: 1.3, 11: 0.3, 13: 0.7, 14: 1.5, 15: 1.2, 16: 0.7}
ONLINE_HOURS = HOURS | {6: 0.1, 12: 0.4, 17: 0.4, 18: 0.3, 19: 0.6, 20: 0.9, 21: 0.7, 22: 0.3}

#: Share filed online on the first and on the last day; of it, through the national portal since 2025-07-01.
ONLINE_FROM, ONLINE_TO = 0.58, 0.72
NATIONAL = 0.62
POST = 0.05
#: Share of what has no form here and is asked for at the counter alone.
COUNTER_ONLY = 0.1
NATIONAL_SINCE = date(2025, 7, 1)

REFUSED, WITHDRAWN, DENIED = 0.03, 0.01, 0.008
SUPPLEMENT = 0.08
#: Dossiers that hang today, by how many working days they are late; a third of them with an apology.
STUCK = ((1, 4, 0.004), (9, 27, 0.003), (34, 60, 0.002))
#: The services that hang: those that need somebody else's answer or a visit.
SLOW = ("1.013831", "1.013831", "1.013225", "1.001776", "3.000347")
#: What enterprises ask for; the rest is asked for by people.
FOR_ENTERPRISES = ("2.002041", "2.001827")
#: Late results by agency: a mean, and how much agencies differ.
LATE_MEAN, LATE_SPREAD, LATE_LEAST, LATE_MOST = 0.058, 0.016, 0.02, 0.085
APOLOGISED = 0.4

RATED = 0.35
COMMENTED = 0.15
#: The five scores of a person served in time, and of one who waited.
SCORES = (0.01, 0.015, 0.06, 0.255, 0.66)
SCORES_LATE = (0.12, 0.22, 0.33, 0.23, 0.10)
GOOD_WORDS = (
    "Cán bộ hướng dẫn rất tận tình, tôi chỉ phải đến một lần.",
    "Nộp trên mạng tiện, không phải nghỉ làm để đi nộp.",
    "Nhận kết quả sớm hơn ngày hẹn. Cảm ơn các anh chị.",
    "Nhanh, gọn, lịch sự.",
    "Trang dễ dùng, chữ to, dễ đọc.",
    "Được báo qua tin nhắn từng bước nên yên tâm.",
)
BAD_WORDS = (
    "Hẹn thứ Ba mà thứ Sáu mới có kết quả.",
    "Phải đợi lâu, gọi điện không ai nghe máy.",
    "Hướng dẫn giấy tờ trên mạng chưa rõ, tôi phải bổ sung.",
    "Quá hạn nhưng sau đó có thư xin lỗi, mong lần sau đúng hẹn.",
)

REFUSALS = (
    "Giấy tờ nộp kèm không phải của người yêu cầu.",
    "Việc này không thuộc thẩm quyền của cơ quan tiếp nhận; đã hướng dẫn nơi nộp đúng.",
    "Bản chính bị tẩy xóa, không đủ căn cứ chứng thực (Nghị định 23/2015/NĐ-CP, Điều 22).",
    "Thông tin khai không khớp với Cơ sở dữ liệu quốc gia về dân cư.",
)
SUPPLEMENTS = (
    "Bản chụp bị mờ, đề nghị chụp lại đủ bốn góc.",
    "Thiếu chữ ký ở trang cuối của tờ khai.",
    "Đề nghị bổ sung bản sao giấy tờ chứng minh nơi cư trú.",
    "Số giấy tờ trong đơn chưa khớp với bản chụp.",
)
APOLOGIES = (
    "Hồ sơ cần xác minh thêm tại cơ quan khác, văn bản trả lời đến chậm.",
    "Số hồ sơ tăng đột biến sau kỳ nghỉ, chưa kịp giải quyết.",
    "Phải đo đạc lại thực địa do mưa lũ.",
)
