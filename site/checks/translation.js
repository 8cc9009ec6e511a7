// @ts-check
// What can be said for certain about a translation beside its source: that nothing is left out, and that terms are those of the glossary.
// Whether it reads well, a reader has to say.

/** @typedef {{headings: string[], code: string[], items: number, rows: number, links: string[], tags: string[], spans: string[], prose: string}} Parts */

/**
 * @param {string} source Markdown, with or without front matter
 * @param {string} translation
 * @param {Record<string, string>} glossary English term → Chinese
 * @returns {string[]} one sentence for each fault; empty if there is none
 */
export function faultsOf(source, translation, glossary) {
  const [ours, theirs] = [partsOf(source), partsOf(translation)];
  return [
    ...sameSequence('headings', ours.headings, theirs.headings),
    ...sameSequence('blocks of code', ours.code, theirs.code),
    ...sameSequence('tags', ours.tags, theirs.tags),
    ...sameCount('items of lists', ours.items, theirs.items),
    ...sameCount('rows of tables', ours.rows, theirs.rows),
    ...sameSequence('links', ours.links.toSorted(), theirs.links.toSorted()),
    ...absent(ours.spans, theirs.spans).map(span => `the translation lacks \`${span}\``),
    ...strayTerms(ours.prose, theirs.prose, glossary),
  ];
}

/**
 * @param {string} markdown
 * @returns {Parts}
 */
function partsOf(markdown) {
  /** @type {string[]} */
  const code = [];
  const text = markdown.replace(/\r/g, '').replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/^( *)(`{3,})(.*)\n([\s\S]*?)^\1\2 *$/gm, (_, _indent, _fence, info, inner) => {
      code.push(`${info.trim()}\n${withoutComments(inner)}`);
      return '';
    });
  const tags = [...text.matchAll(/<!--[\s\S]*?-->|<[A-Z][^>]*>/g)].map(([tag]) => tag.replace(/ title="[^"]*"/, ''));
  const spans = [...text.matchAll(/(`+)(.+?)\1/gs)].map(match => match[2].replace(/\s+/g, ' ').trim());
  const prose = text.replace(/<!--[\s\S]*?-->|<[A-Z][^>]*>/g, ' ').replace(/(`+)(.+?)\1/gs, ' ');
  return {
    headings: [...text.matchAll(/^(#{1,6}) /gm)].map(match => match[1]),
    code,
    items: [...text.matchAll(/^ *(?:[-*]|\d+\.) /gm)].length,
    rows: [...text.matchAll(/^\|/gm)].length,
    links: [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]),
    tags,
    spans,
    prose: prose.replace(/\[([\w-]+)\]\([^)]*\b\1\.md\)/g, ' ').replace(/\]\([^)]*\)/g, ']').replace(/\s+/g, ' '),
  };
}

/**
 * Comments may be translated, so they do not count.
 * @param {string} code
 */
function withoutComments(code) {
  return code.replace(/\/\*.*?\*\//gs, '').replace(/(^|\s)(?:#|\/\/)(?!!).*$/gm, '').replace(/[ \t]+$/gm, '');
}

/**
 * @param {string} what
 * @param {string[]} ours
 * @param {string[]} theirs
 */
function sameSequence(what, ours, theirs) {
  if (ours.length !== theirs.length)
    return [`the source has ${ours.length} ${what}, the translation ${theirs.length}${difference(ours, theirs)}`];
  const at = ours.findIndex((one, index) => one !== theirs[index]);
  return at < 0 ? [] : [`of the ${what}, the ${at + 1}. differs: ${JSON.stringify(ours[at])} in the source, ${JSON.stringify(theirs[at])} in the translation`];
}

/**
 * @param {string[]} ours
 * @param {string[]} theirs
 */
function difference(ours, theirs) {
  const [missing, extra] = [absent(ours, theirs), absent(theirs, ours)];
  return (missing.length > 0 ? `; it lacks ${JSON.stringify(missing[0])}` : '') + (extra.length > 0 ? `; it adds ${JSON.stringify(extra[0])}` : '');
}

/**
 * @param {string} what
 * @param {number} ours
 * @param {number} theirs
 */
function sameCount(what, ours, theirs) {
  return ours === theirs ? [] : [`the source has ${ours} ${what}, the translation ${theirs}`];
}

/**
 * @param {string[]} wanted
 * @param {string[]} given
 */
function absent(wanted, given) {
  const there = new Set(given);
  return [...new Set(wanted)].filter(one => !there.has(one));
}

/**
 * Terms that the source uses and whose Chinese the translation never does. A longer term hides those within it: "listening socket" is no
 * "socket". What stands in quotes is a message, in capitals a state, before ( a call; a key such as "claim (noun)" is for readers alone.
 * @param {string} ours
 * @param {string} theirs
 * @param {Record<string, string>} glossary
 */
function strayTerms(ours, theirs, glossary) {
  let rest = ours.replace(/"[^"]*"/g, ' ');
  /** @type {string[]} */
  const faults = [];
  for (const term of Object.keys(glossary).toSorted((one, other) => other.length - one.length)) {
    const before = rest;
    rest = rest.replace(wordsOf(term), ' ');
    if (rest !== before && !theirs.includes(glossary[term]))
      faults.push(`the source says "${term}", the translation never "${glossary[term]}", as the glossary has it`);
  }
  return faults;
}

/**
 * The term as whole words, in the plural too, at the beginning of a sentence too.
 * @param {string} term
 */
function wordsOf(term) {
  const [first, ...others] = term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const begin = /[a-z]/i.test(first) ? `[${first.toLowerCase()}${first.toUpperCase()}]` : first;
  return new RegExp(`(?<![\\w-])${begin}${others.join('')}(?:s|es)?(?![\\w-]|\\()`, 'g');
}
