"""The GraphQL schema. A field decodes its arguments, calls one resolver and wraps the answer."""

# This makes the enums of `domain` GraphQL enums, before any type refers to one.
from schema.core import enums as enums
