"""The product's settings with one more app, for processes of their own."""

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS.append(os.environ["WITH"])
