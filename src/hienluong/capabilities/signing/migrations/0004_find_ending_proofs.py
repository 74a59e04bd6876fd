from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('signing', '0003_long_term_copies'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='issuedfile',
            index=models.Index(fields=['proof_ends', 'token'], name='issued_by_end_of_proof'),
        ),
        AddIndexConcurrently(
            model_name='issuedfile',
            index=models.Index(condition=models.Q(('proof_read', False)), fields=['log_index'], name='issued_unread_proof'),
        ),
    ]
