import type { CodegenConfig } from '@graphql-codegen/cli';

const config = {
  useTypeImports: true,
  enumsAsTypes: true,
  strictScalars: true,
  scalars: { E164: 'string', Date: 'string', DateTime: 'string', Long: 'number' },
};

const codegen: CodegenConfig = {
  schema: '../../schema.graphql',
  generates: {
    'apollo/__generated__/': {
      preset: 'client',
      documents: 'apollo/*.tsx',
      presetConfig: { fragmentMasking: false },
      config,
    },
    'urql/__generated__/': {
      preset: 'client',
      documents: 'urql/*.tsx',
      presetConfig: { fragmentMasking: false },
      config,
    },
    'urql/__generated__/schema.json': { plugins: ['introspection'], config: { minify: true } },
  },
};

export default codegen;
