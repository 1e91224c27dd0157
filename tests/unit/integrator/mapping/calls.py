"""Runs one transform on one value, as a field map would."""

from __future__ import annotations

from collections.abc import Sequence

from p2c.edm.property import Property
from p2c.edm.values import Value
from p2c.integrator.mapping.template import Scalar
from p2c.integrator.mapping.transforms.registry import TRANSFORMS


def apply(name: str, value: Value, destination: Property | None = None, **arguments: Scalar) -> Value:
    """What the transform makes of the value."""
    return apply_with(name, value, arguments, destination)


def apply_with(name: str, value: Value, arguments: dict[str, Scalar], destination: Property | None = None) -> Value:
    """The same, for arguments that are not Python names."""
    step = TRANSFORMS[name].step
    assert step is not None
    return step(arguments, destination)(value)


def join(name: str, values: Sequence[Value], **arguments: Scalar) -> Value:
    """What the transform makes of several values."""
    make = TRANSFORMS[name].join
    assert make is not None
    return make(arguments, None)(values)
