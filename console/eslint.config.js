import solid from 'eslint-plugin-solid/configs/typescript';
import typescript from 'typescript-eslint';

export default typescript.config(
  { ignores: ['node_modules', 'src/api/generated.ts'] },
  ...typescript.configs.strict,
  { files: ['src/**/*.{ts,tsx}'], ...solid },
);
