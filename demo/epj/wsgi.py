"""The WSGI entry point of the demo EPJ."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "demo.epj.settings"
application = get_wsgi_application()
