// @ts-check
// Reads what the pages are made of: docs/, site/en, site/zh. Each page has one source; nothing is copied.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { load } from 'js-yaml';
import { addressOf } from './addresses.js';

/**
 * @typedef {object} Page
 * @property {string} file the Markdown that is rendered, relative to the repository
 * @property {string} source the same, of a translation the English file; links are relative to it
 * @property {string} address below the site's root, as zh/causes/time-wait.html
 * @property {'en' | 'zh-Hans'} language
 * @property {string} section its first folder: causes, terms, …; empty for the home page
 * @property {string} title
 * @property {string} description
 * @property {string} body Markdown
 * @property {string | null} other the address of the same page in the other language
 */

/**
 * @typedef {object} Sources
 * @property {Page[]} pages
 * @property {Map<string, Page>} english by source file
 * @property {Map<string, Page>} chinese by source file
 * @property {Record<string, {source: string, sha256: string}>} translations stamps of the Chinese pages, by address
 */

/** @param {string} root the repository's folder */
export function readSources(root) {
  const library = libraryNames(read(root, 'docs/README.md'));
  const own = markdownBelow(root, 'site/en');
  const taken = new Set(own.map(file => /** @type {string} */ (addressOf(file, { library }))));
  /** @type {Page[]} */
  const pages = [];
  /** @type {Sources} */
  const sources = { pages, english: new Map(), chinese: new Map(), translations: {} };
  for (const file of [...own, ...markdownBelow(root, 'docs')]) {
    const address = addressOf(file, { library, taken });
    if (address === null)
      throw new Error(`${file}: no address is known for it (site/generator/addresses.js)`);
    add(sources, sources.english, pageOf(root, file, file, address, 'en'));
  }
  for (const file of existsSync(posix.join(root, 'site/zh')) ? markdownBelow(root, 'site/zh') : [])
    addTranslation(sources, root, file);
  for (const page of pages)
    page.other = (page.language === 'en' ? sources.chinese : sources.english).get(page.source)?.address ?? null;
  return sources;
}

/**
 * @param {Sources} sources
 * @param {string} root
 * @param {string} file
 */
function addTranslation(sources, root, file) {
  const { source, sha256 } = split(read(root, file), file).front;
  const english = sources.english.get(String(source));
  if (typeof source !== 'string' || english === undefined || typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw new Error(`${file}: its front matter needs "source: FILE" of an English page and "sha256: HEX" of that file`);
  const page = pageOf(root, file, source, `zh/${english.address}`, 'zh-Hans');
  sources.translations[page.address] = { source, sha256 };
  add(sources, sources.chinese, page);
}

/**
 * @param {Sources} sources
 * @param {Map<string, Page>} bySource
 * @param {Page} page
 */
function add(sources, bySource, page) {
  const same = sources.pages.find(other => other.address === page.address);
  if (same)
    throw new Error(`${page.file} and ${same.file} have the same address, ${page.address}`);
  sources.pages.push(page);
  bySource.set(page.source, page);
}

/**
 * @param {string} root
 * @param {string} file
 * @param {string} source
 * @param {string} address
 * @param {'en' | 'zh-Hans'} language
 * @returns {Page}
 */
function pageOf(root, file, source, address, language) {
  const { front, content } = split(read(root, file), file);
  const heading = /^# +(.+)$/m.exec(content)?.[1];
  const title = textIn(front, 'title', file) ?? (heading === undefined ? null : plain(heading));
  if (title === null)
    throw new Error(`${file}: it has neither a heading nor a title`);
  const inner = language === 'en' ? address : address.slice('zh/'.length);
  return {
    file, source, address, language, title, other: null,
    section: inner.includes('/') ? inner.slice(0, inner.indexOf('/')) : '',
    description: textIn(front, 'description', file) ?? firstSentence(content),
    body: heading === undefined ? `# ${title}\n\n${content}` : content,
  };
}

/**
 * Front matter and what follows it.
 * @param {string} text
 * @param {string} file
 * @returns {{front: Record<string, unknown>, content: string}}
 */
function split(text, file) {
  const match = /^---\n([^]*?)\n---\n/.exec(text);
  const front = match === null ? {} : load(match[1], { filename: file });
  if (front === null || typeof front !== 'object')
    throw new Error(`${file}: its front matter is no list of names and values`);
  return { front: /** @type {Record<string, unknown>} */ (front), content: text.slice(match?.[0].length ?? 0) };
}

/**
 * @param {Record<string, unknown>} front
 * @param {string} name
 * @param {string} file
 */
function textIn(front, name, file) {
  const value = front[name];
  if (value !== undefined && typeof value !== 'string')
    throw new Error(`${file}: its ${name} is no text`);
  return value;
}

/**
 * The first sentence after the heading, without marks of Markdown: what a search engine shows.
 * @param {string} content
 */
function firstSentence(content) {
  const paragraph = content.split(/\n\s*\n/).map(text => text.trim()).find(text => text !== '' && !/^[#<`|!-]/.test(text)) ?? '';
  const text = plain(paragraph.replace(/\s+/g, ' '));
  return /^.*?(?:\.(?=\s|$)|。)/.exec(text)?.[0] ?? text.slice(0, 160);
}

/**
 * Markdown of one line as text.
 * @param {string} markdown
 */
export function plain(markdown) {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '').replace(/\s*\{#[^}]*\}\s*$/, '').trim();
}

/**
 * The names that docs/README.md lists for people who write .NET.
 * @param {string} index
 */
function libraryNames(index) {
  const list = /^## I write \.NET\n([\s\S]*?)(?=^## )/m.exec(index)?.[1];
  if (list === undefined)
    throw new Error('docs/README.md: the section "I write .NET" is missing, which tells what belongs to the library');
  return new Set([...list.matchAll(/^- \[[^\]]*\]\(([a-z0-9-]+)\.md\)/gm)].map(match => match[1]));
}

/**
 * @param {string} root
 * @param {string} folder
 */
function markdownBelow(root, folder) {
  return readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md')).map(name => posix.join(folder, name.replaceAll('\\', '/'))).sort();
}

/**
 * @param {string} root
 * @param {string} file
 */
export function read(root, file) {
  return readFileSync(posix.join(root, file), 'utf8');
}

/**
 * @param {string} root
 * @param {string} file
 */
export function hashOf(root, file) {
  return createHash('sha256').update(readFileSync(posix.join(root, file))).digest('hex');
}
