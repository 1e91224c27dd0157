"""What data management publishes over OData: projects and their entities, jobs, the catalogue, recurring jobs."""

from __future__ import annotations

from p2c.edm.declare import instant, members
from p2c.edm.entity import Entity, Table
from p2c.edm.property import Property, Required
from p2c.edm.values import EdmType
from p2c.operations.entities.build import over
from p2c.operations.tables.column import NEEDED, RECORD_ID, count, flag, member, record_id, string
from p2c.text import N_

NAME_LENGTH = 60
ENTITY_LENGTH = 200
JOB_LENGTH = 90
COMPANY_LENGTH = 4

OPERATION = members("DMFOperationType", "Import", "Export")
REFRESH = members("DMFRefreshType", "FullPush", "IncrementalPush")
STATE = members(
    "DMFExecutionState",
    "NotStarted",
    "Waiting",
    "Ready",
    "Executing",
    "Finished",
    "Error",
    "NotRun",
    "Cancelling",
    "Canceled",
    "Hold",
)

PROJECT = Table(
    name="data_project",
    columns=(
        record_id(),
        string("Name", NAME_LENGTH, N_("Data project"), required=NEEDED),
        string("Description", 255, N_("Description")),
        member("OperationType", N_("Operation"), OPERATION, required=NEEDED),
        string("ProjectCategory", 30, N_("Project category")),
        flag("GenerateDataPackage", N_("Generate data package"), default="Yes"),
    ),
    primary_key=RECORD_ID,
    unique=(("Name",),),
)
PROJECT_ENTITY = Table(
    name="data_project_entity",
    columns=(
        record_id(),
        string("DefinitionGroupId", NAME_LENGTH, N_("Data project"), required=NEEDED),
        string("EntityName", ENTITY_LENGTH, N_("Data entity"), required=NEEDED),
        string("SourceFormat", 30, N_("Source data format"), required=NEEDED),
        flag("AutoGenerateMapping", N_("Generate mapping"), default="Yes"),
        count("ExecutionUnit", N_("Execution unit"), default=1),
        count("LevelInExecutionUnit", N_("Level in execution unit"), default=1),
        count("SequenceInLevel", N_("Sequence in level"), default=1),
        member("DefaultRefreshType", N_("Refresh type"), REFRESH, default="FullPush"),
        flag("FailLevelOnError", N_("Fail level on error")),
        flag("FailExecutionUnitOnError", N_("Fail execution unit on error")),
    ),
    primary_key=RECORD_ID,
    unique=(("DefinitionGroupId", "EntityName"),),
)
JOB_ENTITY = Table(
    name="data_job_entity",
    columns=(
        record_id(),
        string("JobId", JOB_LENGTH, N_("Job"), required=NEEDED),
        string("DefinitionGroupId", NAME_LENGTH, N_("Data project"), required=NEEDED),
        string("EntityName", ENTITY_LENGTH, N_("Data entity"), required=NEEDED),
        string("Company", COMPANY_LENGTH, N_("Company")),
        member("StagingStatus", N_("Staging status"), STATE, default="NotStarted"),
        member("TargetStatus", N_("Target status"), STATE, default="NotStarted"),
        count("StagingRecordsCount", N_("Staging records")),
        count("StagingErrorCount", N_("Staging errors")),
        count("TargetRecordsCreatedCount", N_("Target records created")),
        count("TargetRecordsUpdatedCount", N_("Target records updated")),
        count("TargetErrorCount", N_("Target errors")),
        string("Message", None, N_("Message")),
        instant("StartedDateTime", N_("Started")),
        instant("EndedDateTime", N_("Ended")),
    ),
    primary_key=RECORD_ID,
    unique=(("JobId", "EntityName"),),
    indexes=(("DefinitionGroupId",),),
)
CATALOGUE_ENTITY = Table(
    name="data_entity",
    columns=(
        record_id(),
        string("EntityName", ENTITY_LENGTH, N_("Data entity"), required=NEEDED),
        string("TargetEntity", ENTITY_LENGTH, N_("Target entity")),
        string("StagingTable", ENTITY_LENGTH, N_("Staging table")),
        string("PublicCollectionName", ENTITY_LENGTH, N_("Public collection name")),
    ),
    primary_key=RECORD_ID,
    unique=(("EntityName",),),
)
RECURRING_JOB = Table(
    name="recurring_data_job",
    columns=(
        record_id(),
        Property(name="ActivityId", type=EdmType.GUID, label=N_("Activity"), required=Required.SYSTEM),
        string("Description", 255, N_("Description")),
        string("DefinitionGroupId", NAME_LENGTH, N_("Data project"), required=NEEDED),
        string("LegalEntityId", COMPANY_LENGTH, N_("Legal entity")),
        flag("IsEnabled", N_("Enabled"), default="Yes"),
    ),
    primary_key=RECORD_ID,
    unique=(("ActivityId",),),
)
TABLES = (PROJECT, PROJECT_ENTITY, JOB_ENTITY, CATALOGUE_ENTITY, RECURRING_JOB)

DEFINITION_GROUPS = "DataManagementDefinitionGroups"
DATA_MANAGEMENT_ENTITIES = "DataManagementEntities"
ENTITIES: tuple[Entity, ...] = (
    over(
        PROJECT,
        name="DataManagementDefinitionGroup",
        set_name=DEFINITION_GROUPS,
        label=N_("Data projects"),
        key=("Name",),
    ),
    over(
        PROJECT_ENTITY,
        name="DataManagementDefinitionGroupDetail",
        set_name="DataManagementDefinitionGroupDetails",
        label=N_("Entities of data projects"),
        key=("DefinitionGroupId", "EntityName"),
    ),
    over(
        JOB_ENTITY,
        name="DataManagementExecutionJobDetail",
        set_name="DataManagementExecutionJobDetails",
        label=N_("Data jobs by entity"),
        key=("JobId", "EntityName"),
        writable=False,
    ),
    over(
        CATALOGUE_ENTITY,
        name="DataManagementEntity",
        set_name=DATA_MANAGEMENT_ENTITIES,
        label=N_("Data entities"),
        key=("EntityName",),
        writable=False,
    ),
    over(
        RECURRING_JOB,
        name="RecurringDataJob",
        set_name="RecurringDataJobs",
        label=N_("Recurring data jobs"),
        key=("ActivityId",),
        name_property="Description",
    ),
)
