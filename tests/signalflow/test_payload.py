import datetime
import decimal
import json
import uuid

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st

from signalflow.payload import NotSerializable, RowDeleted, capture, dump, load

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.datetimes(timezones=st.just(datetime.UTC))
    | st.dates()
    | st.uuids()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.timedeltas(min_value=datetime.timedelta(days=-999), max_value=datetime.timedelta(days=999))
)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text().filter(lambda s: not s.startswith("$")), inner)
    ),
    max_leaves=8,
)


@given(values)
def test_what_is_stored_comes_back(value) -> None:
    assert load(json.loads(json.dumps(dump(value)))) == value


@given(st.sets(st.integers() | st.text()))
def test_sets_come_back_as_sets(value) -> None:
    assert load(json.loads(json.dumps(dump(value)))) == value


def test_rows_are_references_read_afresh(db) -> None:
    group = Group.objects.create(name="keepers")
    stored = dump({"group": group, "model": Group})
    Group.objects.filter(pk=group.pk).update(name="renamed")
    assert load(stored)["group"].name == "renamed"
    assert load(stored)["model"] is Group
    group.delete()
    with pytest.raises(RowDeleted, match="no longer exists"):
        load(stored)


@pytest.mark.parametrize("value", [object(), {1: 2}, {"$row": []}, b"bytes", lambda: None, Group()])
def test_what_has_no_lasting_reference_is_refused(value) -> None:
    with pytest.raises(NotSerializable):
        dump(value)


def test_a_captured_value_does_not_change_with_the_original() -> None:
    group, names = Group(pk=3), {"a"}
    kept_group, kept_names = capture(group), capture(names)
    group.pk = None
    names.add("b")
    assert (kept_group.pk, kept_names) == (3, {"a"})


def test_every_declared_plain_type_is_storable() -> None:
    for value in (datetime.timedelta(seconds=1.5), decimal.Decimal("1.10"), uuid.uuid4()):
        assert load(dump(value)) == value
