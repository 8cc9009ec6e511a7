// @ts-check
// What eng/dashboard-page does: bundles the player's parts and uPlot into the web page's folder, or says whether what is there is what it would make.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const site = join(root, 'site');
const folder = join(root, 'src/Bindwise.Dashboard/Page/made');

/** The files of the player that the page has its own of, by the end of their path. */
const replaced = { '/words.js': 'dashboard/words.ts', '/verdict.js': 'dashboard/verdict.ts' };

/** @type {import('esbuild').Plugin} */
const ownFiles = {
  name: 'own-files',
  setup(bundle) {
    for (const [end, file] of Object.entries(replaced))
      bundle.onResolve({ filter: new RegExp(`${end.replace('.', '\\.')}$`) }, ({ importer }) =>
        importer.includes('/player/') ? { path: join(site, file) } : undefined);
  },
};

const { outputFiles } = await build({
  entryPoints: [
    { in: join(site, 'dashboard/parts.ts'), out: 'player' },
    { in: join(site, 'player/player.css'), out: 'player' },
    { in: join(site, 'pages/colours.css'), out: 'colours' },
    { in: join(site, 'node_modules/uplot/dist/uPlot.esm.js'), out: 'uplot' },
    { in: join(site, 'node_modules/uplot/dist/uPlot.min.css'), out: 'uplot' },
  ],
  absWorkingDir: site, outdir: folder, bundle: true, format: 'esm', target: 'es2022', minify: true, write: false, plugins: [ownFiles],
  logLevel: 'warning', legalComments: 'inline',
});
const made = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
// Both are under licences that ask for their text beside the code.
const licences = ['lit-html', 'uplot'].map(name => `${name}\n\n${readFileSync(join(site, 'node_modules', name, 'LICENSE'), 'utf8')}`);
made.set('licences.txt', licences.join('\n\n'));

if (process.argv[2] === '--check') {
  const stale = [...made].filter(([name, text]) => contentOf(join(folder, name)) !== text).map(([name]) => name);
  const left = readdirSync(folder).filter(name => !made.has(name));
  if (stale.length + left.length > 0) {
    console.error(`eng/dashboard-page: stale in src/Bindwise.Dashboard/Page/made: ${[...stale, ...left].join(', ')}; run eng/dashboard-page and commit`);
    process.exitCode = 1;
  }
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of made)
    writeFileSync(join(folder, name), text);
  console.log(`${made.size} files in ${dirname(folder)}/made`);
}

/** @param {string} file */
function contentOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
