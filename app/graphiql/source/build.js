// Bundles GraphiQL into ../static: files with hashed names, a manifest of the entry files, and the licenses.
import { build } from 'esbuild';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const source = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const output = join(source, '..', 'static');
process.chdir(source); // esbuild hashes file paths into the names: relative paths make the build reproducible.

const common = {
  bundle: true,
  minify: true,
  metafile: true,
  target: ['chrome110', 'firefox115', 'safari16.4'],
  // GraphiQL imports Prettier's parsers by their old names, which resolve to UMD files that esbuild can't bundle.
  alias: { 'prettier/parser-graphql': 'prettier/plugins/graphql', 'prettier/parser-babel': 'prettier/plugins/babel' },
  legalComments: 'none', // licenses.txt contains them in full.
  define: { 'process.env.NODE_ENV': '"production"' },
  entryNames: '[name]-[hash]',
  outdir: output,
  logLevel: 'warning',
};

// graphiql/style.css already contains Monaco's style sheet; the imports in Monaco's modules would add it twice.
const monacoStyleOnce = {
  name: 'monaco-style-once',
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor\/esm\/.*\.css$/ }, () => ({ contents: '', loader: 'empty' }));
  },
};

function outputOf({ metafile }, entry) {
  const [path, { cssBundle }] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry);
  return { script: basename(path), style: cssBundle && basename(cssBundle) };
}

async function licenses(...results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = new Set(inputs.map(path => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const files = (await readdir(folder)).filter(file => /^(licen[cs]e|notice|thirdpartynotices)/i.test(file)).sort();
    const parts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
    texts.set(`${name} ${version}`, `${name} ${version} (${license})\n\n${parts.join('\n').trim() || 'See the package.'}\n`);
  }
  return [...texts.keys()].sort().map(key => texts.get(key).replace(/\r\n/g, '\n')).join(`\n${'-'.repeat(79)}\n\n`);
}

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });

const workerEntries = {
  EDITOR_WORKER: 'node_modules/monaco-editor/esm/vs/editor/editor.worker.js',
  JSON_WORKER: 'node_modules/monaco-editor/esm/vs/language/json/json.worker.js',
  GRAPHQL_WORKER: 'node_modules/monaco-graphql/esm/graphql.worker.js',
};
const workers = await build({ ...common, format: 'iife', entryPoints: Object.values(workerEntries) });
const workerFiles = Object.entries(workerEntries).map(([name, entry]) => [
  name,
  JSON.stringify(`./${outputOf(workers, entry).script}`),
]);

const page = await build({
  ...common,
  format: 'esm',
  splitting: true,
  jsx: 'automatic',
  entryPoints: ['index.jsx'],
  chunkNames: 'chunk-[hash]',
  define: { ...common.define, ...Object.fromEntries(workerFiles) },
  plugins: [monacoStyleOnce],
});

await copyFile('icon.svg', join(output, 'icon.svg'));
await writeFile(join(output, 'licenses.txt'), await licenses(workers, page));
await writeFile(join(output, 'manifest.json'), `${JSON.stringify(outputOf(page, 'index.jsx'), null, 2)}\n`);
