// @ts-check
// The words of the pages' frame and of the player, English and Chinese, from one file.
import { readFileSync } from 'node:fs';

/** @type {Record<string, string>} */
const chinese = JSON.parse(readFileSync(new URL('../player/words.json', import.meta.url), 'utf8'));

/**
 * @param {string} language
 * @returns {(english: string, ...values: string[]) => string} the words in that language; {0} and so on are filled in
 */
export function wordsFor(language) {
  return (english, ...values) => {
    const words = language === 'en' ? english : chinese[english];
    if (chinese[english] === undefined)
      throw new Error(`site/player/words.json has no "${english}"`);
    return words.replace(/\{(\d)\}/g, (_, index) => values[Number(index)]);
  };
}

/**
 * @param {string} text
 */
export function escapeHtml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
