"""The use cases: one function per query or mutation, each deciding inside one scope and one transaction."""
