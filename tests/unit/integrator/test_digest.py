"""What is remembered of a delivered row."""

from __future__ import annotations

import hashlib

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from p2c.edm.values import Row
from p2c.integrator.engine.digest import cleared, digest_of, row_hash, unsettled

VALUES = (
    st.none()
    | st.text(max_size=300)
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.decimals(-9, 9, places=2)
    | st.dates()
    | st.datetimes()
    | st.uuids()
)
ROWS = st.dictionaries(st.text(min_size=1, max_size=40), VALUES, max_size=24)


@given(ROWS)
def test_a_digest_is_that_of_the_pairs_of_names_and_values_then_the_names_then_a_bit_for_each(row: Row) -> None:
    names = sorted(row)
    pairs = msgspec.msgpack.encode([(name, row[name]) for name in names])
    bits = sum(1 << place for place, name in enumerate(names) if row[name] is not None)
    assert row_hash(row) == (
        hashlib.blake2b(pairs, digest_size=8).digest()
        + hashlib.blake2b("\0".join(names).encode(), digest_size=2).digest()
        + bits.to_bytes((len(names) + 7) // 8, "little")
    )


@given(st.integers(0, 70), st.data())
def test_rows_digested_one_after_another_do_not_touch_each_other(width: int, data: st.DataObject) -> None:
    names = tuple(f"field{number}" for number in range(width))
    digest = digest_of(names)
    rows = data.draw(
        st.lists(
            st.tuples(*(VALUES for _ in names)).map(lambda values: dict(zip(names, values, strict=True))), max_size=3
        )
    )
    assert [digest.of(row) for row in rows] == [row_hash(row) for row in reversed(rows)][::-1]


@given(ROWS)
def test_a_row_that_is_not_settled_is_never_the_same_and_its_lost_fields_are_still_told(row: Row) -> None:
    known = row_hash(row)
    emptied = dict.fromkeys(row)
    assert unsettled(known) != known
    assert cleared(emptied, unsettled(known)) == cleared(emptied, known)
