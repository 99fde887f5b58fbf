import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import demo.epj.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    operations = [
        migrations.CreateModel(
            name="Patient",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("cpr", models.CharField(max_length=10, unique=True)),
                ("given", models.CharField(blank=True, max_length=100)),
                ("family", models.CharField(blank=True, max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="Launch",
            fields=[
                (
                    "id",
                    models.CharField(
                        default=demo.epj.models.opaque, editable=False, max_length=40, primary_key=True, serialize=False
                    ),
                ),
                ("sor", models.CharField(max_length=20)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("used", models.DateTimeField(null=True)),
                ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                ("patient", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="epj.patient")),
            ],
        ),
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=255, unique=True)),
                ("auth_time", models.PositiveBigIntegerField()),
                ("sid", models.CharField(blank=True, max_length=64)),
                (
                    "access_token",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="oauth2_provider.accesstoken",
                    ),
                ),
                (
                    "launch",
                    models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, to="epj.launch"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="UsedAssertion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("client_id", models.CharField(max_length=100)),
                ("jti", models.CharField(max_length=128)),
                ("expires", models.PositiveBigIntegerField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("client_id", "jti"), name="epj_usedassertion_jti_once")
                ],
            },
        ),
    ]
