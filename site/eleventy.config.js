// @ts-check
// Eleventy makes the pages of what the loader finds, each at its address. `site/build` starts it with the folder for the pages.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readClaims } from './generator/claims.js';
import { Renderer } from './generator/markdown.js';
import { readSources } from './generator/sources.js';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** @param {any} eleventyConfig */
export default function configure(eleventyConfig) {
  const sources = readSources(root);
  eleventyConfig.setLibrary('md', new Renderer({ root, sources, claims: readClaims(root), sentences: sentences() }));
  eleventyConfig.addGlobalData('sources', sources);
  for (const entry of sources.pages)
    eleventyConfig.addTemplate(entry.file, entry.body, { entry, permalink: entry.address, layout: 'page.11ty.js', tags: 'page' });
  for (const [from, to] of [['site/pages/theme.js', 'assets/theme.js'], ['site/pages/icon.svg', 'assets/icon.svg'], ['docs/pictures', 'docs/pictures'],
    ['docs/schema', 'docs/schema'], ['site/zh/sentences.json', 'play/sentences.json']])
    eleventyConfig.addPassthroughCopy({ [`${root}/${from}`]: to });
  eleventyConfig.setUseGitIgnore(false);
  return { dir: { input: 'generator/templates', layouts: '_layouts' }, markdownTemplateEngine: false };
}

/**
 * The Chinese of sentences that the model says; a sentence that is missing stays English.
 * @returns {Record<string, string>}
 */
function sentences() {
  try {
    return JSON.parse(readFileSync(`${root}/site/zh/sentences.json`, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT')
      return {};
    throw error;
  }
}
