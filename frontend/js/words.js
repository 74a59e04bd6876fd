// What components say by themselves, in the language of the page.
const VIETNAMESE = {
  accordion: {
    hideAllSections: "Thu gọn tất cả",
    hideSection: "Thu gọn",
    hideSectionAriaLabel: "Thu gọn mục này",
    showAllSections: "Mở tất cả",
    showSection: "Mở",
    showSectionAriaLabel: "Mở mục này",
  },
  characterCount: {
    charactersUnderLimit: { one: "Còn %{count} ký tự", other: "Còn %{count} ký tự" },
    charactersAtLimit: "Đã hết số ký tự cho phép",
    charactersOverLimit: { one: "Thừa %{count} ký tự", other: "Thừa %{count} ký tự" },
    wordsUnderLimit: { one: "Còn %{count} từ", other: "Còn %{count} từ" },
    wordsAtLimit: "Đã hết số từ cho phép",
    wordsOverLimit: { one: "Thừa %{count} từ", other: "Thừa %{count} từ" },
    textareaDescription: { other: "Tối đa %{count} ký tự" },
  },
  fileUpload: {
    chooseFilesButton: "Chọn tệp",
    dropInstruction: "hoặc kéo thả vào đây",
    noFileChosen: "Chưa chọn tệp",
    multipleFilesChosen: { one: "Đã chọn %{count} tệp", other: "Đã chọn %{count} tệp" },
    enteredDropZone: "Thả tệp vào đây",
    leftDropZone: "Đã ra ngoài vùng thả tệp",
  },
  passwordInput: {
    showPassword: "Hiện",
    hidePassword: "Ẩn",
    showPasswordAriaLabel: "Hiện mật khẩu",
    hidePasswordAriaLabel: "Ẩn mật khẩu",
    passwordShownAnnouncement: "Mật khẩu đang hiện",
    passwordHiddenAnnouncement: "Mật khẩu đang ẩn",
  },
  sortableTable: {
    statusMessage: "Đã sắp xếp theo %heading% (%direction%)",
    ascendingText: "tăng dần",
    descendingText: "giảm dần",
  },
  removeRow: "Bỏ dòng này",
  sortable: "(bấm tên cột để sắp xếp)",
  failed: "Không gửi được. Kiểm tra kết nối rồi thử lại.",
  noCodes: "Không có mã nào như vậy.",
};

const ENGLISH = {
  accordion: {
    hideAllSections: "Hide all",
    hideSection: "Hide",
    hideSectionAriaLabel: "Hide this section",
    showAllSections: "Show all",
    showSection: "Show",
    showSectionAriaLabel: "Show this section",
  },
  characterCount: {
    charactersUnderLimit: { one: "%{count} character left", other: "%{count} characters left" },
    charactersAtLimit: "No characters left",
    charactersOverLimit: { one: "%{count} character too many", other: "%{count} characters too many" },
    wordsUnderLimit: { one: "%{count} word left", other: "%{count} words left" },
    wordsAtLimit: "No words left",
    wordsOverLimit: { one: "%{count} word too many", other: "%{count} words too many" },
    textareaDescription: { one: "At most %{count} character", other: "At most %{count} characters" },
  },
  fileUpload: {
    chooseFilesButton: "Choose file",
    dropInstruction: "or drop it here",
    noFileChosen: "No file chosen",
    multipleFilesChosen: { one: "%{count} file chosen", other: "%{count} files chosen" },
    enteredDropZone: "Drop the file here",
    leftDropZone: "Left the drop zone",
  },
  passwordInput: {
    showPassword: "Show",
    hidePassword: "Hide",
    showPasswordAriaLabel: "Show password",
    hidePasswordAriaLabel: "Hide password",
    passwordShownAnnouncement: "Your password is visible",
    passwordHiddenAnnouncement: "Your password is hidden",
  },
  sortableTable: {
    statusMessage: "Sorted by %heading% (%direction%)",
    ascendingText: "ascending",
    descendingText: "descending",
  },
  removeRow: "Remove this row",
  sortable: "(column headers with buttons are sortable)",
  failed: "Could not send. Check the connection and try again.",
  noCodes: "There is no such code.",
};

export const words = document.documentElement.lang.startsWith("en") ? ENGLISH : VIETNAMESE;
