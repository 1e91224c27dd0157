"""`PackageHeader.xml` and `Manifest.xml`: what is in a package, read in UTF-8 and UTF-16, written in UTF-16."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from p2c.odata.packages.errors import PackageError

HEADER_FILE = "PackageHeader.xml"
MANIFEST_FILE = "Manifest.xml"
_NAMESPACE = "http://schemas.microsoft.com/dynamics/2015/01/DataManagement"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_MANIFEST_TYPE = "Microsoft.Dynamics.AX.Framework.Tools.DataManagement.Serialization.DataManagementPackageManifest"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_ROOT = "DataManagementPackageManifest"
_HEADER_ROOT = "DataManagementPackageHeader"
_YES = ("yes", "true", "1")
Node: TypeAlias = "str | Sequence[tuple[str, Node]] | None"


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """A column of the data file (`source`) and the field of the entity that it fills."""

    source: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEntity:
    """One entity of a package. `fields` is empty where the package maps nothing: then no row is taken."""

    name: str
    file: str
    source_format: str
    target: str = ""
    fields: tuple[FieldMapping, ...] = ()
    unit: int = 1
    level: int = 1
    sequence: int = 1
    fail_level: bool = False
    fail_unit: bool = False
    disabled: bool = False
    refresh: str = "FullPush"

    @property
    def place(self) -> tuple[int, int, int]:
        """Where it stands in the order of the import."""
        return self.unit, self.level, self.sequence


@dataclass(frozen=True, slots=True)
class Manifest:
    """A package's project and entities."""

    project: str
    description: str
    entities: tuple[PackageEntity, ...]


def read_manifest(content: bytes) -> Manifest:
    """
    Read `Manifest.xml`.

    Raises:
        PackageError: It is no manifest, or an entity has no name, file or format.
    """
    root = _parsed(content, MANIFEST_FILE)
    if _local(root.tag) != _ROOT:
        raise PackageError(f"the root element is {_local(root.tag)}, not {_ROOT}", where=MANIFEST_FILE)
    listed = _child(root, "PackageEntityList")
    entities = tuple(_entity(item) for item in (listed if listed is not None else ()))
    if not entities:
        raise PackageError("the package has no entities", where=MANIFEST_FILE, way_out="add one")
    return Manifest(_text(root, "DefinitionGroupName"), _text(root, "Description"), entities)


def check_header(content: bytes) -> None:
    """
    See that `PackageHeader.xml` announces a data project.

    Raises:
        PackageError: It does not.
    """
    root = _parsed(content, HEADER_FILE)
    kind = _text(root, "PackageType")
    if _local(root.tag) != _HEADER_ROOT or kind not in ("", "DefinitionGroup"):
        raise PackageError(
            f"this is no header of a data package (PackageType {kind!r})",
            where=HEADER_FILE,
            way_out="send PackageType DefinitionGroup",
        )


def write_header(description: str) -> bytes:
    """`PackageHeader.xml` of a data project."""
    return _document(
        _HEADER_ROOT,
        [
            ("Description", description),
            ("ManifestType", _MANIFEST_TYPE),
            ("PackageType", "DefinitionGroup"),
            ("PackageVersion", "2"),
        ],
    )


def write_manifest(manifest: Manifest) -> bytes:
    """`Manifest.xml`; elements stand in alphabetical order, which the real reader insists on."""
    entities: Node = [("DataManagementPackageEntityData", _entity_node(item)) for item in manifest.entities]
    return _document(
        _ROOT,
        [
            ("DefinitionGroupName", manifest.project),
            ("Description", manifest.description),
            ("PackageEntityList", entities),
        ],
    )


