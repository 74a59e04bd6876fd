from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('payments', '0005_accounts_statements_discrepancies'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='charge',
            index=models.Index(condition=models.Q(models.Q(('refund_advice', ''), _negated=True), ('state', 'paid')), fields=['paid_at'], name='charge_refund_advised'),
        ),
        AddIndexConcurrently(
            model_name='receipt',
            index=models.Index(condition=models.Q(('file', None)), fields=['issued_at'], name='receipt_unprinted'),
        ),
    ]
