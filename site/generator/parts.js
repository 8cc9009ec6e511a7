// @ts-check
// What a page's Markdown may name: <Player>, <Claim>, <Language>.
import { relative } from './addresses.js';
import { colourScenario } from './colours.js';
import { experiment } from './experiments.js';
import { languageLines } from './languages.js';
import { escapeHtml, wordsFor } from './words.js';

/** @typedef {(renderer: import('./markdown.js').Renderer, page: import('./sources.js').Page, attributes: Record<string, string>) => string} Part */

/**
 * A player of one experiment, in a region with the title as its name. Without scripts it is the scenario's text.
 * @type {Part}
 */
const player = (renderer, page, attributes) => {
  const words = wordsFor(page.language);
  const { text, command, name } = experiment(renderer.site.root, required(page, 'Player', attributes, 'experiment'));
  const title = required(page, 'Player', attributes, 'title');
  const tabs = page.section === 'play' || page.section === '' ? 'scenario if matrix error' : 'scenario if';
  const group = `<div class="player" role="group" aria-label="${escapeHtml(words('Player'))}" aria-busy="true" data-experiment="${escapeHtml(name)}"`
    + ` data-tabs="${tabs}" data-command="${escapeHtml(command)}" data-place="${page.section === 'play' ? 'page' : 'part'}">`
    + `<pre tabindex="0"><code>${colourScenario(text)}</code></pre><p class="command"><code>${escapeHtml(command)}</code></p></div>`;
  if (page.section === 'play')
    return `${group}\n`;
  return `<section class="experiment" aria-label="${escapeHtml(title)}"><p class="experiment-title">${escapeHtml(title)}</p>\n${group}</section>\n`;
};

/**
 * A claim's sentence and its verdict on Linux.
 * @type {Part}
 */
const claim = (renderer, page, attributes) => {
  const words = wordsFor(page.language);
  const id = required(page, 'Claim', attributes, 'id');
  const gallery = renderer.site.sources.english.get('docs/claims.md');
  const said = claimOf(renderer, page, id);
  const href = `${relative(page.address, gallery?.address ?? '')}#${id}`;
  const isEnglish = page.language === 'en';
  return `<div class="claim told" data-claim="${id}" data-verdict="${said.verdict}">`
    + `<p class="says"><q>${sentence(renderer, page, said.says)}</q></p><p>${verdictOf(renderer, page, id)} `
    + `<a href="${href}"${isEnglish ? '' : ' hreflang="en"'}>${escapeHtml(words('Why'))}`
    + `${isEnglish ? '' : `<span class="english">${escapeHtml(words('(English)'))}</span>`}</a></p></div>\n`;
};

/**
 * The lines of docs/languages.md of one section, one language, or both.
 * @type {Part}
 */
const language = (renderer, page, attributes) => {
  const source = 'docs/languages.md';
  const english = renderer.site.sources.english.get(source);
  const from = (page.language === 'zh-Hans' ? renderer.site.sources.chinese.get(source) : undefined) ?? english;
  if (from === undefined)
    throw new Error(`${source} is missing`);
  const { name, section } = attributes;
  const shown = { ...from, address: page.address };
  const lines = languageLines(renderer.tokensOf(shown))
    .filter(each => (name === undefined || each.language === name) && (section === undefined || each.section === section));
  if (lines.length === 0)
    throw new Error(`${page.file}: ${source} has no lines for ${JSON.stringify(attributes)}`);
  return lines.map(each => `<div class="language" data-language="${each.language}"${from.language === page.language ? '' : ' lang="en"'}>\n`
    + `${renderer.html(each.tokens, shown)}</div>\n`).join('');
};

/** @type {{Player: Part, Claim: Part, Language: Part}} */
export const partsOf = { Player: player, Claim: claim, Language: language };

/**
 * @param {import('./markdown.js').Renderer} renderer
 * @param {import('./sources.js').Page} page
 * @param {string} id
 */
export function claimOf(renderer, page, id) {
  const found = renderer.site.claims.get(id);
  if (found === undefined)
    throw new Error(`${page.file}: there is no claim "${id}" in scenarios/claims`);
  return found;
}

/**
 * The verdict as people read it: True, False, True if …
 * @param {import('./markdown.js').Renderer} renderer
 * @param {import('./sources.js').Page} page
 * @param {string} id
 */
export function verdictOf(renderer, page, id) {
  const words = wordsFor(page.language);
  const { verdict, holdsIn } = claimOf(renderer, page, id);
  const mark = { true: '✓', false: '✗', conditional: '◐', unknown: '?' }[verdict];
  const verb = { true: 'True', false: 'False', conditional: 'True if', unknown: 'Unknown' }[verdict];
  const condition = holdsIn.map(each => sentence(renderer, page, each.when)).join(escapeHtml(words('; or ')));
  return `<strong class="verdict"><span aria-hidden="true">${mark}</span> ${escapeHtml(words(verb))}</strong>${condition === '' ? '' : ` ${condition}`}`;
}

/**
 * A sentence that a claim's file says, in the page's language where it has been translated; else it says that it is English.
 * @param {import('./markdown.js').Renderer} renderer
 * @param {import('./sources.js').Page} page
 * @param {string} english
 */
function sentence(renderer, page, english) {
  const translated = page.language === 'en' ? english : renderer.site.sentences[english];
  return translated === undefined ? `<span lang="en">${escapeHtml(english)}</span>` : escapeHtml(translated);
}


/**
 * @param {import('./sources.js').Page} page
 * @param {string} part
 * @param {Record<string, string>} attributes
 * @param {string} name
 */
function required(page, part, attributes, name) {
  const value = attributes[name];
  if (value === undefined || value === '')
    throw new Error(`${page.file}: <${part}> needs ${name}="…"`);
  return value;
}
