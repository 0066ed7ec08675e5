"""The composition root: everything here may import the apps, none of them imports it.

Importing this package settles which SQLite the process uses. It comes before Django's
database backend in every entry point, because each of them names a `config` module first.
"""

from config import sqlite

sqlite.prefer_bundled()
