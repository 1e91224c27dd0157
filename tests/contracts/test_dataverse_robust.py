"""Whatever is asked, the service answers with what is wrong with it and never fails."""

from __future__ import annotations

from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.caller import Caller

SOMEBODY = "00000000-0000-0000-0000-000000000001"
PATHS = (
    "people",
    "people/$count",
    f"people({SOMEBODY})/friends/$ref",
    f"people({SOMEBODY})/friendid_person/cityid",
    f"people({SOMEBODY})/name/$value",
    "people/Microsoft.Dynamics.CRM.UpsertMultiple",
    "BulkDelete",
    "EntityDefinitions(LogicalName='person')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
    "RelationshipDefinitions(SchemaName='people')",
    "sdkmessagefilters",
    "RetrieveMetadataChanges(Query=@p)",
)
QUERIES = (
    "$select=name,_cityid_value&$expand=cityid($select=name),friends($filter=age gt 5)",
    "$filter=friends/any(f:f/cityid/code eq 'B' and f/friends/all(g:g/age lt f/age))",
    "$filter=Microsoft.Dynamics.CRM.LastXDays(PropertyName='seen',PropertyValue=3)",
    f"$filter=Microsoft.Dynamics.CRM.UnderOrEqual(PropertyName='personid',PropertyValue='{SOMEBODY}')",
    "$apply=filter(age gt 1)/groupby((cityid/code,kind),aggregate(age with average as a,$count as n))",
    "fetchXml=<fetch count='2'><entity name='person'><attribute name='name'/><filter><condition attribute='born' "
    "operator='on' value='2020-01-01'/></filter><link-entity name='city' from='cityid' to='cityid'/></entity></fetch>",
    "sql=SELECT TOP 5 p.name AS n, c.code, COUNT(*) FROM person p LEFT JOIN city [c] ON p.cityid = c.cityid WHERE "
    "(p.age BETWEEN 1 AND 5 OR p.name LIKE '[a-c]%_') AND born NOT IN ('2020-01-01') GROUP BY name, code ORDER BY n",
    "$filter=LogicalName eq 'person'&$expand=OptionSet($select=Options)",
    '@p={"Criteria":{"Conditions":[]},"Properties":{"AllProperties":true}}',
    f"$id=people({SOMEBODY})&$deltatoken=1!01/01/2026 00:00:00",
)
BODIES = (
    "",
    '{"name":"A","friends":[{"name":"B","cityid":{"name":"C"}}],"citizens@odata.bind":["people(1)"]}',
    f'{{"@odata.id":"people({SOMEBODY})"}}',
    '{"value":5}',
    '{"Targets":[{"@odata.type":"Microsoft.Dynamics.CRM.person","@odata.id":"people(number=\'1\')","name":"A"}]}',
    '{"QuerySet":[{"EntityName":"person","Criteria":{"Conditions":[{"AttributeName":"age","Operator":"In"}]}}]}',
)
PIECES = st.one_of(
    st.sampled_from("'\"()/,;$@=:*<>{}[] "),
    st.sampled_from(("null", "-1", "1e9", "9" * 20, "eq", "with", "any(", "groupby(")),
    st.sampled_from(("name", "age", "born", "personid", "cityid", "friendid_city")),
)


@st.composite
def mangled(draw: st.DrawFn, texts: tuple[str, ...]) -> str:
    """One of the texts, with pieces put in, or characters taken out, at up to three places."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        taken = draw(st.integers(0, 4))
        text = text[:place] + draw(PIECES | st.just("")) + text[place + taken :]
    return text


@given(
    method=st.sampled_from(["GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE"]),
    path=mangled(PATHS),
    query=mangled(QUERIES),
    body=mangled(BODIES),
    annotated=st.booleans(),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_asked_makes_the_service_fail(
    people: Caller, method: str, path: str, query: str, body: str, annotated: bool
) -> None:
    url = f"{quote(path, safe='/()$=,@')}?{quote(query, safe='$=&@')}"
    prefer = 'odata.include-annotations="*"' if annotated else ""
    answer = people(method, url, raw=body.encode(), prefer=prefer)
    assert answer.status < 500 or answer.status == 501, answer.body
    if answer.status >= 400:
        assert answer.code.startswith("0x")
        assert answer.message
