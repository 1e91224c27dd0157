"""The tables of Sales, one module each."""
