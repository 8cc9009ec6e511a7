// @ts-check
// What site/check does: each Chinese page against its English source.
import { fileURLToPath } from 'node:url';
import { hashOf, read, readSources } from '../generator/sources.js';
import { faultsOf } from './translation.js';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const sources = readSources(root);
/** @type {Record<string, string>} */
const glossary = JSON.parse(read(root, 'site/glossary.json'));
const faults = Object.entries(sources.translations).flatMap(([address, { source, sha256 }]) => {
  if (hashOf(root, source) !== sha256)
    return [`${address}: ${source} has changed since it was translated`];
  const file = sources.chinese.get(source)?.file ?? '';
  return faultsOf(read(root, source), read(root, file), glossary).map(fault => `${file}: ${fault}`);
});

for (const fault of faults)
  console.error(fault);
console.log(`${Object.keys(sources.translations).length} translated pages, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
