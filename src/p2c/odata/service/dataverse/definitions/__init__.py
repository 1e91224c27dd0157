"""Describes a model as the metadata JSON that Dataverse clients read before they write."""
