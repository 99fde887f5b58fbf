"""Who entered custody or guardianship, and who confirmed it; what an operator entered before this waits for another."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ENTERED = """
UPDATE access_careof SET entered_by_id = entry.user_id
FROM django_admin_log entry JOIN django_content_type kind ON kind.id = entry.content_type_id
WHERE kind.app_label = 'access' AND kind.model = 'careof' AND entry.action_flag = 1
  AND entry.object_id = access_careof.id::text
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_consent"),
        ("patients", "0001_initial"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [
        migrations.AddField(
            model_name="careof",
            name="confirmed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="bekræftet"),
        ),
        migrations.AddField(
            model_name="careof",
            name="confirmed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="bekræftet af",
            ),
        ),
        migrations.AddField(
            model_name="careof",
            name="entered_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="indtastet af",
            ),
        ),
        migrations.AddConstraint(
            model_name="careof",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(
                        models.Q(("confirmed_by", models.F("entered_by")), _negated=True),
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        ("entered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="access_careof_confirmed_by_another",
            ),
        ),
        # Last: a table with foreign keys still to be checked takes no constraint.
        migrations.RunSQL(ENTERED, migrations.RunSQL.noop),
    ]
