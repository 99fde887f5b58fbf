"""Logout tokens that have been used, and the hosts beside its own where an issuer may keep its keys."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0008_professionals"),
    ]

    operations = [
        migrations.AddField(
            model_name="issuer",
            name="hosts",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                verbose_name="andre værter for nøgler og tokens",
            ),
        ),
        migrations.CreateModel(
            name="UsedLogoutToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("jti", models.CharField(max_length=255)),
                ("expires", models.DateTimeField(db_index=True)),
                ("issuer", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="access.issuer")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("issuer", "jti"), name="access_usedlogouttoken_jti_once")
                ],
            },
        ),
    ]
