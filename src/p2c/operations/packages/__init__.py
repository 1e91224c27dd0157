"""Data management: data projects, packages in and out, the blobs that carry them, recurring integration."""