def _entity_node(item: PackageEntity) -> Node:
    values: Mapping[str, Node] = {
        "DefaultRefreshType": item.refresh,
        "Disable": _yes_no(item.disabled),
        "EntityMapList": [("EntityMap", _map_node(pair)) for pair in item.fields],
        "EntityName": item.name,
        "EntityTransformList": None,
        "ExcelSheetName": "",
        "ExecutionUnit": str(item.unit),
        "FailExecutionUnitOnError": _yes_no(item.fail_unit),
        "FailLevelOnError": _yes_no(item.fail_level),
        "InputFilePath": item.file,
        "LevelInExecutionUnit": str(item.level),
        "RunBusinessLogic": "Yes",
        "RunBusinessValidation": "Yes",
        "SampleFilePath": item.file,
        "SequenceInLevel": str(item.sequence),
        "SkipStaging": "No",
        "SourceFormat": item.source_format,
        "TargetEntity": item.target,
        "ValidationStatus": "Yes",
    }
    return sorted(values.items())


def _map_node(pair: FieldMapping) -> Node:
    return [
        ("ArrayIndex", "0"),
        ("EntityField", pair.field),
        ("EntityFieldConversionList", None),
        ("IsAutoDefault", "No"),
        ("IsAutoGenerated", "No"),
        ("IsDefaultValueEqualNull", "No"),
        ("UseTextQualifier", "No"),
        ("XMLField", pair.source),
    ]


def _document(root: str, children: Node) -> bytes:
    start = f'<{root} xmlns:i="{_INSTANCE}" xmlns="{_NAMESPACE}">'
    text = f'<?xml version="1.0" encoding="utf-16"?>\r\n{start}{"".join(_lines(children))}</{root}>'
    return codecs.BOM_UTF16_LE + text.encode("utf-16-le")


def _lines(node: Node) -> Iterable[str]:
    if isinstance(node, str):
        yield escape(node)
        return
    for name, child in node or ():
        if child is None:
            yield f'<{name} i:nil="true"/>'
        else:
            yield f"<{name}>{''.join(_lines(child))}</{name}>"


def _entity(element: ElementTree.Element) -> PackageEntity:
    name = _text(element, "EntityName")
    file, source_format = _text(element, "InputFilePath"), _text(element, "SourceFormat")
    for field, value in (("EntityName", name), ("InputFilePath", file), ("SourceFormat", source_format)):
        if not value:
            raise PackageError(f"{field} is empty", where=f"{MANIFEST_FILE} {name}".strip(), way_out="name it")
    listed = _child(element, "EntityMapList")
    pairs = [
        FieldMapping(_text(item, "XMLField"), _text(item, "EntityField").upper())
        for item in (listed if listed is not None else ())
    ]
    return PackageEntity(
        name=name,
        file=file,
        source_format=source_format,
        target=_text(element, "TargetEntity"),
        fields=tuple(pair for pair in pairs if pair.source and pair.field),
        unit=_number(element, "ExecutionUnit"),
        level=_number(element, "LevelInExecutionUnit"),
        sequence=_number(element, "SequenceInLevel"),
        fail_level=_flag(element, "FailLevelOnError"),
        fail_unit=_flag(element, "FailExecutionUnitOnError"),
        disabled=_flag(element, "Disable"),
        refresh=_text(element, "DefaultRefreshType") or "FullPush",
    )


def _parsed(content: bytes, where: str) -> ElementTree.Element:
    try:
        text = _decoded(content)
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise PackageError("document types are not accepted", where=where, way_out="leave them out")
        return ElementTree.fromstring(_DECLARATION.sub("", text, count=1))
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise PackageError(f"this is no readable XML ({error})", where=where, way_out="mend the file") from error


def _decoded(content: bytes) -> str:
    """The text by its byte order mark: what the declaration says about itself is wrong too often."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    if content[1:2] == b"\0":
        return content.decode("utf-16-le")
    return content.decode("utf-8-sig")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    return next((child for child in element if _local(child.tag) == name), None)


def _text(element: ElementTree.Element, name: str) -> str:
    child = _child(element, name)
    return (child.text or "").strip() if child is not None else ""


def _number(element: ElementTree.Element, name: str) -> int:
    text = _text(element, name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 1


def _flag(element: ElementTree.Element, name: str) -> bool:
    return _text(element, name).lower() in _YES


def _yes_no(value: bool) -> str:
    return "Yes" if value else "No"
