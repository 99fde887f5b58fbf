"""The front door for documents; the package of the same name that fhir.resources installs is found beside it."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)
