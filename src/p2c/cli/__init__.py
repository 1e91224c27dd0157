"""The command `p2c`."""
