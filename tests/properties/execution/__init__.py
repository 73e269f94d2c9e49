"""Every operation has one answer: in the compiling engine and on graphql-core's, byte for byte, errors included."""
