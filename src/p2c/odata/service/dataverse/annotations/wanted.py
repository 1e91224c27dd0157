"""Which annotations a caller wants (`Prefer: odata.include-annotations`)."""

from __future__ import annotations

from dataclasses import dataclass

PREFERENCE = "odata.include-annotations"
FORMATTED = "OData.Community.Display.V1.FormattedValue"
ATTRIBUTE = "OData.Community.Display.V1.AttributeName"
"""The column behind a member with a name of its own."""
LOOKUP_NAME = "Microsoft.Dynamics.CRM.lookuplogicalname"
NAVIGATION = "Microsoft.Dynamics.CRM.associatednavigationproperty"
TOTAL = "Microsoft.Dynamics.CRM.totalrecordcount"
TOTAL_EXCEEDED = "Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"
MORE = "Microsoft.Dynamics.CRM.morerecords"
COOKIE = "Microsoft.Dynamics.CRM.fetchxmlpagingcookie"
SCHEMA_VERSION = "Microsoft.Dynamics.CRM.globalmetadataversion"
ERRORS = "Microsoft.PowerApps.CDS."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names, `Namespace.*` or `*`; the first pattern that fits decides, one with `-` before it excludes."""

    patterns: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Wanted:
        """The patterns of a preference's value, the most exact first."""
        patterns = (part.strip() for part in text.split(","))
        return cls(tuple(sorted(filter(None, patterns), key=lambda pattern: (pattern.endswith("*"), -len(pattern)))))

    def __contains__(self, name: str) -> bool:
        for pattern in self.patterns:
            plain = pattern.removeprefix("-")
            if plain == name or (plain.endswith("*") and name.startswith(plain[:-1])):
                return plain == pattern
        return False

    @property
    def of_values(self) -> bool:
        """Whether any annotation of a row's values is wanted."""
        return any(name in self for name in (FORMATTED, ATTRIBUTE, LOOKUP_NAME, NAVIGATION))
