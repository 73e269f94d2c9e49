import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { createRequest, formatDocument, stringifyDocument } from '@urql/core';
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

/** The operation as it is sent: the socket sends its text; the client prints it, with `__typename` for its cache. */
function sentText(text: string): string {
  if (/^\s*subscription\b/.test(text)) return text;
  return stringifyDocument(formatDocument(createRequest(text, {}).query));
}

/** Writes the operations by their digests, for servers that run trusted documents only. */
function trustedDocuments(): Plugin {
  let generated = '';
  return {
    name: 'trusted-documents',
    transform(code, id) {
      if (id.endsWith('/api/generated.ts')) generated = code;
    },
    async generateBundle() {
      const module = (await import(`data:text/javascript,${encodeURIComponent(generated)}`)) as Record<string, unknown>;
      const texts = Object.keys(module)
        .filter(name => name.endsWith('Document'))
        .map(name => sentText(String(module[name])));
      const manifest = texts.map(text => [createHash('sha256').update(text).digest('hex'), text] as const);
      const source = `${JSON.stringify(Object.fromEntries(manifest), null, 1)}\n`;
      this.emitFile({ type: 'asset', fileName: 'documents.json', source });
    },
  };
}

export default defineConfig({
  base: '/console/',
  plugins: [solid(), entryNames(), trustedDocuments()],
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
