"""What a contact derives from its own columns: the full name and whether its company is an account."""

from __future__ import annotations

from p2c.edm.values import Value
from p2c.sales.rules.typed import words

ACCOUNT = "account"
CONTACT = "contact"


def full_name(first: Value, last: Value) -> str | None:
    """The name in the organization's convention `First Name Last Name`; the middle name is not part of it."""
    return " ".join(part for part in (words(first), words(last)) if part) or None


def is_company_an_account(parent: Value, parent_type: Value) -> bool:
    """Whether the company is an account; a contact or no company at all is none."""
    return parent is not None and parent_type == ACCOUNT
