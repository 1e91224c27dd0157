"""Data projects: which entities they move, and the rules of the rows that describe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from p2c.database.session import Session
from p2c.edm.change import Change, Problem, ProblemKind, accepted
from p2c.edm.entity import Table
from p2c.edm.values import Row
from p2c.errors import P2CError
from p2c.odata.packages.errors import PackageError
from p2c.odata.packages.formats import source_format
from p2c.odata.packages.manifest import Manifest, PackageEntity
from p2c.odata.service.rules import NoRules, TableRules
from p2c.operations.packages.catalogue import Catalogue
from p2c.operations.packages.published import (
    CATALOGUE_ENTITY,
    PROJECT,
    PROJECT_ENTITY,
    RECURRING_JOB,
)
from p2c.operations.tables.column import RECORD_ID

_LOCK = 7262
CHANGES_OF = "ALL"
"""Exports see changes in every table that an entity shows values of."""


class ProjectRules(NoRules):
    """A project takes its entities with it when it goes."""

    def before_delete(self, rows: Sequence[Row], session: Session) -> list[Problem | None]:
        """Delete the entities of the projects."""
        names = [row["Name"] for row in rows]
        entities = session.rows(PROJECT_ENTITY.name, "DefinitionGroupId", names, [RECORD_ID])
        session.delete(PROJECT_ENTITY.name, [entity[RECORD_ID] for entity in entities])
        return [None] * len(rows)


class ProjectEntityRules(NoRules):
    """An entity of a project names a project, a data entity and a format that exist."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check the names."""
        _check_project(changes, session)
        names = [change.get("EntityName") for change in changes]
        known = {row["EntityName"] for row in session.rows(CATALOGUE_ENTITY.name, "EntityName", names)}
        for change in accepted(changes):
            name = change.get("EntityName")
            if name not in known:
                change.refuse(
                    ProblemKind.LOOKUP_MISSING,
                    f"EntityName {name!r} does not exist; DataManagementEntities lists those that do",
                    field="EntityName",
                    value=name,
                )
            try:
                source_format(str(change.get("SourceFormat")))
            except P2CError as error:
                change.refuse(ProblemKind.BAD_CHOICE, error.what, field="SourceFormat")


class RecurringJobRules(NoRules):
    """A recurring job names a project that exists."""

    def before_save(self, changes: Sequence[Change], session: Session) -> None:
        """Check the project."""
        _check_project(changes, session)


RULES: Mapping[str, TableRules] = {
    PROJECT.name: ProjectRules(),
    PROJECT_ENTITY.name: ProjectEntityRules(),
    RECURRING_JOB.name: RecurringJobRules(),
}


def _check_project(changes: Sequence[Change], session: Session) -> None:
    names = [change.get("DefinitionGroupId") for change in changes]
    known = {row["Name"] for row in session.rows(PROJECT.name, "Name", names)}
    for change in accepted(changes):
        name = change.get("DefinitionGroupId")
        if name not in known:
            change.refuse(
                ProblemKind.LOOKUP_MISSING,
                f"the data project {name!r} does not exist; create it in DataManagementDefinitionGroups first",
                field="DefinitionGroupId",
                value=name,
            )


def list_catalogue(session: Session, catalogue: Catalogue) -> None:
    """Bring the published list of data entities up to date."""
    known = session.all(CATALOGUE_ENTITY.name)
    stored = {row["EntityName"] for row in known}
    outdated = [row[RECORD_ID] for row in known if row["ChangeTrackingType"] != CHANGES_OF]
    session.update(CATALOGUE_ENTITY.name, [{RECORD_ID: key, "ChangeTrackingType": CHANGES_OF} for key in outdated])
    rows: list[Row] = [
        {
            "EntityName": item.label,
            "TargetName": item.target,
            "StagingTableName": item.staging_table,
            "EntityKey": ",".join(item.entity.key),
            "Category": item.category,
            "ChangeTrackingType": CHANGES_OF,
            "IsShared": "No" if item.entity.company_property else "Yes",
        }
        for item in catalogue.entities
        if item.label not in stored
    ]
    _insert(session, CATALOGUE_ENTITY, rows)


def project_entities(session: Session, project: str) -> list[PackageEntity]:
    """
    The entities of an export project in their order.

    Raises:
        PackageError: There is no such project, or it has no entities.
    """
    if not session.rows(PROJECT.name, "Name", [project]):
        raise PackageError(
            f"the data project {project!r} does not exist",
            way_out="create it in DataManagementDefinitionGroups, with OperationType Export",
        )
    stored = session.rows(PROJECT_ENTITY.name, "DefinitionGroupId", [project])
    rows = [row for row in stored if row["Disable"] != "Yes"]
    if not rows:
        raise PackageError(
            f"the data project {project!r} has no entities",
            way_out="add them in DataManagementDefinitionGroupDetails",
        )
    return sorted((_package_entity(row) for row in rows), key=lambda item: item.place)


def load_project(session: Session, manifest: Manifest, project: str, operation: str, *, overwrite: bool) -> None:
    """Create a project from a manifest; with `overwrite` its entities become those of the manifest."""
    # Two packages may make the same project at the same time: the second waits and finds it.
    lock = text("SELECT pg_advisory_xact_lock(:room, hashtext(:project))")
    session.connection.execute(lock, {"room": _LOCK, "project": project})
    if not session.rows(PROJECT.name, "Name", [project], lock=True):
        row: Row = {"Name": project, "Description": manifest.description[:255], "OperationType": operation}
        _insert(session, PROJECT, [row])
    stored = session.rows(PROJECT_ENTITY.name, "DefinitionGroupId", [project])
    if overwrite:
        session.delete(PROJECT_ENTITY.name, [row[RECORD_ID] for row in stored])
        stored = []
    known = {row["EntityName"] for row in stored}
    _insert(
        session,
        PROJECT_ENTITY,
        [_project_row(project, item) for item in manifest.entities if item.name not in known],
    )


def _package_entity(row: Row) -> PackageEntity:
    kind = source_format(str(row["SourceFormat"]))
    return PackageEntity(
        name=str(row["EntityName"]),
        file=f"{row['EntityName']}{kind.extension}",
        source_format=kind.value,
        unit=_whole(row, "ExecutionUnit"),
        level=_whole(row, "LevelInExecutionUnit"),
        sequence=_whole(row, "SequenceInLevel"),
        fail_level=row["FailLevelOnError"] == "Yes",
        fail_unit=row["FailExecutionUnitOnError"] == "Yes",
        refresh=str(row["DefaultRefreshType"] or "FullPush"),
    )


def _project_row(project: str, item: PackageEntity) -> Row:
    return {
        "DefinitionGroupId": project,
        "EntityName": item.name,
        "SourceFormat": source_format(item.source_format).value,
        "ExecutionUnit": item.unit,
        "LevelInExecutionUnit": item.level,
        "SequenceInLevel": item.sequence,
        "DefaultRefreshType": "IncrementalPush" if item.refresh.lower() == "incrementalpush" else "FullPush",
        "FailLevelOnError": "Yes" if item.fail_level else "No",
        "FailExecutionUnitOnError": "Yes" if item.fail_unit else "No",
    }


def _whole(row: Row, column: str) -> int:
    value = row[column]
    return value if isinstance(value, int) else 1


def _insert(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Add rows with the defaults of their table; they are made here, so no rule has to see them."""
    defaults = {column.storage: column.default for column in table.columns if column.default is not None}
    numbers = session.take(f"{table.name}:key", len(rows))
    session.insert(
        table.name, [{**defaults, RECORD_ID: number, **row} for number, row in zip(numbers, rows, strict=True)]
    )
