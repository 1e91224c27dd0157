"""The setup as files: readable, without secrets, and read back as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2c.errors import ConfigurationError
from p2c.integrator.connections import Connection, ConnectionSet, OrganizationMapping
from p2c.integrator.exchange import Kind, Setup, differences, read_setup, setup_files, without_password
from p2c.integrator.mapping.parse import parse_template
from p2c.integrator.mapping.problems import TemplateError
from p2c.integrator.mapping.template import (
    Condition,
    End,
    FieldMap,
    Form,
    Leg,
    OnConflict,
    OnDelete,
    Scalar,
    SourceField,
    Task,
    Template,
    TransformCall,
)
from p2c.integrator.projects import Project, from_template, order
from p2c.integrator.schedule import Cron, Every, PauseRules, Schedule, Unit, parse_start
from p2c.integrator.store.template_text import template_text
from p2c.integrator.templates import shipped_templates

CONNECTIONS = tuple(
    Connection(environment, environment, f"http://127.0.0.1:{port}/")
    for environment, port in (("commondata", 8403), ("operations", 8402), ("sales", 8401))
)
SET = ConnectionSet(
    "prospect-to-cash",
    {connection.environment: connection.name for connection in CONNECTIONS},
    (OrganizationMapping("czmf", "ORG001", "Česko"), OrganizationMapping("humf", "ORG002", "Magyarország")),
    {"sales.quotes": ("quotenumber", "revisionnumber")},
)


def a_template(*fields: FieldMap) -> Template:
    """A direct template with one task."""
    leg = Leg(
        End("sales", "accounts", ("accountnumber",)),
        End("operations", "CustomersV2", ("CustomerAccount",)),
        (Condition("statecode eq 0", "the account is not active"),),
        fields or (FieldMap("CustomerAccount", (SourceField("accountnumber"),)),),
    )
    return Template("accounts-direct", "Accounts", Form.DIRECT, 1, (Task("Accounts", (leg,)),))


def a_project(name: str, *needs: str) -> Project:
    """A project of `a_template`."""
    return replace(from_template(a_template(), SET.name, name=name), needs=needs)


def a_setup(*projects: Project) -> Setup:
    """Connections, their set and these projects."""
    return Setup(CONNECTIONS, (SET,), projects)


def refused(files: Mapping[str, str], existing: Setup | None = None) -> list[str]:
    """What is wrong with the files, a line a problem."""
    with pytest.raises(TemplateError) as caught:
        read_setup(files, existing or Setup())
    return [str(problem) for problem in caught.value.problems]


SCALARS: st.SearchStrategy[Scalar] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.decimals(-(10**9), 10**9, places=3),
    st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    st.sampled_from(["yes", "null", "~", "0", "1.50", "2020-01-01", "a: b", "# c", "", "- x", "line\nline", "0x1f"]),
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
VALUE_MAPS = st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), SCALARS, min_size=1)
CALLS = st.one_of(
    st.integers(1, 4000).map(lambda length: TransformCall("truncate", (("length", length),))),
    VALUE_MAPS.map(lambda entries: TransformCall("value_map", tuple(entries.items()))),
)
FIELD_MAPS = st.builds(
    FieldMap,
    to=NAMES,
    sources=st.builds(SourceField, NAMES, st.one_of(st.just(""), NAMES)).map(lambda source: (source,)),
    transforms=st.lists(CALLS, max_size=3).map(tuple),
    default=SCALARS,
) | st.builds(FieldMap, to=NAMES, default=SCALARS)


@given(st.lists(FIELD_MAPS, min_size=1, max_size=4))
def test_every_field_map_is_read_back_as_it_was(fields: list[FieldMap]) -> None:
    """Whatever its texts look like: numbers, dates, YAML's own signs."""
    template = a_template(*fields)
    assert parse_template(template_text(template)) == template


@pytest.mark.parametrize("policy", OnConflict)
def test_what_a_task_says_of_conflicts_is_read_back_as_it_was(policy: OnConflict) -> None:
    template = a_template(FieldMap("CreditLimit", default=1))
    again = replace(template, tasks=tuple(replace(task, on_conflict=policy) for task in template.tasks))
    assert parse_template(template_text(again)) == again


