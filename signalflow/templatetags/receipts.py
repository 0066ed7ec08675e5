from django import template

from signalflow.names import reference
from signalflow.staff.messages import receipt_of
from signalflow.staff.receipt_text import milliseconds

register = template.Library()
register.filter("receipt_of", receipt_of)
register.filter("milliseconds", milliseconds)
register.filter("reference", reference)
