// @ts-check
// Claims and their verdicts on Linux, from scenarios/claims: the same files that `bindwise lab prove` plays.
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { read } from './sources.js';

/**
 * @typedef {object} ClaimCase
 * @property {string} name
 * @property {string} when its circumstances, a sentence's part
 * @property {string} text its scenario
 *
 * @typedef {object} Claim
 * @property {string} id
 * @property {string} says
 * @property {'true' | 'false' | 'conditional' | 'unknown'} verdict on Linux
 * @property {ClaimCase[]} holdsIn of a conditional claim the cases in which it holds
 * @property {ClaimCase[]} cases
 */

/**
 * All claims, by id.
 * @param {string} root
 * @returns {Map<string, Claim>}
 */
export function readClaims(root) {
  const folder = 'scenarios/claims';
  const claims = readdirSync(posix.join(root, folder)).filter(name => name.endsWith('.bind')).sort()
    .map(name => claimOf(read(root, `${folder}/${name}`), `${folder}/${name}`));
  return new Map(claims.map(claim => [claim.id, claim]));
}

/**
 * @param {string} text
 * @param {string} file
 * @returns {Claim}
 */
export function claimOf(text, file) {
  const [head, ...parts] = text.split(/^(?=case )/m);
  const cases = parts.map(part => caseOf(part, file));
  const id = /^claim (\S+)$/m.exec(head)?.[1];
  const says = /^says (".*")$/m.exec(head)?.[1];
  const verdict = /^verdict on [a-z ]*\blinux\b[a-z ]*: (true|false|conditional|unknown)(?: in (.+))?$/m.exec(head);
  if (id === undefined || says === undefined || verdict === null)
    throw new Error(`${file}: "claim", "says" or "verdict on linux" is missing`);
  const names = verdict[2]?.trim().split(/\s+/) ?? [];
  const holdsIn = names.map(name => {
    const found = cases.find(each => each.name === name);
    if (found === undefined)
      throw new Error(`${file}: its verdict names the case "${name}", which it does not have`);
    return found;
  });
  return { id, says: unquoted(says), verdict: /** @type {Claim['verdict']} */ (verdict[1]), holdsIn, cases };
}

/**
 * @param {string} part
 * @param {string} file
 * @returns {ClaimCase}
 */
function caseOf(part, file) {
  const head = /^case (\S+) (".*")\n/.exec(part);
  if (head === null)
    throw new Error(`${file}: a case without a name or its circumstances: ${part.slice(0, 60)}`);
  return { name: head[1], when: unquoted(head[2]), text: part.slice(head[0].length).trimEnd() + '\n' };
}

/** @param {string} quoted */
function unquoted(quoted) {
  return quoted.slice(1, -1).replace(/\\(["\\])/g, '$1');
}