@given(st.dictionaries(NAMES, SCALARS, min_size=1, max_size=3))
def test_what_makes_a_row_inactive_is_read_back_as_it_was(inactive: dict[str, Scalar]) -> None:
    template = a_template(FieldMap("CreditLimit", default=1))
    tasks = [replace(task, on_delete=OnDelete.DEACTIVATE, inactive=tuple(inactive.items())) for task in template.tasks]
    again = replace(template, tasks=tuple(tasks))
    assert parse_template(template_text(again)) == again


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1",
        "SELECT *\nFROM accounts\n\nWHERE name = ':'",
        "SELECT 'a  ' \nFROM\taccounts -- # 🎈",
        "  FROM accounts",
    ],
)
def test_a_query_is_read_back_as_it_was(query: str) -> None:
    (task,) = a_template().tasks
    template = replace(a_template(), tasks=(replace(task, legs=(replace(task.legs[0], query=query),)),))
    assert parse_template(template_text(template)) == template


def test_a_query_reads_well() -> None:
    (task,) = a_template().tasks
    query = "SELECT *\nFROM accounts"
    template = replace(a_template(), tasks=(replace(task, legs=(replace(task.legs[0], query=query),)),))
    assert "        query: |\n          SELECT *\n          FROM accounts\n" in template_text(template)


@pytest.mark.parametrize("template", shipped_templates().values(), ids=lambda template: template.name)
def test_every_shipped_template_is_read_back_as_it_was(template: Template) -> None:
    """So that a project made from it can be exported, changed and applied."""
    assert parse_template(template_text(template)) == template


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(Cron("* * * * *")),
        Schedule(Cron("0 6 * * 1-5", "Europe/Prague"), PauseRules(3, 100, Decimal("2.5"))),
        Schedule(Every(1, Unit.MONTHS, parse_start("2026-01-31 06:00"), "Europe/Prague"), PauseRules(rejected=0)),
    ],
)
def test_a_schedule_goes_out_with_its_project_and_comes_back(schedule: Schedule) -> None:
    setup = a_setup(replace(a_project("accounts"), schedule=schedule))
    assert read_setup(setup_files(setup), Setup()) == setup


def test_a_wrong_schedule_is_told_with_its_line() -> None:
    files = setup_files(a_setup(replace(a_project("accounts"), schedule=Schedule(Cron("0 6 * * *")))))
    name = "projects/accounts.yaml"
    (told,) = refused({**files, name: files[name].replace("0 6 * * *", "0 66 * * *")})
    assert told.startswith(f"{name}:5: '0 66 * * *' is no cron expression")
    (told,) = refused({**files, name: files[name].replace("cron:", "crom:")})[:1]
    assert "did you mean 'cron'?" in told


def test_a_setup_is_read_back_as_it_was() -> None:
    """With all shipped templates as projects."""
    projects = tuple(from_template(template, SET.name) for template in shipped_templates().values())
    setup = a_setup(*sorted(projects, key=lambda project: project.name))
    assert read_setup(setup_files(setup), Setup()) == setup


def test_the_files_read_well_and_stand_in_order() -> None:
    """A field map is one line; nothing depends on the order in which things were set up."""
    files = setup_files(a_setup(a_project("b"), a_project("a", "b")))
    assert list(files) == ["connections.yaml", "connection-sets.yaml", "projects/a.yaml", "projects/b.yaml"]
    assert files["projects/a.yaml"] == (
        "project: a\n"
        "connection_set: prospect-to-cash\n"
        "enabled: false\n"
        "needs: [b]\n"
        "---\n"
        "template: accounts-direct\n"
        "label: Accounts\n"
        "form: direct\n"
        "version: 1\n"
        "tasks:\n"
        "  - task: Accounts\n"
        "    legs:\n"
        "      - source: {environment: sales, entity: accounts, key: [accountnumber]}\n"
        "        where:\n"
        "          - {filter: statecode eq 0, because: the account is not active}\n"
        "        destination: {environment: operations, entity: CustomersV2, key: [CustomerAccount]}\n"
        "        fields:\n"
        "          - {to: CustomerAccount, from: accountnumber}\n"
    )
    backwards = Setup(CONNECTIONS[::-1], (SET,), (a_project("a", "b"), a_project("b")))
    assert setup_files(backwards) == files


