"""What clients ask about jobs: states, errors, files of refused rows."""

from __future__ import annotations

import tempfile
from itertools import chain, islice
from urllib.parse import quote
from uuid import UUID

import msgspec
from sqlalchemy import select

from p2c.edm.values import Row
from p2c.odata.packages.csv_files import write_csv
from p2c.odata.service.fno.actions import ActionCall
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.job import Job
from p2c.operations.packages.package_calls import names_in, refusing
from p2c.operations.packages.staging import RowError, Stage
from p2c.operations.packages.target import key_text

MAX_ERRORS = 10_000


class ResultCalls:
    """Questions about jobs. Every method answers one action; refusals are RequestErrors."""

    def __init__(self, management: DataManagement) -> None:
        self._management = management

    def status(self, call: ActionCall) -> str:
        """`GetExecutionSummaryStatus`."""
        return refusing(lambda: self._job(call)).status.value

    def entity_states(self, call: ActionCall) -> list[str]:
        """`GetEntityExecutionSummaryStatusList`: a JSON text an entity."""
        job = refusing(lambda: self._job(call))
        return [msgspec.json.encode(entity_state(row)).decode() for row in self._management.jobs.entities(job.id)]

    def errors(self, call: ActionCall) -> str:
        """`GetExecutionErrors`: JSON in a text, one item a refused row, and one for what stopped an entity."""
        job = refusing(lambda: self._job(call))
        return msgspec.json.encode(self.error_items(job)).decode()

    def error_items(self, job: Job) -> list[dict[str, str]]:
        """The errors of a job, at most 10,000: RecordId is the row's key, or its place in the file."""
        items = [
            {"RecordId": str(row["EntityName"]), "Field": "", "ErrorMessage": str(row["Message"])}
            for row in self._management.jobs.entities(job.id)
            if row["Message"]
        ]
        if job.message and not items:
            items.append({"RecordId": "", "Field": "", "ErrorMessage": job.message})
        refused = islice(self._management.staging.refused(job.id), MAX_ERRORS)
        items.extend(self._item(error) for error in refused)
        return items

    def staging_file_url(self, call: ActionCall) -> str:
        """`GetImportStagingErrorFileUrl`: the rows that could not be read, as they came; "" when there are none."""

        def work() -> str:
            job, entity = self._job(call), self._entity(call)
            return self._url(call, job, entity, Stage.STAGING) if self._make(job, entity, Stage.STAGING) else ""

        return refusing(work)

    def make_keys_file(self, call: ActionCall) -> bool:
        """`GenerateImportTargetErrorKeysFile`: whether the target refused rows; then a file has their keys."""
        return refusing(lambda: self._make(self._job(call), self._entity(call), Stage.TARGET))

    def keys_file_url(self, call: ActionCall) -> str:
        """`GetImportTargetErrorKeysFileUrl`: the file of keys; "" until it has been made."""
        return refusing(lambda: self._url(call, self._job(call), self._entity(call), Stage.TARGET))

    def page_url(self, call: ActionCall) -> str:
        """`GetExecutionSummaryPageUrl`: where a person finds the job; here its rows over OData."""
        job = refusing(lambda: self._job(call))
        name = job.id.replace("'", "''")
        condition = quote(f"JobId eq '{name}'", safe="")
        return f"{call.root}DataManagementExecutionJobDetails?$filter={condition}"

    def forget(self, call: ActionCall) -> None:
        """`DeleteExecutionHistoryJob`."""

        def work() -> None:
            self._management.jobs.remove(self._job(call).id)

        refusing(work)

    def reset_token(self, call: ActionCall) -> bool:
        """`ResetVersionToken`: the project's next export of the entity is a full one."""
        management = self._management
        project, entity = call.text("definitionGroupId"), self._entity(call)
        with management.database.begin() as session:
            management.tokens.reset(session, project, entity)
        return True

    def sequence(self, call: ActionCall) -> str:
        """`GetEntitySequence`: JSON in a text, the entities in an order in which they can be imported."""

        def work() -> str:
            wanted = names_in(call.text("listOfDataEntities"))
            labels = {self._management.catalogue.named(name).label for name in wanted}
            ordered = [item.label for item in self._management.catalogue.entities if item.label in labels]
            items = [
                {"EntityName": label, "ExecutionUnit": 1, "LevelInExecutionUnit": place, "SequenceInLevel": 1}
                for place, label in enumerate(ordered, 1)
            ]
            return msgspec.json.encode(items).decode()

        return refusing(work)

    def _job(self, call: ActionCall) -> Job:
        return self._management.jobs.get(call.text("executionId"))

    def _entity(self, call: ActionCall) -> str:
        name = call.text("entityName")
        return refusing(lambda: self._management.catalogue.named(name)).label

    def _item(self, error: RowError) -> dict[str, str]:
        entity = self._management.catalogue.named(error.entity)
        key = key_text(entity, error.row.values, error.row.number)
        message = f"{entity.label} {key}: {error.refusal.message}"
        return {"RecordId": key, "Field": error.refusal.field, "ErrorMessage": message}

    def _make(self, job: Job, entity: str, stage: Stage) -> bool:
        """Write the file of the rows refused at a stage; whether there are any."""
        errors = self._management.staging.refused(job.id, entity, stage)
        first = next(errors, None)
        if first is None:
            return False
        rows = (error.row.values for error in chain([first], errors))
        with tempfile.TemporaryFile() as file:
            write_csv(file, self._fields(job, entity, stage), rows, unicode=False)
            file.seek(0)
            with self._management.database.begin() as session:
                blob = self._management.blobs.add(session, f"{entity}.csv")
                self._management.blobs.fill(session, blob, file)
                self._management.staging.keep_file(session, job.id, entity, stage, blob)
        return True

    def _fields(self, job: Job, entity: str, stage: Stage) -> tuple[str, ...]:
        """The key for rows that the target refused; every field that came for those that could not be read."""
        if stage is Stage.TARGET:
            return self._management.catalogue.named(entity).key_fields
        (item,) = (item for item in job.order.entities if item.name == entity)
        return tuple(pair.field for pair in item.fields)

    def _url(self, call: ActionCall, job: Job, entity: str, stage: Stage) -> str:
        table = self._management.tables.file
        query = select(table.c.blob).where(table.c.job == job.id, table.c.entity == entity, table.c.kind == stage.value)
        with self._management.database.begin() as session:
            blob: UUID | None = session.connection.execute(query).scalar_one_or_none()
        return self._management.blobs.url(call.root, blob) if blob is not None else ""


def entity_state(row: Row) -> dict[str, object]:
    """One entity of a job, in the words of the real service."""
    arrived = sum(
        count
        for name in ("TargetRecordsCreatedCount", "TargetRecordsUpdatedCount")
        if isinstance(count := row[name], int)
    )
    return {
        "EntityName": row["EntityName"],
        "Company": row["Company"],
        "StagingRecords": row["StagingRecordsCreatedCount"],
        "StagingStatus": row["StagingStatus"],
        "StagingErrorCount": row["StagingErrorCount"],
        "TargetRecords": arrived,
        "TargetStatus": row["TargetStatus"],
        "TargetErrorCount": row["TargetErrorCount"],
        "ExecutionStartedDateTime": row["StagingStartDateTime"],
        "ExecutionCompletedDateTime": row["TargetEndDateTime"],
    }
