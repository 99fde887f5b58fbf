"""Signing in at an identity provider: OpenID Connect, code flow (docs/adr/0021)."""
