"""Our provider over real HTTP, as in the tests of real relying parties."""

from tests.relying_parties.conftest import account, person, province  # noqa: F401  (fixtures)
from tests.thorough import EVERYTHING

#: Wagtail makes its own tables first, which takes long; naming the file runs it.
collect_ignore = [] if EVERYTHING else ["test_wagtail.py"]
