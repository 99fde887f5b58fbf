"""A page has several pictures, and what is printed on it is read; what was drawn before is drawn once more for both.

A row of the time before is a PNG at 150 dots per inch, which is what the database takes a picture for when nobody says.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARDS = """
    UPDATE ekg_recording SET preview = 'pending', preview_attempts = 0, preview_next_try = now() WHERE preview = 'ready'"""
"""Their pages are shown meanwhile as they are."""
BACKWARDS = """
    UPDATE ekg_recording r SET preview = 'pending', preview_attempts = 0, preview_next_try = now()
    WHERE preview = 'ready' AND EXISTS (SELECT FROM ekg_pageimage WHERE recording_id = r.id AND dpi = 0);
    DELETE FROM ekg_pageimage WHERE dpi <> 150 OR format <> 'png' OR sha256 = ''"""
"""A scan that was shown as it came has to be drawn."""


class Migration(migrations.Migration):
    dependencies = [
        ("ekg", "0002_hidden_from_custody"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="pageimage",
            name="ekg_pageimage_number_once",
        ),
        migrations.AddField(
            model_name="pageimage",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="forsøg"),
        ),
        migrations.AddField(
            model_name="pageimage",
            name="dpi",
            field=models.PositiveSmallIntegerField(db_default=150, verbose_name="punkter pr. tomme"),
        ),
        migrations.AddField(
            model_name="pageimage",
            name="format",
            field=models.CharField(
                choices=[("png", "PNG"), ("webp", "WebP"), ("jpeg", "JPEG fra kilden")],
                db_default="png",
                max_length=4,
                verbose_name="format",
            ),
        ),
        migrations.AddField(
            model_name="pageimage",
            name="next_try",
            field=models.DateTimeField(blank=True, null=True, verbose_name="næste forsøg"),
        ),
        migrations.AddField(
            model_name="recording",
            name="gain",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="mm/mV"),
        ),
        migrations.AddField(
            model_name="recording",
            name="printed_cpr_differs",
            field=models.BooleanField(db_default=False, default=False, verbose_name="andet CPR-nummer på arket"),
        ),
        migrations.AddField(
            model_name="recording",
            name="speed",
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name="mm/s"),
        ),
        migrations.AlterField(
            model_name="pageimage",
            name="height",
            field=models.PositiveIntegerField(default=0, verbose_name="højde"),
        ),
        migrations.AlterField(
            model_name="pageimage",
            name="recording",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="images", to="ekg.recording"
            ),
        ),
        migrations.AlterField(
            model_name="pageimage",
            name="sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AlterField(
            model_name="pageimage",
            name="size",
            field=models.PositiveIntegerField(default=0, verbose_name="bytes"),
        ),
        migrations.AlterField(
            model_name="pageimage",
            name="width",
            field=models.PositiveIntegerField(default=0, verbose_name="bredde"),
        ),
        migrations.AddIndex(
            model_name="pageimage",
            index=models.Index(
                condition=models.Q(("next_try__isnull", False)), fields=["next_try"], name="ekg_pageimage_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="pageimage",
            constraint=models.UniqueConstraint(
                fields=("recording", "number", "dpi", "format"), name="ekg_pageimage_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pageimage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dpi__in", [75, 150, 300]), ("format__in", ["png", "webp"])),
                    models.Q(("dpi", 0), ("format", "jpeg")),
                    _connector="OR",
                ),
                name="ekg_pageimage_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="pageimage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("height", 0), ("sha256", ""), ("size", 0), ("width", 0)),
                    models.Q(
                        ("height__gt", 0),
                        ("next_try", None),
                        ("sha256__regex", "^[0-9a-f]{64}$"),
                        ("size__gt", 0),
                        ("width__gt", 0),
                    ),
                    _connector="OR",
                ),
                name="ekg_pageimage_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="pageimage",
            constraint=models.CheckConstraint(
                condition=models.Q(("height_mm__gt", 0), ("width_mm__gt", 0)), name="ekg_pageimage_on_paper"
            ),
        ),
        migrations.AddConstraint(
            model_name="recording",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("speed", None), ("speed__gt", 0), _connector="OR"),
                    models.Q(("gain", None), ("gain__gt", 0), _connector="OR"),
                ),
                name="ekg_recording_scale_positive",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
