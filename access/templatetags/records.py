"""{% record_url "eoj:care" %}: a page of the record that is open, behind the door that its reader came in by.

{% blank_after %}: on <body>, when its page must empty itself where nobody touches it.

{% wishes %}: on <body>, how its reader wants the pages.

{% override_expires grant.override_ends %}: how long an override goes on (M60), and until when by the clock: a page may
stand open for a while.
"""

from datetime import datetime

from django.template import Library
from django.template.context import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import preferences, sessions

register = Library()


@register.simple_tag(takes_context=True)
def record_url(context: Context, page: str, **named: object) -> str:
    return str(context["grant"].address(page, **named))


@register.simple_tag(takes_context=True)
def blank_after(context: Context) -> str:
    seconds = sessions.blank_after(context["request"])
    return format_html(' data-tom-efter="{}"', seconds) if seconds else ""


@register.simple_tag(takes_context=True)
def wishes(context: Context) -> SafeString:
    screen = preferences.screen(context["request"])
    told = [("tilpas", screen.fit), ("px-pr-mm", screen.px_per_mm), ("skaerm", screen.screen)]
    told.append(("enkelttaster", "" if context["grant"].single_keys else "fra"))
    return format_html_join("", ' data-{}="{}"', ((name, said) for name, said in told if said))


@register.simple_tag
def override_expires(ends: datetime) -> str:
    minutes = -int((timezone.now() - ends).total_seconds() // 60)
    told = ngettext("Adgangen udløber om %(n)s minut.", "Adgangen udløber om %(n)s minutter.", minutes) % {"n": minutes}
    return f"{told} " + _("Udløber kl. %(time)s.") % {"time": f"{timezone.localtime(ends):%H.%M}"}
