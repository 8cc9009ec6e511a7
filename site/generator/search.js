// @ts-check
// The index of each language: every part of every page, by its heading. It is made here, and read by assets/search.js when a reader asks.
import MiniSearch from 'minisearch';
import { indexOptions } from '../pages/search-terms.js';

/**
 * @typedef {object} Part
 * @property {string} address with the fragment of its heading
 * @property {string} title of the page
 * @property {string} heading empty for what stands before the first
 * @property {string} text
 * @property {string} start the beginning of the text, which results show
 * @property {boolean} english English text among Chinese results
 * @property {number} id
 */

/**
 * The index of a language as JSON. What is not translated is in the Chinese one too, and marked.
 * @param {{page: import('./sources.js').Page, html: string}[]} rendered
 * @param {string} language
 */
export function searchIndex(rendered, language) {
  const shown = rendered.filter(({ page }) => page.language === language || (language !== 'en' && page.language === 'en' && page.other === null));
  const parts = shown.flatMap(({ page, html }) => partsOf(page, html, page.language !== language)).map((part, id) => ({ ...part, id }));
  const index = new MiniSearch(indexOptions);
  index.addAll(parts);
  return JSON.stringify(index);
}

/**
 * @param {import('./sources.js').Page} page
 * @param {string} html its content
 * @param {boolean} english
 * @returns {Omit<Part, 'id'>[]}
 */
function partsOf(page, html, english) {
  const pieces = html.split(/(?=<h[23] id="|<section class="claim" id=")/);
  return pieces.flatMap((piece, at) => {
    const id = at === 0 ? undefined : /^<\w+[^>]* id="([^"]*)"/.exec(piece)?.[1];
    const heading = id === undefined ? '' : textOf(/<h[23][^>]*>([^]*?)<\/h[23]>/.exec(piece)?.[1] ?? '');
    const text = textOf(piece.replace(/<h[123][^>]*>[^]*?<\/h[123]>/, ' '));
    return text === '' && heading === '' ? [] : [{
      address: id === undefined ? page.address : `${page.address}#${id}`, title: page.title, heading, text,
      start: text.length > 160 ? `${text.slice(0, 160)}…` : text, english,
    }];
  });
}

/** @type {Record<string, string>} */
const named = { lt: '<', gt: '>', quot: '"', amp: '&', nbsp: ' ' };

/** @param {string} html */
function textOf(html) {
  return html.replace(/<[^>]*>/g, ' ')
    .replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (reference, hex, decimal, name) =>
      name === undefined ? String.fromCodePoint(parseInt(hex ?? decimal, hex === undefined ? 10 : 16)) : named[name] ?? reference)
    .replace(/\s+/g, ' ').trim();
}
