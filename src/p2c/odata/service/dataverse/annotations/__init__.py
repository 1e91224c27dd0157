"""Adds to rows what people read: labels of choices, names behind lookups, amounts and dates as text."""
