"""The hash of a SMART launch, by which its EPJ may close what came of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0009_logout_once"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="launch",
            name="handle_sha256",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
        migrations.AddIndex(
            model_name="launch",
            index=models.Index(
                condition=models.Q(("handle_sha256", ""), _negated=True),
                fields=["handle_sha256"],
                name="access_launch_handle",
            ),
        ),
        migrations.AddConstraint(
            model_name="launch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("handle_sha256", ""),
                    models.Q(("handle_sha256__regex", "^[0-9a-f]{64}$"), ("ticket_sha256", None)),
                    _connector="OR",
                ),
                name="access_launch_handle_hash_only",
            ),
        ),
    ]
