"""The actions of data management by name, with the parameters that clients send."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from p2c.edm.values import EdmType
from p2c.odata.service.access import Privilege
from p2c.odata.service.fno.actions import ActionCall, FnoAction, Parameter, Result
from p2c.operations.packages.data_management import DataManagement
from p2c.operations.packages.message_calls import MessageCalls
from p2c.operations.packages.package_calls import PackageCalls, refusing
from p2c.operations.packages.published import DATA_MANAGEMENT_ENTITIES, DEFINITION_GROUPS
from p2c.operations.packages.result_calls import ResultCalls

APPLICATION_VERSION = "10.0.46"
"""The release of Finance and Operations whose interface this one follows."""
_Run = Callable[[ActionCall], Result]


def data_management_actions(management: DataManagement) -> tuple[FnoAction, ...]:
    """Every action of the definition groups and of the catalogue."""
    return (*_imports(management), *_exports(management), *_results(management), *_catalogue(management))


def _imports(management: DataManagement) -> tuple[FnoAction, ...]:
    calls = PackageCalls(management)
    imported = (
        _text("packageUrl"),
        _text("definitionGroupId", optional=True),
        _text("executionId", optional=True),
        _flag("execute"),
        _flag("overwrite"),
        _text("legalEntityId", optional=True),
    )
    batched = (*imported, _text("importBatchGroupId", optional=True), _flag("failOnError"))
    group = partial(_group, privilege=Privilege.CREATE)
    return (
        group("GetAzureWriteUrl", calls.write_url, (_text("uniqueFileName"),)),
        group("ImportFromPackage", calls.import_package, imported),
        group("ImportFromPackageAsync", calls.import_package_async, imported),
        group("ImportFromDMTPackage", calls.import_package, batched),
        group("ExportFromPackage", calls.export_from_package, imported),
    )


def _exports(management: DataManagement) -> tuple[FnoAction, ...]:
    calls = PackageCalls(management)
    exported = (
        _text("definitionGroupId", optional=True),
        _text("packageName", optional=True),
        _text("executionId", optional=True),
        _flag("reExecute"),
        _text("legalEntityId", optional=True),
        _text("entityList", optional=True),
    )
    preview = (*exported, _whole("count"), _whole("exportPreviewCount"))
    return (
        _group("ExportToPackage", calls.export, exported),
        _group("ExportToPackageAsync", calls.export, exported),
        _group("ExportToPackagePreview", calls.export_preview, preview),
        _group("ExportToPackagePreviewAsync", calls.export_preview, preview),
        _group("ExportToPackageDelta", calls.export_delta, exported),
        _group("GetExportedPackageUrl", calls.exported_url, (_JOB,)),
    )


def _results(management: DataManagement) -> tuple[FnoAction, ...]:
    calls, messages = ResultCalls(management), MessageCalls(management)
    entity, project = _text("entityName"), _text("definitionGroupId")
    write = partial(_group, privilege=Privilege.WRITE)
    return (
        _group("GetExecutionSummaryStatus", calls.status, (_JOB,)),
        _group("GetEntityExecutionSummaryStatusList", calls.entity_states, (_JOB,), many=True),
        _group("GetExecutionErrors", calls.errors, (_JOB,)),
        _group("GetExecutionSummaryPageUrl", calls.page_url, (_JOB,)),
        _group("GetImportStagingErrorFileUrl", calls.staging_file_url, (_JOB, entity)),
        _group(
            "GenerateImportTargetErrorKeysFile",
            calls.make_keys_file,
            (_JOB, entity),
            returns=EdmType.BOOLEAN,
        ),
        _group("GetImportTargetErrorKeysFileUrl", calls.keys_file_url, (_JOB, entity)),
        _group("GetMessageStatus", messages.status, (_text("messageId"),)),
        _group("GetExecutionIdByMessageId", messages.execution, (_text("_messageId"),)),
        _group("GetEntitySequence", calls.sequence, (_text("listOfDataEntities"),)),
        write("DeleteExecutionHistoryJob", calls.forget, (_JOB,), returns=None),
        write(
            "ResetVersionToken",
            calls.reset_token,
            (project, entity, _text("sourceName", optional=True)),
            returns=EdmType.BOOLEAN,
        ),
        *(
            write(name, _initialize(management), returns=None)
            for name in ("InitializeDataManagement", "InitializeDataManagementAsync")
        ),
    )


def _catalogue(management: DataManagement) -> tuple[FnoAction, ...]:
    def keys(call: ActionCall) -> str:
        name = call.text("entityName")
        found = management.model.entity_set.get(name) or management.model.entity.get(name)
        return ",".join((found or refusing(lambda: management.catalogue.named(name).entity)).key)

    def constant(text: str) -> _Run:
        return lambda call: text

    build = version("prospect-to-cash")
    return (
        FnoAction(DATA_MANAGEMENT_ENTITIES, "GetApplicationVersion", constant(APPLICATION_VERSION)),
        FnoAction(DATA_MANAGEMENT_ENTITIES, "GetPlatformBuildVersion", constant(f"{APPLICATION_VERSION}.{build}")),
        FnoAction(DATA_MANAGEMENT_ENTITIES, "GetApplicationBuildVersion", constant(f"{APPLICATION_VERSION}.{build}")),
        FnoAction(DATA_MANAGEMENT_ENTITIES, "GetKeys", keys, (_text("entityName"),)),
    )


def _initialize(management: DataManagement) -> _Run:
    def run(call: ActionCall) -> None:
        management.initialize()

    return run


def _group(
    name: str,
    run: _Run,
    parameters: tuple[Parameter, ...] = (),
    *,
    returns: EdmType | None = EdmType.STRING,
    many: bool = False,
    privilege: Privilege = Privilege.READ,
) -> FnoAction:
    return FnoAction(DEFINITION_GROUPS, name, run, parameters, returns, many, privilege=privilege)


def _text(name: str, *, optional: bool = False) -> Parameter:
    return Parameter(name, optional=optional)


def _flag(name: str) -> Parameter:
    return Parameter(name, EdmType.BOOLEAN, optional=True)


def _whole(name: str) -> Parameter:
    return Parameter(name, EdmType.INT32, optional=True)


_JOB = _text("executionId")
