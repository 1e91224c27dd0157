"""Finance and Operations: tables, the data entities published over them, and their rules."""