def test_a_project_may_have_any_name() -> None:
    """What a file name cannot hold is written otherwise; the name inside counts."""
    setup = a_setup(a_project("Zákazníci / 2: nové"))
    files = setup_files(setup)
    assert "projects/Zákazníci%20%2f%202%3a%20nové.yaml" in files
    assert read_setup(files, Setup()) == setup


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:s3cret@crm.example.com:444/api/", "https://user@crm.example.com:444/api/"),
        ("https://:s3cret@crm.example.com/", "https://crm.example.com/"),
        ("https://user@crm.example.com/", "https://user@crm.example.com/"),
        ("https://crm.example.com/a?b=c", "https://crm.example.com/a?b=c"),
    ],
)
def test_passwords_are_not_exported(url: str, shown: str) -> None:
    """The rest of the URL is kept to the letter."""
    assert without_password(url) == shown
    assert "s3cret" not in setup_files(Setup((Connection("crm", "sales", url),)))["connections.yaml"]


def test_applying_what_was_exported_changes_nothing() -> None:
    """The password that the file lacks stays in the connection."""
    secret = Connection("sales", "sales", "https://user:s3cret@crm.example.com/")
    setup = replace(a_setup(a_project("a")), connections=(*CONNECTIONS[:2], secret))
    assert differences(setup, read_setup(setup_files(setup), Setup()), prune=True) == []


def test_a_difference_shows_the_lines_that_change() -> None:
    """And only those, with one line around."""
    changed = replace(a_project("a"), enabled=True)
    (found,) = differences(a_setup(a_project("a")), a_setup(changed), prune=False)
    assert (found.kind, found.what) == (Kind.CHANGE, "project a")
    assert [line for line in found.lines if line[0] in "+-"] == ["-enabled: false", "+enabled: true"]


def test_a_new_password_is_a_difference_that_is_not_shown() -> None:
    """The text says that it changes, not to what."""
    old = Setup((Connection("sales", "sales", "https://user:old@crm.example.com/"),))
    new = Setup((Connection("sales", "sales", "https://user:new@crm.example.com/"),))
    (found,) = differences(old, new, prune=False)
    assert found.lines == ["the password in the URL changes"]


def test_what_no_file_has_is_removed_only_on_demand() -> None:
    """Without prune it is left alone."""
    current, wanted = a_setup(a_project("a"), a_project("b")), a_setup(a_project("a"))
    assert differences(current, wanted, prune=False) == []
    assert [(found.kind, found.what) for found in differences(current, wanted, prune=True)] == [
        (Kind.REMOVE, "project b")
    ]


