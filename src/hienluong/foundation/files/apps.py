from django.apps import AppConfig

#: Bytes that one compressed stream of a PDF may unpack to; a page scanned at 600 dpi in colour takes 105 MB.
MAX_PDF_STREAM = 256 * 1024 * 1024


class FilesConfig(AppConfig):
    name = "hienluong.foundation.files"
    label = "files"
    verbose_name = "Tệp"

    def ready(self) -> None:
        from pikepdf import settings as pdf

        pdf.set_qpdf_limits(
            flate_max_memory=MAX_PDF_STREAM,
            png_max_memory=MAX_PDF_STREAM,
            tiff_max_memory=MAX_PDF_STREAM,
            run_length_max_memory=MAX_PDF_STREAM,
            dct_max_memory=MAX_PDF_STREAM,
            max_stream_filters=8,
        )
