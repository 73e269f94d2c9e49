import type { CodegenConfig } from '@graphql-codegen/cli';

// Documents are plain strings: no parser output in the bundle, and each fragment once beside the component it feeds.
const config: CodegenConfig = {
  schema: '../schema.graphql',
  documents: 'src/**/*.graphql',
  generates: {
    'src/api/generated.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        documentMode: 'string',
        enumsAsTypes: true,
        skipTypename: true,
        useTypeImports: true,
        immutableTypes: true,
        scalars: { E164: 'string', Date: 'string', DateTime: 'string', Long: 'number' },
      },
    },
  },
};

export default config;
