"""Queries in XML (FetchXML): read, compiled to SQL, answered as rows."""
