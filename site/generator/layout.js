// @ts-check
// The frame around each page. Nothing in it runs or styles inline, so that the policy can refuse whatever does.
import { relative } from './addresses.js';
import { escapeHtml, wordsFor } from './words.js';

/** The parts of the site, in the order of the navigation: where each is, and its name; of two with one name the first that there is. */
const navigation = [
  ['start/index.html', 'Start here'], ['causes/index.html', 'Causes'], ['terms/index.html', 'Terms'], ['classics/index.html', 'Classics'], ['classics/server-broken.html', 'Classics'],
  ['claims/index.html', 'Claims'], ['rules/index.html', 'Rules'], ['guides/index.html', 'Guides'], ['guides/run.html', 'Guides'], ['library/index.html', 'Library'],
  ['play/index.html', 'Player'],
];

/** What a page may load: its own site's files, and WebAssembly only where the model is. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";
const playerPolicy = policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
  .replace("img-src 'self'", "img-src 'self' blob:") + "; worker-src 'self'";

/** @typedef {import('./sources.js').Page} Page */

/**
 * A whole page.
 * @param {Page} page
 * @param {Page[]} pages all pages
 * @param {string} content the page's own HTML
 */
export function layout(page, pages, content) {
  const words = wordsFor(page.language);
  const text = (/** @type {string} */ english) => escapeHtml(words(english));
  const at = (/** @type {string} */ address) => relative(page.address, address);
  const plays = content.includes('class="player"');
  const title = page.address.endsWith('index.html') && page.section === '' ? page.title : `${page.title} · Bindwise`;
  return `<!doctype html>
<html lang="${page.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${plays ? playerPolicy : policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<meta name="description" content="${escapeHtml(page.description)}">
<script src="${at('assets/theme.js')}"></script>
<link rel="stylesheet" href="${at('assets/site.css')}">${plays ? `\n<link rel="stylesheet" href="${at('play/player.css')}">` : ''}
<link rel="icon" type="image/svg+xml" href="${at('assets/icon.svg')}">
${alternates(page)}<script type="module" src="${at('assets/site.js')}"></script>${plays ? `\n<script type="module" src="${at('play/player.js')}"></script>` : ''}
</head>
<body data-section="${page.section}">
<a class="skip" href="#content">${text('Skip to the content')}</a>
<header class="top">
<a class="brand" href="${at(home(page, pages))}"><span aria-hidden="true">⇥</span> Bindwise</a>
<nav aria-label="${text('Main')}"><ul>${navigation.filter(([to, name]) => firstOf(pages, name) === to).map(([to, name]) => navigationLink(page, pages, to, name)).join('')}</ul></nav>
<div class="tools">
<button type="button" id="search-button" hidden>${text('Search')}</button>
${switchLink(page)}<button type="button" id="theme-button" aria-pressed="false" hidden>${text('Dark')}</button>
</div>
</header>
<div class="frame${page.section === 'play' ? ' wide-frame' : ''}">
<main id="content" tabindex="-1">
${content}${source(page)}</main>
${aside(page, pages, content)}</div>
<footer><p>${text('Bindwise explains, fixes and prevents "Address already in use". This site asks no other server, sets no cookie and uploads nothing.')}</p></footer>
</body>
</html>
`;
}

/**
 * The home page in the page's language, as far as it is translated.
 * @param {Page} page
 * @param {Page[]} pages
 */
function home(page, pages) {
  return page.language !== 'en' && pages.some(each => each.address === 'zh/index.html') ? 'zh/index.html' : 'index.html';
}

/** @param {Page} page */
function alternates(page) {
  if (page.other === null)
    return '';
  const [english, chinese] = page.language === 'en' ? [page.address, page.other] : [page.other, page.address];
  return [['en', english], ['zh-Hans', chinese]]
    .map(([language, address]) => `<link rel="alternate" hreflang="${language}" href="${relative(page.address, address)}">\n`).join('');
}

