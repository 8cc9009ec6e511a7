// @ts-check
// Reads a scenario's text for its colours alone: what is wrong, only the model tells.
import { flags, options, particles, protocols, results, statements, states } from './grammar.js';

/**
 * @typedef {'plain' | 'comment' | 'keyword' | 'option' | 'address' | 'number' | 'result' | 'rule' | 'arrow' | 'string' | 'name'} Kind
 * @typedef {{kind: Kind, text: string}} Token
 */

/** @type {Map<string, Kind>} */
const kinds = new Map([
  ...[...statements, ...protocols, ...particles].map(word => /** @type {[string, Kind]} */ ([word, 'keyword'])),
  ...[...Object.keys(flags), ...options].map(word => /** @type {[string, Kind]} */ ([word, 'option'])),
  ...[...results, ...states, 'EXPECT'].map(word => /** @type {[string, Kind]} */ ([word, 'result'])),
]);

const pieces = new RegExp([
  '(?<comment>#[^\\n]*)', '(?<string>"(?:\\\\.|[^"\\\\\\n])*"?)', '(?<arrow>->)', '(?<blank>\\s+|[=;,])',
  '(?<address>\\[[0-9A-Fa-f:.]+(?:%\\w+)?\\](?::(?:\\d+|auto))?|\\d+\\.\\d+\\.\\d+\\.\\d+(?::(?:\\d+|auto))?)',
  '(?<number>\\d+(?:\\.\\d+)?(?:ms|s|m|h|KiB|MiB|GiB)?(?![\\w.-]))', '(?<word>[\\w.-]+)', '(?<other>[^])',
].join('|'), 'gu');

/**
 * The text in pieces; together they are the text again.
 * @param {string} text
 * @returns {Token[]}
 */
export function tokensOf(text) {
  return [...text.matchAll(pieces)].map(match => ({ kind: kindOf(match.groups ?? {}), text: match[0] }));
}

/**
 * @param {Record<string, string | undefined>} groups
 * @returns {Kind}
 */
function kindOf(groups) {
  if (groups.word !== undefined)
    return kinds.get(groups.word) ?? (/^BW\w+$/.test(groups.word) ? 'rule' : /^E[A-Z]{3,}$/.test(groups.word) ? 'result' : 'name');
  const kind = ['comment', 'string', 'arrow', 'address', 'number'].find(each => groups[each] !== undefined);
  return /** @type {Kind | undefined} */ (kind) ?? 'plain';
}
