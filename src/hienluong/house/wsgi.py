"""WSGI entry point for granian."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from . import loading
from .unread import read_to_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hienluong.house.settings")
application = read_to_the_end(get_wsgi_application(), settings.MAX_BODY_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
loading.pages()
