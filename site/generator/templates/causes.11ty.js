// @ts-check
import { causeList } from '../causes.js';

/** What the player's "My error" lists, in each language. */
export const data = {
  pagination: { data: 'languages', size: 1, alias: 'language' },
  languages: ['en', 'zh-Hans'],
  permalink: (/** @type {{language: string}} */ { language }) => `play/causes.${language}.json`,
};

/** @param {{language: string, sources: import('../sources.js').Sources}} data */
export const render = ({ language, sources }) => JSON.stringify(causeList(sources, language));
