"""The tables that a statement reads and writes, as far as models have them."""

import re
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.db.models import Model

# What is named in a statement, quoted or not.
_NAME = re.compile(r'["`]([^"`]+)["`]|(\w+)')
# The table that a part of a statement writes; "WITH … INSERT" and "INSERT … ON CONFLICT" too.
_WRITTEN = re.compile(
    r"\b(?:INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+(?:ONLY\s+)?"
    r'(?:["`]?\w+["`]?\.)?["`]?([\w$]+)["`]?',
    re.IGNORECASE,
)
_WRITING = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|COPY)\b", re.IGNORECASE)


@cache
def models_by_table() -> dict[str, type[Model]]:
    """Every model that has a table, those between two sides of a relation too."""
    found = apps.get_models(include_auto_created=True, include_swapped=True)
    return {_plain(model._meta.db_table): model for model in found if not model._meta.proxy}


@lru_cache(maxsize=512)
def tables_named(sql: str) -> frozenset[str]:
    """Every table named anywhere in a statement: what it reads, or more than that."""
    names = {quoted or bare for quoted, bare in _NAME.findall(sql)}
    return frozenset(names & models_by_table().keys())


@lru_cache(maxsize=512)
def tables_written(sql: str) -> frozenset[str]:
    """The tables that a statement writes; where that is not plain, every table it names."""
    if not _WRITING.search(sql):
        return frozenset()
    found = frozenset(_WRITTEN.findall(sql)) & models_by_table().keys()
    return found or tables_named(sql)


def is_reading(sql: str) -> bool:
    """Whether a statement is a plain SELECT, told without looking through it."""
    return sql[:6].upper() == "SELECT"


def text_of(sql: Any) -> str:
    """A statement as text; drivers take objects too."""
    return sql if isinstance(sql, str) else str(sql)


def _plain(table: str) -> str:
    """A table's name without that of its schema."""
    return table.rpartition(".")[2].strip('"`')
