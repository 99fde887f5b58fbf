"""The WSGI entry point that the web server loads."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sundhedsjournal.settings")
application = get_wsgi_application()
import_module("sundhedsjournal.urls")
import_module("audit.sealing.guard").at_start()
gc.freeze()  # what every request uses is never garbage: the collector would look through it again and again
