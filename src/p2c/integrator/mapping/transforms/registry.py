"""The whole vocabulary of transforms, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from p2c.integrator.mapping.transforms import choices, countries, dates, numbers, texts, units
from p2c.integrator.mapping.transforms.declare import Transform

TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {
        transform.name: transform
        for module in (choices, texts, countries, numbers, dates, units)
        for transform in module.TRANSFORMS
    }
)
