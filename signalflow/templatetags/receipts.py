from django import template

from signalflow.names import reference
from signalflow.pages.telling import receipt_of
from signalflow.pages.words import milliseconds

register = template.Library()
register.filter("receipt_of", receipt_of)
register.filter("milliseconds", milliseconds)
register.filter("reference", reference)
