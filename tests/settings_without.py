"""The product's settings without some listeners, for processes of their own."""

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

for _name in os.environ["WITHOUT"].split(","):
    INSTALLED_APPS.remove(f"listeners.{_name}" if _name != "lab" else _name)
