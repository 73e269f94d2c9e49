"""Running GraphQL operations: parsed and validated once, kept inside limits. Knows nothing of telephones."""
