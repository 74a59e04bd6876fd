"""WSGI entry point for granian."""

import os

from django.core.wsgi import get_wsgi_application

from . import loading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hienluong.house.settings")
application = get_wsgi_application()
loading.pages()
