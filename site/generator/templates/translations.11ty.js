// @ts-check
export const data = { permalink: 'translations.json' };

/** @param {{sources: import('../sources.js').Sources}} data */
export const render = ({ sources }) => `${JSON.stringify(sources.translations, null, 2)}\n`;
