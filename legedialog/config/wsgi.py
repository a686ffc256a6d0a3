import os

from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legedialog.config.settings")
application = get_wsgi_application()
import_string("legedialog.core.crypto.keep_open")()  # only now: Django is set up
