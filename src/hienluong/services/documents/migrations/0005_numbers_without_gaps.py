"""Numbers of a book come one after the other, and none is taken back out: the database holds it, too."""

from typing import ClassVar

from django.db import migrations

MAKE = """
CREATE FUNCTION documents_next_number() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    latest integer;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a number that was taken stays in its book' USING ERRCODE = 'check_violation';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.number <> OLD.number OR NEW.book_id <> OLD.book_id THEN
            RAISE EXCEPTION 'a number that was taken stays in its book' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    SELECT max(number) INTO latest FROM documents_takennumber WHERE book_id = NEW.book_id;
    IF NEW.number <> coalesce(latest, 0) + 1 THEN
        RAISE EXCEPTION 'number % of book % leaves a gap after %', NEW.number, NEW.book_id, coalesce(latest, 0)
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER documents_numbers_without_gaps BEFORE INSERT OR UPDATE OR DELETE ON documents_takennumber
    FOR EACH ROW EXECUTE FUNCTION documents_next_number();
"""
UNMAKE = """
DROP TRIGGER documents_numbers_without_gaps ON documents_takennumber;
DROP FUNCTION documents_next_number();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("documents", "0004_outgoing")]

    operations: ClassVar = [migrations.RunSQL(MAKE, UNMAKE)]
