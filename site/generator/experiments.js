// @ts-check
// The scenarios that pages play: from site/classics, scenarios/programs or scenarios, by their name.
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { relative } from './addresses.js';
import { read } from './sources.js';

/**
 * @typedef {object} Experiment
 * @property {string} name
 * @property {string} text the .bind file
 * @property {string} command what runs it for real: `bindwise lab run NAME` of a program that Bindwise has, else of the saved file
 */

/**
 * @param {string} root
 * @param {string} name
 * @returns {Experiment}
 */
export function experiment(root, name) {
  if (!/^[A-Za-z0-9.-]+$/.test(name))
    throw new Error(`"${name}" is no name of an experiment`);
  const folder = ['site/classics', 'scenarios/programs', 'scenarios'].find(each => existsSync(posix.join(root, each, `${name}.bind`)));
  if (folder === undefined)
    throw new Error(`there is no experiment "${name}": no ${name}.bind in site/classics, scenarios/programs or scenarios`);
  const isBuiltIn = folder === 'scenarios/programs';
  return { name, text: read(root, `${folder}/${name}.bind`), command: `bindwise lab run ${isBuiltIn ? name : `${name}.bind`}` };
}

/**
 * A link that opens a scenario in the player of the page's language: the fragment is that of player/fragment.ts.
 * @param {import('./sources.js').Sources} sources
 * @param {import('./sources.js').Page} page
 * @param {string} text
 */
export function playerLink(sources, page, text) {
  const source = 'site/en/play/index.md';
  const to = (page.language === 'zh-Hans' ? sources.chinese.get(source) : undefined) ?? sources.english.get(source);
  if (to === undefined)
    throw new Error(`${source} is missing`);
  return `${relative(page.address, to.address)}#${Buffer.from(JSON.stringify({ v: 1, text })).toString('base64url')}`;
}
