"""Look-ups that stay answers whatever number was typed."""

from typing import Any

from django.db.models import IntegerField
from django.db.models.lookups import In


@IntegerField.register_lookup
class IntegerIn(In):
    """`pk__in` where a number is larger than any column: it is in no row, and no error.

    Django's own look-ups by `=`, `<` and `>` know this since 4.2.
    """

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():
            kind = self.lhs.output_field.get_internal_type()
            low, high = connection.ops.integer_field_range(kind)
            if low is not None:
                self.rhs = [
                    value for value in self.rhs
                    if not isinstance(value, int) or low <= value <= high
                ]  # fmt: skip
        return super().process_rhs(compiler, connection)
