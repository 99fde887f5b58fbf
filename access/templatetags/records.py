"""{% record_url "eoj:care" %}: a page of the record that is open, behind the door that its reader came in by."""

from django.template import Library
from django.template.context import Context

register = Library()


@register.simple_tag(takes_context=True)
def record_url(context: Context, page: str, **named: object) -> str:
    return str(context["grant"].address(page, **named))
