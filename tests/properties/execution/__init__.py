"""Every operation has one answer: on the compiled road and on graphql-core's, byte for byte, errors included."""
