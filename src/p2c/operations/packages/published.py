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

OPERATION = members("DmfOperationType", "Export", "Import", "All", "Company")
PROJECT_CATEGORY = members("DmfProjectCategory", "Project", "Configuration", "Integration", "Other", "CDS")
REFRESH = members("DmfRefreshType", "IncrementalPush", "FullPush")
CHANGE_TRACKING = members("DmfChangeTrackingType", "PrimaryTable", "ALL", "CustomQuery", "None")
ENTITY_CATEGORY = members(
    "EntityCategory", "Master", "Configuration", "Transaction", "Reference", "Document", "Parameters"
)
STATE = members(
    "DmfBatchJobStatus",
    "NotStarted",
    "Hold",
    "Waiting",
    "Executing",
    "Error",
    "Finished",
    "Ready",
    "NotRun",
    "Cancelling",
    "Canceled",
)

PROJECT = Table(
    name="data_project",
    columns=(
        record_id(),
        string("Name", NAME_LENGTH, N_("Data project"), required=NEEDED),
        string("Description", 255, N_("Description")),
        member("OperationType", N_("Operation"), OPERATION, required=NEEDED),
        member("ProjectCategory", N_("Project category"), PROJECT_CATEGORY),
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
        flag("Disable", N_("Disable")),
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
        string("SourceFormat", 30, N_("Source data format")),
        count("ExecutionUnit", N_("Execution unit")),
        count("LevelInExecutionUnit", N_("Level in execution unit")),
        count("SequenceInLevel", N_("Sequence in level")),
        member("StagingStatus", N_("Staging status"), STATE, default="NotStarted"),
        instant("StagingStartDateTime", N_("Staging start")),
        instant("StagingEndDateTime", N_("Staging end")),
        count("StagingRecordsCreatedCount", N_("Staging records created")),
        count("StagingErrorCount", N_("Staging errors")),
        member("TargetStatus", N_("Target status"), STATE, default="NotStarted"),
        instant("TargetStartDateTime", N_("Target start")),
        instant("TargetEndDateTime", N_("Target end")),
        count("TargetRecordsCreatedCount", N_("Target records created")),
        count("TargetRecordsUpdatedCount", N_("Target records updated")),
        count("TargetErrorCount", N_("Target errors")),
        string("Message", None, N_("Message")),
    ),
    primary_key=RECORD_ID,
    unique=(("DefinitionGroupId", "JobId", "EntityName"),),
    indexes=(("JobId",),),
)
CATALOGUE_ENTITY = Table(
    name="data_entity",
    columns=(
        record_id(),
        string("EntityName", ENTITY_LENGTH, N_("Data entity"), required=NEEDED),
        string("TargetName", ENTITY_LENGTH, N_("Target entity")),
        string("StagingTableName", ENTITY_LENGTH, N_("Staging table")),
        string("EntityKey", ENTITY_LENGTH, N_("Entity key")),
        member("Category", N_("Entity category"), ENTITY_CATEGORY),
        member("ChangeTrackingType", N_("Change tracking"), CHANGE_TRACKING),
        flag("EntityIsEnabled", N_("Enabled"), default="Yes"),
        flag("IsShared", N_("Shared by all companies")),
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
RECURRING_JOBS = over(
    RECURRING_JOB,
    name="RecurringDataJob",
    set_name="RecurringDataJobs",
    label=N_("Recurring data jobs"),
    key=("ActivityId",),
    name_property="Description",
)
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
        key=("DefinitionGroupId", "JobId", "EntityName"),
        without=("Company", "StagingErrorCount", "TargetErrorCount", "Message"),
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
    RECURRING_JOBS,
)
