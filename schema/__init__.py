"""The GraphQL face: types, inputs, payloads and connections. A field decodes, calls one resolver, and wraps."""

# The rules' enums become GraphQL enums here, before any type can mention one.
from schema.core import enums as enums
