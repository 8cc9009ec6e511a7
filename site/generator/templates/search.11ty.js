// @ts-check
import { searchIndex } from '../search.js';

/** One index a language, after all pages. */
export const data = {
  pagination: { data: 'languages', size: 1, alias: 'language' },
  languages: ['en', 'zh-Hans'],
  eleventyImport: { collections: ['page'] },
  permalink: (/** @type {{language: string}} */ { language }) => `search/${language}.json`,
};

/** @param {{language: string, collections: {page: {data: {entry: import('../sources.js').Page}, content: string}[]}}} data */
export const render = ({ language, collections }) =>
  searchIndex(collections.page.map(({ data: { entry }, content }) => ({ page: entry, html: content })), language);
