"""Users of one professional are found by the CPR number: what is blocked from one is blocked from all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_care_by_two"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("professional_cpr", ""), _negated=True),
                fields=["professional_cpr"],
                name="access_user_professional",
            ),
        ),
    ]
