"""A type check that the compiler can inline."""

from __future__ import annotations


class RecordOf:
    """An `is_type_of` function: whether a value is an instance of one of the classes."""

    def __init__(self, *records: type) -> None:
        self.records = records

    def __call__(self, value: object, _info: object) -> bool:
        """Whether the value is an instance of one of the classes."""
        return isinstance(value, self.records)
