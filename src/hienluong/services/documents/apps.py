from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "hienluong.services.documents"
    label = "documents"
    verbose_name = "Văn bản điều hành"

    def ready(self) -> None:
        from hienluong.foundation.organisations import letterhead
        from hienluong.services.assignments import subjects

        from . import access, letterheads, links, menu, outgoing, texts, work

        access.register_permissions()
        access.register_files()
        menu.register_entries()
        texts.subscribe_all()
        subjects.register("documents.document", work.DocumentWork())
        outgoing.register()
        letterhead.set_places.append(letterheads.set_place)
        links.register(links.answer)
