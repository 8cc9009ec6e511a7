// @ts-check
// Words of a text to search for. Chinese has no blanks between words: two characters that follow each other are a word there.

const words = /[\p{Script=Han}]+|[\p{L}\p{N}_]+/gu;

/**
 * @param {string} text
 * @returns {string[]}
 */
export function termsOf(text) {
  return [...text.matchAll(words)].flatMap(([word]) => /\p{Script=Han}/u.test(word) ? pairsOf([...word]) : [word.toLowerCase()]);
}

/** @param {string[]} characters */
function pairsOf(characters) {
  return characters.length === 1 ? characters : characters.slice(1).map((character, at) => characters[at] + character);
}

/** What the index of a language keeps, and how it is asked: the same when it is made and when it is read. */
export const indexOptions = {
  fields: ['title', 'heading', 'text'],
  storeFields: ['title', 'heading', 'address', 'start', 'english'],
  tokenize: termsOf,
  processTerm: (/** @type {string} */ term) => term,
  searchOptions: { boost: { title: 4, heading: 2 }, prefix: true, fuzzy: (/** @type {string} */ term) => term.length > 4 ? 0.2 : false, combineWith: /** @type {const} */ ('AND') },
};

/**
 * What has all terms of a query, else what has most: of a phrase that no page has, such as 端口已被占用, some pairs of characters are no word.
 * @param {import('minisearch').default} index
 * @param {string} query
 */
export function search(index, query) {
  const found = index.search(query);
  return found.length > 0 ? found : index.search(query, { combineWith: 'OR' });
}
