from typing import Any

from django import template
from django.template.context import Context

from signalflow.operating import health

register = template.Library()


@register.inclusion_tag("signalflow/_attention.html", takes_context=True)
def attention(context: Context) -> dict[str, Any]:
    """One line about what somebody should look at, for those who can act on it."""
    user = context["request"].user
    may_act = user.has_perm("signalflow.operate_engine")
    return {"ill": [fact for fact in health.facts() if not fact.healthy] if may_act else []}
