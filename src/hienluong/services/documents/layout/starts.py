"""What an official begins a paper of each type from: our own wording, with blanks, in the order of Phụ lục III."""

from __future__ import annotations

from dataclasses import dataclass

from hienluong.services.documents.layout.body import from_text

#: A blank to fill in.
BLANK = "……"


@dataclass(frozen=True, kw_only=True)
class Start:
    """A beginning; all of it may be changed."""

    subject: str = ""
    grounds: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    #: One paragraph a line.
    text: str
    #: Titles over the names of those who sign, where more than the leader does.
    signer_titles: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text as the body of a paper."""
        return from_text(self.text)


_LAW = f"Căn cứ Luật {BLANK} ngày {BLANK}"
_OWN = "Căn cứ chức năng, nhiệm vụ, quyền hạn của cơ quan"
_ASKED = f"Theo đề nghị của {BLANK}"
_PLAN = """I. MỤC ĐÍCH, YÊU CẦU
1. Mục đích: ……
2. Yêu cầu: ……
II. NỘI DUNG
1. ……
2. ……
III. TỔ CHỨC THỰC HIỆN
1. …… chủ trì, phối hợp với …… thực hiện, hoàn thành trước ngày ……
2. Kinh phí: ……
Trong quá trình thực hiện, nếu có vướng mắc, các cơ quan, đơn vị phản ánh về …… để được hướng dẫn./."""
_RULES = """Chương I
QUY ĐỊNH CHUNG
Điều 1. Phạm vi điều chỉnh và đối tượng áp dụng
1. Văn bản này quy định về ……
2. Văn bản này áp dụng đối với ……
Điều 2. Giải thích từ ngữ
Trong văn bản này, …… được hiểu là ……
Chương II
QUY ĐỊNH CỤ THỂ
Điều 3. ……
1. ……
2. ……
Chương III
TỔ CHỨC THỰC HIỆN
Điều 4. Trách nhiệm thi hành
…… chịu trách nhiệm tổ chức thực hiện, kiểm tra việc thực hiện văn bản này./."""
_PROJECT = """I. SỰ CẦN THIẾT
1. Cơ sở pháp lý: ……
2. Cơ sở thực tiễn: ……
II. MỤC TIÊU
1. Mục tiêu chung: ……
2. Mục tiêu cụ thể: ……
III. NHIỆM VỤ, GIẢI PHÁP
1. ……
2. ……
IV. KINH PHÍ VÀ NGUỒN LỰC
Tổng kinh phí dự kiến: …… đồng, từ nguồn ……
V. TỔ CHỨC THỰC HIỆN
…… chủ trì; thời gian thực hiện từ …… đến ……./."""
_PARTIES = """Hôm nay, ngày …… tháng …… năm ……, tại ……, chúng tôi gồm:
BÊN A: ……
Người đại diện: …… Chức vụ: ……
Địa chỉ: ……
BÊN B: ……
Người đại diện: …… Chức vụ: ……
Địa chỉ: ……
"""

STARTS: dict[str, Start] = {
    "NQ": Start(
        subject=f"Về việc {BLANK}",
        grounds=(_LAW, f"Xét Tờ trình số {BLANK} của {BLANK}", "Theo kết quả thảo luận và biểu quyết tại kỳ họp"),
        text="Điều 1. Thông qua ……, với các nội dung chủ yếu sau đây:\n1. ……\n2. ……\n"
        "Điều 2. Giao …… tổ chức thực hiện Nghị quyết này và báo cáo kết quả tại ……\n"
        "Điều 3. Nghị quyết này có hiệu lực từ ngày ……./.",
        recipients=("Như Điều 2", BLANK),
    ),
    "QD": Start(
        subject=f"Về việc {BLANK}",
        grounds=(_LAW, f"Căn cứ Nghị định số {BLANK} ngày {BLANK} của Chính phủ", _ASKED),
        text="Điều 1. ……\n1. ……\n2. ……\nĐiều 2. Quyết định này có hiệu lực từ ngày ký.\n"
        "Điều 3. …… chịu trách nhiệm thi hành Quyết định này./.",
        recipients=("Như Điều 3", BLANK),
    ),
    "CT": Start(
        subject=f"Về việc {BLANK}",
        text="Trong thời gian qua, …… Tuy nhiên, ……\nĐể ……, …… yêu cầu:\n1. ……\na) ……\nb) ……\n2. ……\n"
        "Yêu cầu thủ trưởng các cơ quan, đơn vị nghiêm túc thực hiện; …… theo dõi, đôn đốc và báo cáo trước ngày ……./.",
        recipients=("Các sở, ban, ngành", "Ủy ban nhân dân các xã, phường"),
    ),
    "QC": Start(subject=BLANK, text=_RULES, recipients=(BLANK,)),
    "QYD": Start(subject=BLANK, text=_RULES, recipients=(BLANK,)),
    "TC": Start(
        subject=f"Về {BLANK}",
        text="Ngày ……, tại ……, …… đã ……\nTại phiên họp, …… đã thảo luận và thống nhất các nội dung sau:\n1. ……\n2. ……./.",
        recipients=("Các cơ quan báo chí", BLANK),
    ),
    "TB": Start(
        subject=f"Kết luận của {BLANK} tại {BLANK}",
        text="Ngày ……, …… đã chủ trì …… Tham dự có ……\nSau khi nghe báo cáo và ý kiến của các đại biểu, …… kết luận như sau:\n"
        "1. ……\n2. ……\nThông báo để các cơ quan, đơn vị biết, thực hiện./.",
        recipients=("Thành phần dự họp", BLANK),
    ),
    "HD": Start(
        subject=f"Thực hiện {BLANK}",
        text="Thực hiện ……, …… hướng dẫn một số nội dung như sau:\n1. Đối tượng thực hiện: ……\n2. Nội dung thực hiện: ……\n"
        "3. Trình tự thực hiện: ……\n4. Tổ chức thực hiện: ……\nTrong quá trình thực hiện, nếu có vướng mắc, đề nghị phản ánh về …… "
        "để được xem xét, giải quyết./.",
        recipients=(BLANK,),
    ),
    "CTR": Start(subject=BLANK, text=_PLAN, recipients=(BLANK,)),
    "KH": Start(subject=BLANK, text=_PLAN, recipients=(BLANK,)),
    "PA": Start(subject=BLANK, text=_PLAN, recipients=(BLANK,)),
    "DEA": Start(subject=BLANK, text=_PROJECT, recipients=(BLANK,)),
    "DA": Start(subject=BLANK, text=_PROJECT, recipients=(BLANK,)),
    "BC": Start(
        subject=f"Kết quả {BLANK}",
        addressees=(BLANK,),
        text="Thực hiện ……, …… báo cáo kết quả như sau:\nI. TÌNH HÌNH VÀ KẾT QUẢ THỰC HIỆN\n1. ……\n2. ……\n"
        "II. TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN\n1. ……\n2. ……\nIII. PHƯƠNG HƯỚNG, NHIỆM VỤ\n1. ……\n2. ……\n"
        "IV. ĐỀ XUẤT, KIẾN NGHỊ\n……\nTrên đây là báo cáo ……, …… kính báo cáo./.",
        recipients=("Như trên", BLANK),
    ),
    "BB": Start(
        subject=f"Họp {BLANK}",
        text="Thời gian bắt đầu: …… giờ ……, ngày …… tháng …… năm ……\nĐịa điểm: ……\nThành phần tham dự: ……\n"
        "Chủ trì (chủ tọa): ……\nThư ký (người ghi biên bản): ……\n"
        "Nội dung (theo diễn biến cuộc họp):\n1. ……\n2. ……\nKết luận: ……\n"
        "Cuộc họp kết thúc vào …… giờ ……, ngày …… tháng …… năm ……./.",
        recipients=(BLANK,),
        signer_titles=("Thư ký", "Chủ tọa"),
    ),
    "TTR": Start(
        subject=f"Về việc {BLANK}",
        addressees=(BLANK,),
        text="Căn cứ ……, …… kính trình …… xem xét, quyết định …… với các nội dung sau:\nI. SỰ CẦN THIẾT\n……\n"
        "II. NỘI DUNG TRÌNH\n1. ……\n2. ……\nIII. KIẾN NGHỊ\n……\nKính trình …… xem xét, quyết định./.",
        recipients=("Như trên", BLANK),
    ),
    "HDO": Start(
        subject=f"Về việc {BLANK}",
        grounds=("Căn cứ Bộ luật Dân sự ngày 24 tháng 11 năm 2015", "Căn cứ nhu cầu và khả năng của hai bên"),
        text=_PARTIES + "Hai bên thống nhất ký hợp đồng với các điều khoản sau:\nĐiều 1. Đối tượng của hợp đồng\n……\n"
        "Điều 2. Giá trị hợp đồng và phương thức thanh toán\n……\nĐiều 3. Thời hạn thực hiện\n……\n"
        "Điều 4. Quyền và nghĩa vụ của các bên\n1. Bên A: ……\n2. Bên B: ……\nĐiều 5. Điều khoản chung\n"
        "Hợp đồng được lập thành …… bản có giá trị như nhau, mỗi bên giữ …… bản./.",
        signer_titles=("Đại diện Bên A", "Đại diện Bên B"),
    ),
    "CV": Start(
        subject=f"V/v {BLANK}",
        addressees=(BLANK,),
        text="Thực hiện ……/Phúc đáp Công văn số …… ngày …… của …… về việc ……, …… có ý kiến như sau:\n1. ……\n2. ……\n"
        "Đề nghị …… thực hiện và gửi kết quả về …… trước ngày ……./.",
        recipients=("Như trên", BLANK),
    ),
    "CD": Start(
        subject=f"Về việc {BLANK}",
        addressees=(BLANK,),
        text="Theo ……, …… Để chủ động ứng phó, …… yêu cầu:\n1. ……\n2. ……\n"
        "Giao …… theo dõi, đôn đốc việc thực hiện Công điện này; kịp thời báo cáo những vấn đề phát sinh./.",
        recipients=("Như trên", BLANK),
    ),
    "BGN": Start(
        subject=f"Về {BLANK}",
        text=_PARTIES
        + "Hai bên thống nhất ghi nhớ các nội dung sau:\n1. Mục đích hợp tác: ……\n2. Nội dung hợp tác: ……\n"
        "3. Trách nhiệm của mỗi bên: ……\nBản ghi nhớ được lập thành …… bản có giá trị như nhau, mỗi bên giữ …… bản./.",
        signer_titles=("Đại diện Bên A", "Đại diện Bên B"),
    ),
    "BTT": Start(
        subject=f"Về {BLANK}",
        text=_PARTIES + "Hai bên thỏa thuận các nội dung sau:\nĐiều 1. Nội dung thỏa thuận\n……\n"
        "Điều 2. Trách nhiệm của Bên A\n……\nĐiều 3. Trách nhiệm của Bên B\n……\nĐiều 4. Hiệu lực\n"
        "Bản thỏa thuận có hiệu lực từ ngày ký, lập thành …… bản có giá trị như nhau, mỗi bên giữ …… bản./.",
        signer_titles=("Đại diện Bên A", "Đại diện Bên B"),
    ),
    "GUQ": Start(
        grounds=(_OWN,),
        text="Người ủy quyền: …… Chức vụ: ……\nNgười được ủy quyền: …… Chức vụ: ……\nNội dung ủy quyền: ……\n"
        "Thời hạn ủy quyền: từ ngày …… đến ngày ……\n"
        "Người được ủy quyền không được ủy quyền lại cho người khác và chịu trách nhiệm trong phạm vi được ủy quyền./.",
        recipients=(BLANK,),
        signer_titles=("Người được ủy quyền", "Người ủy quyền"),
    ),
    "GM": Start(
        subject=BLANK,
        addressees=(BLANK,),
        text="Tới dự: ……\nChủ trì: ……\nThời gian: …… giờ ……, ngày …… tháng …… năm ……\nĐịa điểm: ……\n"
        "Đề nghị …… chuẩn bị ……; xác nhận tham dự trước ngày ……./.",
        recipients=("Như trên", BLANK),
    ),
    "GGT": Start(
        text="…… trân trọng giới thiệu:\nÔng (bà): ……\nChức vụ: ……\nĐược cử đến: ……\nVề việc: ……\n"
        "Đề nghị quý cơ quan tạo điều kiện để ông (bà) có tên ở trên hoàn thành nhiệm vụ.\n"
        "Giấy này có giá trị đến hết ngày ……./.",
        recipients=("Như trên",),
    ),
    "GNP": Start(
        text="Xét Đơn đề nghị nghỉ phép ngày …… của ông (bà) ……, …… cấp cho:\nÔng (bà): ……\nChức vụ: ……\n"
        "Được nghỉ phép năm …… trong thời gian …… ngày, kể từ ngày …… đến hết ngày ……, tại ……\n"
        "Số ngày nghỉ phép nêu trên được tính vào thời gian nghỉ hằng năm.\nĐi đường: …… ngày (nếu có)./.",
        recipients=("Người được nghỉ phép", BLANK),
    ),
    "PG": Start(
        addressees=(BLANK,),
        text="…… gửi kèm theo phiếu này các văn bản, tài liệu sau:\n1. ……\n2. ……\n"
        "Sau khi nhận được, đề nghị …… xác nhận và gửi lại phiếu này cho ……./.",
        recipients=("Như trên",),
    ),
    "PC": Start(
        addressees=(BLANK,),
        text="…… nhận được …… của …… về việc ……\n"
        "Căn cứ ……, nội dung trên thuộc thẩm quyền của …… …… chuyển …… để xem xét, giải quyết theo quy định và trả lời …… "
        "trước ngày ……./.",
        recipients=("Như trên", BLANK),
    ),
    "PB": Start(
        addressees=(BLANK,),
        text="…… đã nhận được …… do …… gửi ngày ……\nKết quả xử lý: ……\n…… báo để …… biết./.",
        recipients=("Như trên",),
    ),
    "THC": Start(
        addressees=(BLANK,),
        text="Nhân dịp ……, thay mặt ……, tôi thân ái gửi đến …… lời chúc mừng tốt đẹp nhất.\n……\n"
        "Chúc …… sức khỏe, hạnh phúc và thành công./.",
        recipients=(BLANK,),
    ),
}
