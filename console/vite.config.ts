import { fileURLToPath } from 'node:url';
import license from 'rollup-plugin-license';
import { defineConfig, type Plugin } from 'vite';
import solid from 'vite-plugin-solid';

const output = fileURLToPath(new URL('../app/console/static', import.meta.url));

/** Writes the names of the two files that the page loads, which the server reads at start. */
function entryNames(): Plugin {
  return {
    name: 'entry-names',
    generateBundle(_options, bundle) {
      const find = (end: string) => Object.keys(bundle).find(name => name.endsWith(end));
      const source = `${JSON.stringify({ script: find('.js'), style: find('.css') }, null, 2)}\n`;
      this.emitFile({ type: 'asset', fileName: 'manifest.json', source });
    },
  };
}

export default defineConfig({
  base: '/console/',
  plugins: [solid(), entryNames()],
  publicDir: false,
  build: {
    outDir: output,
    emptyOutDir: true,
    target: ['chrome111', 'firefox115', 'safari16.4'],
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: 'src/index.tsx',
      output: {
        entryFileNames: 'console-[hash].js',
        assetFileNames: 'console-[hash][extname]',
        inlineDynamicImports: true,
      },
      plugins: [license({ thirdParty: { output: `${output}/licenses.txt` } })],
    },
  },
  server: { proxy: { '/graphql': 'http://127.0.0.1:8000', '/download': 'http://127.0.0.1:8000' } },
});
