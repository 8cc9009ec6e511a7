// @ts-check
// What site/build does once its packages are there: the model and the player beside the pages, then the check of all of it.
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
// @ts-expect-error It brings no types.
import Eleventy from '@11ty/eleventy';
import { build as bundle } from 'esbuild';
import { checkSite } from './check.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const site = join(root, 'site');

const { out, base, withoutModel } = readArguments();
refuseForeign(out);
mkdirSync(dirname(out), { recursive: true });
// Made beside the old one and put in its place when it is whole, so that a build that fails leaves the old one.
const making = mkdtempSync(`${out}.making-`);
try {
  const model = withoutModel ? Promise.resolve() : publishModel(making);
  await bundlePlayer(making);
  await writePages(making);
  await model;
  const { faults, pages, links } = checkSite(making, base);
  for (const fault of faults)
    console.error(fault);
  if (faults.length > 0)
    throw new Error(`${faults.length} faults in ${pages} pages`);
  // Jekyll, which some hosts run over what they serve, hides folders like play/_framework.
  writeFileSync(join(making, '.nojekyll'), '');
  chmodSync(making, 0o755);
  rmSync(out, { recursive: true, force: true });
  renameSync(making, out);
  console.log(`${pages} pages with ${links} links in ${out}, for ${base}`);
} catch (error) {
  rmSync(making, { recursive: true, force: true });
  console.error(`site/build: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function readArguments() {
  try {
    const { values } = parseArgs({ options: { base: { type: 'string', default: '/' }, out: { type: 'string' }, 'without-model': { type: 'boolean', default: false } } });
    if (!/^\/([\w.~-]+\/)*$/.test(values.base))
      throw new Error(`--base ${values.base}: expected a path with a slash at both ends, as /bindwise/`);
    return { base: values.base, out: resolve(values.out ?? join(root, 'artifacts/site')), withoutModel: values['without-model'] };
  } catch (error) {
    console.error(`site/build: ${/** @type {Error} */ (error).message}`);
    process.exit(2);
  }
}

/**
 * A folder that is no earlier build is somebody's own.
 * @param {string} folder
 */
function refuseForeign(folder) {
  if (!existsSync(folder) || readdirSync(folder).length === 0 || existsSync(join(folder, 'translations.json')))
    return;
  console.error(`site/build: ${folder} holds something that is no site; name an empty folder`);
  process.exit(2);
}

/**
 * The model as WebAssembly, into play/.
 * @param {string} folder
 */
async function publishModel(folder) {
  await run(join(root, 'eng/browser'), ['--if-changed']);
  cpSync(join(root, 'artifacts/browser/play'), join(folder, 'play'), { recursive: true });
}

/** @param {string} folder */
async function bundlePlayer(folder) {
  await bundle({
    entryPoints: [{ in: join(site, 'player/player.ts'), out: 'play/player' }, { in: join(site, 'player/player.css'), out: 'play/player' },
      { in: join(site, 'pages/site.ts'), out: 'assets/site' },
      { in: join(site, 'pages/site.css'), out: 'assets/site' }],
    outdir: folder, bundle: true, splitting: true, chunkNames: 'play/[name]-[hash]', format: 'esm', target: 'es2022', minify: true,
    external: ['./model.js'], logLevel: 'warning', legalComments: 'linked',
  });
}

/** @param {string} folder */
async function writePages(folder) {
  process.chdir(site);
  const eleventy = new Eleventy('generator/templates', folder, { configPath: 'eleventy.config.js', quietMode: true });
  await eleventy.write();
}

/**
 * @param {string} program
 * @param {string[]} words
 * @returns {Promise<void>}
 */
function run(program, words) {
  return new Promise((done, failed) => {
    spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'] }).on('error', failed)
      .on('exit', code => code === 0 ? done() : failed(new Error(`${program} ended with ${code}`)));
  });
}
