"""Builds the package that brings rows of one entity: two describing files and the rows as XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence

from p2c.edm.entity import Entity
from p2c.odata.client.data_management.catalogue import PackagedEntity
from p2c.odata.client.environment import Upsert
from p2c.odata.client.fno_values import file_text, without_nulls
from p2c.odata.packages.formats import DataFile, SourceFormat
from p2c.odata.packages.manifest import (
    HEADER_FILE,
    MANIFEST_FILE,
    FieldMapping,
    Manifest,
    PackageEntity,
    write_header,
    write_manifest,
)
from p2c.odata.packages.xml_files import writable

FORMAT = SourceFormat.XML_ELEMENT
"""Its encoding stands in the file, texts keep their line ends, and a field without a value is left out."""

_FASTEST = 1
"""XML of rows repeats itself so much that more effort hardly makes it smaller."""


def columns(row: Upsert) -> frozenset[str]:
    """The properties that are sent for a row."""
    return frozenset((*row.key, *row.values))


def carries(row: Upsert) -> bool:
    """Whether a package can hold the row as it is."""
    values = (*row.key.values(), *row.values.values())
    return writable("".join([value for value in values if isinstance(value, str)]))


def build_package(project: str, packaged: PackagedEntity, entity: Entity, rows: Sequence[Upsert]) -> bytes:
    """
    A package of rows of one company; the company is the job's, so no file names it.

    The rows are written one by one into the zip: only the packed file is in memory as a whole.
    """
    sent = frozenset().union(*map(columns, rows)) - {entity.company_property}
    fields = [item.name.upper() for item in entity.properties if item.name in sent]
    file = f"{packaged.label}{FORMAT.extension}"
    described = PackageEntity(
        name=packaged.label,
        file=file,
        source_format=FORMAT.value,
        target=packaged.target,
        fields=tuple(FieldMapping(field, field) for field in fields),
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=_FASTEST) as archive:
        archive.writestr(HEADER_FILE, write_header(project))
        archive.writestr(MANIFEST_FILE, write_manifest(Manifest(project, project, (described,))))
        with archive.open(file, "w") as stream:
            DataFile(FORMAT, packaged.element, fields).write(stream, _texts(entity, rows))
    return target.getvalue()


def _texts(entity: Entity, rows: Sequence[Upsert]) -> Iterator[Mapping[str, str]]:
    fields = {item.name: item.name.upper() for item in entity.properties}
    for row in rows:
        values = {**row.key, **without_nulls(entity, row.values)}
        values.pop(entity.company_property, None)
        yield {fields[name]: file_text(value) for name, value in values.items()}
