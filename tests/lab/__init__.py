"""A laboratory for tests: the three services on HTTP, the integrator beside them, and ways to fill and read them."""

from tests.lab.company import Company, found
from tests.lab.laboratory import Lab, Silent, guid, reference

__all__ = ["Company", "Lab", "Silent", "found", "guid", "reference"]
