"""Our provider over real HTTP, as in the tests of real relying parties."""

from tests.relying_parties.conftest import account, person, province  # noqa: F401  (fixtures)
