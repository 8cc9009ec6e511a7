// @ts-check
// The lines of docs/languages.md by section and language: what <Language> shows.

import { attributeOf } from './headings.js';

/** The names that attributes use, for what stands at a paragraph's beginning and for the words behind a fence. */
const byWord = new Map(Object.entries({
  C: 'c', Python: 'python', 'Node.js': 'node', '.NET': 'dotnet', Go: 'go', Java: 'java', Ruby: 'ruby', Rust: 'rust', PHP: 'php',
}));
const byFence = new Map(Object.entries({
  c: 'c', python: 'python', js: 'node', csharp: 'dotnet', go: 'go', java: 'java', ruby: 'ruby', rust: 'rust', php: 'php',
}));

/**
 * The language of a fence, as data-language names it; undefined for other fences.
 * @param {string} info
 */
export function languageOfFence(info) {
  return byFence.get(info.trim());
}

/**
 * @typedef {object} LanguageLines
 * @property {string} section the anchor of its heading
 * @property {string} language
 * @property {import('markdown-it').Token[]} tokens a paragraph, and the code that belongs to it
 */

/**
 * @param {import('markdown-it').Token[]} tokens of docs/languages.md or its translation, with the headings named
 * @returns {LanguageLines[]}
 */
export function languageLines(tokens) {
  /** @type {LanguageLines[]} */
  const lines = [];
  let section = '';
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token.type === 'heading_open' && token.tag === 'h2')
      section = attributeOf(token, 'id');
    if (token.type === 'fence') {
      const last = lines.at(-1);
      if (last?.section === section && last.language === languageOfFence(token.info))
        last.tokens.push(token);
    }
    const language = token.type === 'paragraph_open' && section !== '' ? startOf(tokens[at + 1].content) : undefined;
    if (language !== undefined)
      lines.push({ section, language, tokens: tokens.slice(at, at + 3) });
  }
  return lines;
}

/** @param {string} text */
function startOf(text) {
  for (const [word, language] of byWord) {
    if (text.startsWith(word) && !/[A-Za-z0-9]/.test(text[word.length] ?? ''))
      return language;
  }
  return undefined;
}
