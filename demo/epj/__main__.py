"""python -m demo.epj: makes the EPJ's keys, database and clients; safe to run again."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from joserfc.jwk import RSAKey


def main() -> None:
    """Keys first: the settings read them."""
    var = Path(os.environ["SJ_VAR"])
    _once(var / "keys" / "epj-secret", lambda: secrets.token_urlsafe(50))
    _once(var / "keys" / "epj-oidc.pem", lambda: RSAKey.generate_key(2048).as_pem(private=True).decode())
    os.environ["DJANGO_SETTINGS_MODULE"] = "demo.epj.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("cleartokens")
    call_command("clearsessions")
    _register_clients()


def _register_clients() -> None:
    from oauth2_provider.models import Application

    from demo.epj import issuers, settings

    for issuer in issuers.ALL:
        told = {
            "name": "Sundhedsjournalen",
            "client_type": Application.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": Application.GRANT_AUTHORIZATION_CODE,
            "redirect_uris": f"{settings.JOURNAL}/login/callback",
            "algorithm": Application.RS256_ALGORITHM,
            "skip_authorization": True,
        }
        Application.objects.update_or_create(client_id=issuer.client_id, defaults=told)


def _once(file: Path, made: Callable[[], str]) -> None:
    """Written the first time, readable by its owner only."""
    if not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_text(made())


if __name__ == "__main__":
    main()
