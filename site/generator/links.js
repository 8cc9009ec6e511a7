// @ts-check
// Links between source files become links between pages. A link to nothing fails the build.
import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { relative, splitFragment } from './addresses.js';
import { playerLink } from './experiments.js';
import { attributeOf } from './headings.js';
import { read } from './sources.js';
import { wordsFor } from './words.js';

/** Files of docs/ that pages show or link to as they are. */
const served = /^docs\/(pictures|schema)\/[^/]+\.(svg|json)$/;

/**
 * @typedef {object} Target
 * @property {string | null} href null where the site has no page of it
 * @property {boolean} english a page that is English only, linked from a Chinese one
 * @property {string | null} file what to name instead of a link
 */

/**
 * @param {string} root
 * @param {import('./sources.js').Sources} sources
 * @param {import('./sources.js').Page} page where the link stands
 * @param {string} link as it stands in the Markdown
 * @returns {Target}
 */
export function targetOf(root, sources, page, link) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link))
    return { href: link, english: false, file: null };
  const [path, fragment] = splitFragment(link);
  if (path === '')
    return { href: fragment, english: false, file: null };
  const file = posix.normalize(posix.join(posix.dirname(page.source), decodeURI(path)));
  if (file.startsWith('..') || !existsSync(posix.join(root, file)))
    throw new Error(`${page.file}: the link "${link}" leads to nothing (${file})`);
  if (served.test(file))
    return { href: relative(page.address, file), english: false, file: null };
  if (file.endsWith('.bind'))
    return { href: playerLink(sources, page, read(root, file)), english: false, file: null };
  return targetOfPage(root, sources, page, file.replace(/\/$/, ''), fragment);
}

/**
 * @param {string} root
 * @param {import('./sources.js').Sources} sources
 * @param {import('./sources.js').Page} page
 * @param {string} file
 * @param {string} fragment
 * @returns {Target}
 */
function targetOfPage(root, sources, page, file, fragment) {
  const source = statSync(posix.join(root, file)).isDirectory() ? `${file}/README.md` : file;
  const english = sources.english.get(source);
  if (english === undefined)
    return { href: null, english: false, file };
  const chinese = page.language === 'zh-Hans' ? sources.chinese.get(source) : undefined;
  const to = (chinese ?? english).address;
  return {
    href: to === page.address && fragment !== '' ? fragment : relative(page.address, to) + fragment,
    english: page.language === 'zh-Hans' && chinese === undefined, file: null,
  };
}

/**
 * Rewrites the links and pictures of a page's tokens.
 * @param {import('markdown-it').Token[]} tokens
 * @param {string} root
 * @param {import('./sources.js').Sources} sources
 * @param {import('./sources.js').Page} page
 */
export function rewriteLinks(tokens, root, sources, page) {
  for (const token of tokens) {
    if (token.children)
      token.children = rewriteInline(token.children, root, sources, page);
  }
}

/**
 * @param {import('markdown-it').Token[]} children
 * @param {string} root
 * @param {import('./sources.js').Sources} sources
 * @param {import('./sources.js').Page} page
 */
function rewriteInline(children, root, sources, page) {
  /** @type {import('markdown-it').Token[]} */
  const result = [];
  /** @type {Target[]} */
  const open = [];
  for (const token of children) {
    if (token.type === 'image')
      token.attrSet('src', targetOf(root, sources, page, attributeOf(token, 'src')).href ?? '');
    if (token.type === 'link_open') {
      const target = targetOf(root, sources, page, attributeOf(token, 'href'));
      open.push(target);
      if (target.href === null)
        continue;
      mark(token, target);
    }
    if (token.type === 'link_close') {
      const target = /** @type {Target} */ (open.pop());
      const last = result.at(-1);
      if (target.href === null) {
        if (last?.content !== target.file)
          result.push(...fileNote(token, /** @type {string} */ (target.file)));
        continue;
      }
      result.push(token, ...(target.english ? [englishNote(token, page)] : []));
      continue;
    }
    result.push(token);
  }
  return result;
}

/**
 * @param {import('markdown-it').Token} token
 * @param {Target} target
 */
function mark(token, target) {
  token.attrSet('href', /** @type {string} */ (target.href));
  if (/^https?:/.test(target.href ?? ''))
    token.attrSet('rel', 'external noreferrer');
  if (target.english)
    token.attrSet('hreflang', 'en');
}

/**
 * What follows a link that leads to English text from Chinese text.
 * @param {import('markdown-it').Token} like
 * @param {import('./sources.js').Page} page
 */
function englishNote(like, page) {
  return derived(like, 'html_inline', `<span class="english">${wordsFor(page.language)('(English)')}</span>`);
}

/**
 * A file of the repository that the site does not show, named in place of a link.
 * @param {import('markdown-it').Token} like
 * @param {string} file
 */
function fileNote(like, file) {
  return [derived(like, 'text', ' ('), derived(like, 'code_inline', file), derived(like, 'text', ')')];
}

/**
 * @param {import('markdown-it').Token} like
 * @param {string} type
 * @param {string} content
 */
function derived(like, type, content) {
  const token = Object.assign(Object.create(Object.getPrototypeOf(like)), like);
  return Object.assign(token, { type, content, tag: type === 'code_inline' ? 'code' : '', nesting: 0, attrs: null, children: null, markup: '' });
}