/**
 * The same page in the other language; of a page without one, nothing.
 * @param {Page} page
 */
function switchLink(page) {
  if (page.other === null)
    return '';
  const [name, language] = page.language === 'en' ? ['简体中文', 'zh-Hans'] : ['English', 'en'];
  return `<a class="switch" id="language-link" lang="${language}" hreflang="${language}" rel="alternate" href="${relative(page.address, page.other)}">${name}</a>\n`;
}

/**
 * @param {Page[]} pages
 * @param {string} name
 */
function firstOf(pages, name) {
  return navigation.find(([to, each]) => each === name && pages.some(page => page.address === to))?.[0];
}

/**
 * @param {Page} page
 * @param {Page[]} pages
 * @param {string} to
 * @param {string} name
 */
function navigationLink(page, pages, to, name) {
  const words = wordsFor(page.language);
  const english = /** @type {Page} */ (pages.find(each => each.address === to));
  const address = page.language === 'en' ? to : english.other ?? to;
  const isEnglish = page.language !== 'en' && english.other === null;
  const section = to.slice(0, to.indexOf('/'));
  const current = address === page.address ? ' aria-current="page"' : section === page.section ? ' aria-current="true"' : '';
  return `<li><a href="${relative(page.address, address)}"${current}${isEnglish ? ' hreflang="en"' : ''}>${escapeHtml(words(name))}</a>`
    + `${isEnglish ? `<span class="english">${escapeHtml(words('(English)'))}</span>` : ''}</li>`;
}

/**
 * What stands beside the content: the page's parts, and the pages of its section.
 * @param {Page} page
 * @param {Page[]} pages
 * @param {string} content
 */
function aside(page, pages, content) {
  const words = wordsFor(page.language);
  const parts = [...content.matchAll(/<h2 id="([^"]*)">([^]*?)<\/h2>/g)].map(([, id, html]) => ({ id, html }));
  const siblings = pages.filter(each => each.section === page.section && each.language === page.language && each.address.endsWith('.html'))
    .sort((one, other) => placeOf(one) - placeOf(other));
  const contents = parts.length < 3 ? '' : `<nav aria-label="${escapeHtml(words('On this page'))}"><p>${escapeHtml(words('On this page'))}</p>`
    + `<ul>${parts.map(part => `<li><a href="#${part.id}">${part.html.replace(/<\/?a\b[^>]*>/g, '')}</a></li>`).join('')}</ul></nav>\n`;
  const section = page.section === '' || siblings.length < 2 ? '' : `<nav aria-label="${escapeHtml(words('In this section'))}"><p>${escapeHtml(words('In this section'))}</p>`
    + `<ul>${siblings.map(each => `<li><a href="${relative(page.address, each.address)}"${each === page ? ' aria-current="page"' : ''}>${escapeHtml(each.title)}</a></li>`).join('')}</ul></nav>\n`;
  return contents + section === '' ? '' : `<aside class="beside">\n${contents}${section}</aside>\n`;
}

/** The classics, in the order in which one leads to the next. */
const classics = [
  'server-broken', 'addressused', 'addressused2', 'reusable-tcp-server', 'time-wait-meter', 'simultaneous-close', 'closing', 'lsof-shows-nothing',
  'three-services', 'bind-matrix', 'option-before-bind', 'retry', 'port-0', 'so-linger', 'tcp-tw-reuse', 'isn-and-old-duplicates', '64k-connections',
];

/**
 * Where a page stands among those of its section: the index first, classics in their order, all others as they come.
 * @param {Page} page
 */
function placeOf(page) {
  const name = /([^/]+)\.html$/.exec(page.address)?.[1] ?? '';
  return name === 'index' ? -1 : page.section === 'classics' ? classics.indexOf(name) : 0;
}

/** @param {Page} page */
function source(page) {
  return `<p class="source">${escapeHtml(wordsFor(page.language)('Source') + wordsFor(page.language)(': '))}<code>${escapeHtml(page.file)}</code></p>\n`;
}
