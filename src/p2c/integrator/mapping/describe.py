"""A field map in words that people read."""

from __future__ import annotations

from p2c.integrator.mapping.template import FieldMap, Scalar, TransformCall
from p2c.text import _


def described(field: FieldMap) -> str:
    """How the field gets its value: `name → truncate(length=60), else 'unknown'`, or `always 'Organization'`."""
    if not field.sources:
        return _("always {value}").format(value=_spelled(field.default))
    steps = [" + ".join(source.name for source in field.sources), *(_call(call) for call in field.transforms)]
    text = " → ".join(steps)
    if field.default is None:
        return text
    return _("{steps}, else {value}").format(steps=text, value=_spelled(field.default))


def _call(call: TransformCall) -> str:
    arguments = ", ".join(f"{name or _spelled(name)}={_spelled(value)}" for name, value in call.arguments)
    return f"{call.name}({arguments})" if arguments else call.name


def _spelled(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, str) else str(value)
