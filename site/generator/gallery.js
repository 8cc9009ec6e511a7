// @ts-check
// The claims' page: docs/claims.md, with each claim an element that has its id and verdict, and its cases to play.
import { playerLink } from './experiments.js';
import { attributeOf } from './headings.js';
import { escapeHtml, wordsFor } from './words.js';

/**
 * Puts each claim's part of the page into a section of its own, which takes over the heading's id.
 * @param {import('./markdown.js').Renderer} renderer
 * @param {import('./sources.js').Page} page
 * @param {import('markdown-it').Token[]} tokens
 * @returns {string}
 */
export function gallery(renderer, page, tokens) {
  const { claims, sources } = renderer.site;
  const words = wordsFor(page.language);
  let html = '';
  /** @type {import('markdown-it').Token[]} */
  let part = [];
  let open = '';
  const end = () => {
    html += renderer.html(part, page);
    part = [];
    if (open !== '') {
      const links = /** @type {import('./claims.js').Claim} */ (claims.get(open)).cases
        .map(each => `<li><a class="play" href="${playerLink(sources, page, each.text)}">${escapeHtml(each.when)}</a></li>`).join('');
      html += `<p>${escapeHtml(words('Play it:'))}</p><ul class="cases">${links}</ul></section>\n`;
    }
    open = '';
  };
  for (const token of tokens) {
    const id = token.type === 'heading_open' ? attributeOf(token, 'id') : '';
    if (token.type === 'heading_open' && (open !== '' || claims.has(id)))
      end();
    if (claims.has(id) && token.tag === 'h3') {
      open = id;
      token.attrs = null;
      html += `<section class="claim" id="${id}" data-claim="${id}" data-verdict="${claims.get(id)?.verdict}">\n`;
    }
    part.push(token);
  }
  end();
  return html;
}
