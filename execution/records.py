"""Types that are read off records of one class: the check of a record is one that the compiler can read."""

from __future__ import annotations


class RecordOf:
    """An `is_type_of`: a type's records are the instances of these classes."""

    def __init__(self, *records: type) -> None:
        self.records = records

    def __call__(self, value: object, _info: object) -> bool:
        """Whether a value is a record of the type."""
        return isinstance(value, self.records)
