// @ts-check
// What site/check does: each Chinese page against its English source.
import { fileURLToPath } from 'node:url';
import { hashOf, readSources } from '../generator/sources.js';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const sources = readSources(root);
const faults = Object.entries(sources.translations).flatMap(([address, { source, sha256 }]) =>
  hashOf(root, source) === sha256 ? [] : [`${address}: ${source} has changed since it was translated`]);

for (const fault of faults)
  console.error(fault);
console.log(`${Object.keys(sources.translations).length} translated pages, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