def test_files_may_refer_to_what_is_set_up_already() -> None:
    """One project's file alone is enough to change this project."""
    files = setup_files(a_setup(a_project("a", "b")))
    alone = {"projects/a.yaml": files["projects/a.yaml"]}
    assert read_setup(alone, a_setup(a_project("b"))) == Setup(projects=(a_project("a", "b"),))


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        pytest.param(
            "connections.yaml",
            "environment: sales",
            "environment: sale",
            "connections.yaml:8: there is no environment 'sale'; did you mean 'sales'?",
            id="environment",
        ),
        pytest.param(
            "connections.yaml",
            "  url: http://127.0.0.1:8403/",
            "  ulr: http://127.0.0.1:8403/",
            "connections.yaml:3: a connection has no key 'ulr'; did you mean 'url'?",
            id="key",
        ),
        pytest.param(
            "connection-sets.yaml",
            "    sales: sales",
            "    sales: sale",
            "connection-sets.yaml:5: there is no connection 'sale'; did you mean 'sales'?",
            id="connection",
        ),
        pytest.param(
            "connection-sets.yaml",
            "    sales: sales",
            "    sales: operations",
            "connection-sets.yaml:5: connection 'operations' leads to operations, not to sales; "
            "name another connection",
            id="connection of another environment",
        ),
        pytest.param(
            "connection-sets.yaml",
            "humf",
            "czmf",
            "connection-sets.yaml:8: legal_entity 'czmf' is mapped twice; remove one",
            id="legal entity twice",
        ),
        pytest.param(
            "connection-sets.yaml",
            "[quotenumber, revisionnumber]",
            "[]",
            "connection-sets.yaml:10: the integration key has no fields (DIPV1003); name the fields",
            id="empty key",
        ),
        pytest.param(
            "connection-sets.yaml",
            "    sales: sales\n",
            "",
            "projects/a.yaml:13: connection set 'prospect-to-cash' has no connection for sales (DIPV1005); "
            "complete the connection set",
            id="environment not connected",
        ),
        pytest.param(
            "projects/a.yaml",
            "needs: [b]",
            "needs: [bb]",
            "projects/a.yaml:4: there is no project 'bb'; did you mean 'b'?",
            id="needed project",
        ),
        pytest.param(
            "projects/a.yaml",
            "set: prospect-to-cash",
            "set: prospect",
            "projects/a.yaml:2: there is no connection set 'prospect'; did you mean 'prospect-to-cash'?",
            id="connection set",
        ),
        pytest.param(
            "projects/a.yaml",
            "enabled: false",
            "enabled: no",
            "projects/a.yaml:3: enabled is 'no'; write true or false",
            id="enabled",
        ),
        pytest.param(
            "projects/a.yaml",
            "from: accountnumber}",
            "form: accountnumber}",
            "projects/a.yaml:18: a field map has no key 'form'; did you mean 'from'?",
            id="field map",
        ),
        pytest.param(
            "projects/b.yaml",
            "project: b",
            "project: a",
            "projects/b.yaml:1: 'a' is defined twice; rename one",
            id="project twice",
        ),
        pytest.param(
            "projects/a.yaml",
            "---\n",
            "",
            "projects/a.yaml:1: the file has no template; write the project, a line ---, and its template",
            id="no template",
        ),
    ],
)
def test_a_mistake_names_file_line_and_the_right_word(file: str, old: str, new: str, problem: str) -> None:
    """Other mistakes that follow from it may be named beside it."""
    files = setup_files(a_setup(a_project("a", "b"), a_project("b")))
    assert files[file].count(old) >= 1
    assert problem in refused({**files, file: files[file].replace(old, new, 1)})


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    """Nobody should have to mend one to learn of the next."""
    files = {
        "connections.yaml": "a: [",
        "connection-sets.yaml": "- {}",
        "projects/a.yaml": "x",
        "conections.yaml": "",
    }
    places = [problem.split(":")[0] for problem in refused(files)]
    assert sorted(set(places)) == sorted(files)


def test_projects_run_after_those_they_need() -> None:
    """Needs that take no part do not count."""
    projects = [
        a_project("quotes", "products", "accounts"),
        a_project("accounts"),
        a_project("contacts", "leads"),
    ]
    assert [project.name for project in order(projects)] == ["accounts", "contacts", "quotes"]


def test_projects_that_need_one_another_are_refused() -> None:
    """The circle is named."""
    projects = [a_project("a", "b"), a_project("b", "c"), a_project("c", "a")]
    circle = r"in a circle: (a needs b needs c needs a|b needs c needs a needs b|c needs a needs b needs c);"
    with pytest.raises(ConfigurationError, match=circle):
        order(projects)


def test_a_connection_set_may_have_an_integration_key_of_its_own() -> None:
    """The template's is used for all other entities."""
    assert SET.key(End("sales", "quotes", ("quoteid",))) == ("quotenumber", "revisionnumber")
    assert SET.key(End("sales", "accounts", ("accountnumber",))) == ("accountnumber",)


def test_decimals_keep_their_places() -> None:
    """1.50 is not 1.5 to whoever wrote it."""
    assert "default: 1.50}" in template_text(a_template(FieldMap("CreditLimit", default=Decimal("1.50"))))
