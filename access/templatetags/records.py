"""{% record_url "eoj:care" %}: a page of the record that is open, behind the door that its reader came in by.

{% blank_after %}: on <body>, when its page must empty itself where nobody touches it.
"""

from django.template import Library
from django.template.context import Context
from django.utils.html import format_html

from access import sessions

register = Library()


@register.simple_tag(takes_context=True)
def record_url(context: Context, page: str, **named: object) -> str:
    return str(context["grant"].address(page, **named))


@register.simple_tag(takes_context=True)
def blank_after(context: Context) -> str:
    seconds = sessions.blank_after(context["request"])
    return format_html(' data-tom-efter="{}"', seconds) if seconds else ""
