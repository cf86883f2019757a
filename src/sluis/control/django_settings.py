"""Django's settings that are the same everywhere.

The database and the secret key are those of this installation: ``sluis.control.setup.start`` fills them in. Until
then there is no name of a database, so that nothing can be reached by accident.
"""

from typing import Any

SECRET_KEY = ""
SECRET_KEY_FALLBACKS: list[str] = []
DATABASES: dict[str, dict[str, Any]] = {"default": {"ENGINE": "django.db.backends.postgresql"}}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "procrastinate.contrib.django",
    "sluis.control",
]
# The tasks belong to the worker, a door: the control plane only names them.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
# How people log in is data of the control plane; allauth refuses to start without this, also where nothing is served.
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
AUTH_USER_MODEL = "control.User"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
