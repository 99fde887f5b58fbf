"""{% constant %}…{% endconstant %}: what is the same on every page, rendered once a language, not once a request."""

from django.template import Library
from django.template.base import Node, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()


class Constant(Node):
    """Renders its inside without any variable of the page: nothing about a person can get into what is kept."""

    def __init__(self, inside: NodeList) -> None:
        self.inside = inside
        self.kept: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        language = get_language()
        if language not in self.kept:
            self.kept[language] = self.inside.render(context.new({}))
        return self.kept[language]


@register.tag
def constant(parser: Parser, _token: Token) -> Constant:
    inside = parser.parse(("endconstant",))
    parser.delete_first_token()
    return Constant(inside)
