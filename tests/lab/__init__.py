"""A laboratory for tests: the three services on HTTP, the integrator beside them, and ways to fill and read them."""

from tests.lab.company import Company, found
from tests.lab.laboratory import Lab, Silent
from tests.lab.reach import Reach, guid, reference

__all__ = ["Company", "Lab", "Reach", "Silent", "found", "guid", "reference"]
