// @ts-check
// Markdown to HTML: anchors, links between sources, code with colours, and the three parts that pages of the site may name.
import MarkdownIt from 'markdown-it';
import { partsOf } from './parts.js';
import { colour } from './colours.js';
import { gallery } from './gallery.js';
import { attributeOf, nameHeadings } from './headings.js';
import { languageOfFence } from './languages.js';
import { rewriteLinks } from './links.js';
import { playerLink } from './experiments.js';
import { escapeHtml, wordsFor } from './words.js';

/** Sections whose scenarios are whole, so that a reader can play each of them. */
const playable = new Set(['causes', 'terms', 'rules', 'classics', 'start']);

/**
 * @typedef {object} Site
 * @property {string} root the repository's folder
 * @property {import('./sources.js').Sources} sources
 * @property {Map<string, import('./claims.js').Claim>} claims
 * @property {Record<string, string>} sentences Chinese of the sentences that claims say
 */

/** The renderer of all pages, in the place of Eleventy's own. */
export class Renderer {
  /** @param {Site} site */
  constructor(site) {
    this.site = site;
    this.markdown = new MarkdownIt({ html: false, linkify: false });
    this.markdown.block.ruler.before('html_block', 'part', readPart, { alt: ['paragraph'] });
    this.markdown.core.ruler.push('pages', state => this.#adjust(state));
    this.markdown.renderer.rules.fence = (tokens, at, _options, env) => this.#fence(tokens[at], pageIn(env));
    this.markdown.renderer.rules.part = (tokens, at, _options, env) => this.#part(tokens[at], pageIn(env));
    this.markdown.renderer.rules.table_open = (_tokens, _at, _options, env) =>
      `<div class="wide" role="group" tabindex="0" aria-label="${escapeHtml(wordsFor(pageIn(env).language)('Table'))}"><table>\n`;
    this.markdown.renderer.rules.table_close = () => '</table></div>\n';
    /** @type {Map<string, import('markdown-it').Token[]>} */
    this.parsed = new Map();
  }

  /**
   * A page's tokens, read once for each address that shows them: links are relative to it.
   * @param {import('./sources.js').Page} page
   */
  tokensOf(page) {
    const key = `${page.file} ${page.address}`;
    let tokens = this.parsed.get(key);
    if (tokens === undefined) {
      tokens = this.markdown.parse(page.body, { page });
      this.parsed.set(key, tokens);
    }
    return tokens;
  }

  /**
   * What Eleventy asks for: a page's HTML.
   * @param {string} _body
   * @param {{entry: import('./sources.js').Page}} data
   */
  render(_body, { entry }) {
    const tokens = this.tokensOf(entry);
    return entry.source === 'docs/claims.md' ? gallery(this, entry, tokens) : this.html(tokens, entry);
  }

  /**
   * @param {import('markdown-it').Token[]} tokens
   * @param {import('./sources.js').Page} page
   */
  html(tokens, page) {
    return this.markdown.renderer.render(tokens, this.markdown.options, { page });
  }

  /** @param {import('markdown-it').StateCore} state */
  #adjust(state) {
    const page = pageIn(state.env);
    const english = page.language === 'en' ? undefined : this.site.sources.english.get(page.source);
    const ofSource = english === undefined ? [] : this.tokensOf(english).filter(token => token.type === 'heading_open');
    nameHeadings(state.tokens, english === undefined ? null : ofSource.map(token => attributeOf(token, 'id')));
    alignByClass(state.tokens);
    emptyCells(state.tokens);
    rewriteLinks(state.tokens, this.site.root, this.site.sources, page);
  }

  /**
   * @param {import('markdown-it').Token} token
   * @param {import('./sources.js').Page} page
   */
  #fence(token, page) {
    const words = wordsFor(page.language);
    const info = token.info.trim();
    const language = languageOfFence(info);
    const code = `<pre tabindex="0"${language === undefined ? '' : ` data-language="${language}"`}>`
      + `<code>${colour(token.content, info)}</code></pre>\n`;
    if (info !== 'bind' || !playable.has(page.section))
      return code;
    const link = playerLink(this.site.sources, page, token.content);
    return `<div class="scenario">${code}<p><a class="play" href="${link}">${escapeHtml(words('Play this scenario'))}</a></p></div>\n`;
  }

  /**
   * @param {import('markdown-it').Token} token
   * @param {import('./sources.js').Page} page
   */
  #part(token, page) {
    const { name, attributes } = /** @type {{name: string, attributes: Record<string, string>}} */ (token.meta);
    const part = Object.hasOwn(partsOf, name) ? partsOf[/** @type {keyof typeof partsOf} */ (name)] : undefined;
    if (part === undefined)
      throw new Error(`${page.file}: <${name}> is not one of ${Object.keys(partsOf).join(', ')}`);
    return part(this, page, attributes);
  }
}

/**
 * The page that is being read or written, which travels with markdown-it's calls.
 * @param {unknown} env
 */
function pageIn(env) {
  return /** @type {{page: import('./sources.js').Page}} */ (env).page;
}

/**
 * A column's side as a class, in place of the style that the policy refuses.
 * @param {import('markdown-it').Token[]} tokens
 */
function alignByClass(tokens) {
  for (const token of tokens.filter(each => each.type === 'th_open' || each.type === 'td_open')) {
    const side = /^text-align:(\w+)$/.exec(attributeOf(token, 'style'))?.[1];
    token.attrs = token.attrs?.filter(([name]) => name !== 'style') ?? null;
    if (side !== undefined)
      token.attrJoin('class', `to-${side}`);
  }
}

/**
 * A heading that says nothing is a cell: above a column of rows' names there is none.
 * @param {import('markdown-it').Token[]} tokens
 */
function emptyCells(tokens) {
  for (const [at, token] of tokens.entries()) {
    if (token.type === 'th_open' && tokens[at + 1].content === '')
      token.tag = tokens[at + 2].tag = 'td';
  }
}

/**
 * A line such as <Player experiment="retry.works" title="What works" />.
 * @param {import('markdown-it').StateBlock} state
 * @param {number} start
 * @param {number} _end
 * @param {boolean} silent
 */
function readPart(state, start, _end, silent) {
  const line = state.src.slice(state.bMarks[start] + state.tShift[start], state.eMarks[start]).trim();
  const match = /^<([A-Z][A-Za-z]*)((?:\s+[a-z-]+="[^"]*")*)\s*\/>$/.exec(line);
  if (match === null)
    return false;
  if (silent)
    return true;
  const token = state.push('part', '', 0);
  token.meta = {
    name: match[1],
    attributes: Object.fromEntries([...match[2].matchAll(/([a-z-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
  };
  token.map = [start, start + 1];
  state.line = start + 1;
  return true;
}
