"""Words looked for among the newest dossiers of some organisations.

Words as common as "nguyễn" and "văn" are in every thirtieth dossier of a province. Their index brings all of these
together before the newest can be told; a page of the newest is found sooner by reading back from today.
"""

from __future__ import annotations

from django.db import connection

#: How many dossiers are read back, over all organisations together.
READ_BACK = 4000
#: The fewest of one organisation; with more organisations than this allows for, the index of words is quicker.
FEWEST = 40

# Each organisation is read back to the same depth in both its roles. What lies before the youngest of these ends is
# not complete, so it does not count.
_NEWEST = """
WITH pieces AS MATERIALIZED (
    SELECT p.place, 'handling' AS role, d.* FROM unnest(%(places)s::bigint[]) AS p(place), LATERAL (
        SELECT id, submitted_at, search_text FROM dossiers_dossier
         WHERE handling_id = p.place ORDER BY submitted_at DESC LIMIT %(depth)s) d
    UNION ALL
    SELECT p.place, 'received', d.* FROM unnest(%(places)s::bigint[]) AS p(place), LATERAL (
        SELECT id, submitted_at, search_text FROM dossiers_dossier
         WHERE received_at_org_id = p.place ORDER BY submitted_at DESC LIMIT %(depth)s) d
), ends AS (
    SELECT max(reached) AS latest FROM (
        SELECT min(submitted_at) AS reached FROM pieces GROUP BY place, role HAVING count(*) >= %(depth)s) e
)
SELECT DISTINCT id FROM pieces, ends
 WHERE submitted_at > coalesce(latest, '-infinity')
   AND search_text LIKE ALL (%(patterns)s::text[])
"""


def with_words(places: list[int], words: list[str]) -> list[int]:
    """Keys of the dossiers with every (folded) word among the newest of these organisations, in no order.

    Whatever is younger than the oldest of them and has the words is among them. Empty for too many organisations.
    """
    depth = READ_BACK // (2 * len(places))
    if depth < FEWEST:
        return []
    patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"places": places, "depth": depth, "patterns": patterns})
        return [key for (key,) in cursor.fetchall()]
