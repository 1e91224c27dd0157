"""What the supervisor and the processes of the services agree on."""

from __future__ import annotations

from p2c.errors import ConfigurationError

DATABASE_URL = "P2C_SERVICE_DATABASE_URL"
"""Environment variable with the service's database; not an argument, which other users could read."""

SEED = "P2C_SERVICE_SEED"
"""Environment variable: "1" where an empty service gets its first rows."""

SAID_WHY = 3
"""Exit code of a service that has told on standard error what keeps it from starting."""


class AlreadyToldError(ConfigurationError):
    """A service could not start and has told why; nothing is left to be said."""
