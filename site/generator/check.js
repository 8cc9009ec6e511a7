// @ts-check
// Looks at every page that was written, as a browser would: each link and fragment leads somewhere, nothing comes from another server, and
// nothing stands in a page that its policy would refuse, or a screen reader would stumble over.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parse } from 'parse5';
import { splitFragment } from './addresses.js';

/**
 * @typedef {object} Written
 * @property {Set<string>} ids
 * @property {{attribute: string, to: string}[]} references
 * @property {string[]} faults
 */

/**
 * @param {string} folder
 * @param {string} base the path below which the site is served
 * @returns {{faults: string[], pages: number, links: number}}
 */
export function checkSite(folder, base) {
  const addresses = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(name => name.replaceAll('\\', '/'))
    .filter(name => name.endsWith('.html') && !name.startsWith('play/_')).sort();
  const pages = new Map(addresses.map(address => [address, readPage(readFileSync(join(folder, address), 'utf8'))]));
  /** @type {string[]} */
  const faults = [];
  let links = 0;
  for (const [address, page] of pages) {
    faults.push(...page.faults.map(fault => `${address}: ${fault}`));
    for (const { attribute, to } of page.references) {
      links++;
      const fault = faultOf(folder, base, pages, address, to, attribute);
      if (fault !== null)
        faults.push(`${address}: ${attribute}="${to}" ${fault}`);
    }
  }
  return { faults: [...new Set(faults)], pages: pages.size, links };
}

/**
 * @param {string} folder
 * @param {string} base
 * @param {Map<string, Written>} pages
 * @param {string} address
 * @param {string} to
 * @param {string} attribute
 * @returns {string | null}
 */
function faultOf(folder, base, pages, address, to, attribute) {
  if (/^[a-z][a-z0-9+.-]*:/i.test(to) || to.startsWith('//'))
    return attribute === 'href' && /^https?:/.test(to) ? null : 'asks another server';
  const [path, fragment] = splitFragment(to);
  const file = path === '' ? address
    : path.startsWith('/') ? (path.startsWith(base) ? path.slice(base.length) : null) : posix.join(posix.dirname(address), decodeURI(path));
  if (file === null || file.startsWith('..'))
    return `leaves the site at ${base}`;
  if (!existsSync(join(folder, file)) || statSync(join(folder, file)).isDirectory())
    return 'leads to nothing';
  const page = pages.get(file);
  // The fragment of the player's page is the player's state.
  if (fragment.length > 1 && page !== undefined && !/(^|\/)play\/index\.html$/.test(file) && !page.ids.has(decodeURIComponent(fragment.slice(1))))
    return 'names no part of that page';
  return null;
}

/**
 * @param {string} html
 * @returns {Written}
 */
function readPage(html) {
  /** @type {Written} */
  const page = { ids: new Set(), references: [], faults: [] };
  /** @type {any[]} */
  const nodes = [parse(html)];
  let policy = '';
  let languages = 0;
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    nodes.push(...(node.childNodes ?? []));
    const attributes = Object.fromEntries((node.attrs ?? []).map((/** @type {{name: string, value: string}} */ { name, value }) => [name, value]));
    if (attributes.id !== undefined && page.ids.size === page.ids.add(attributes.id).size)
      page.faults.push(`the id "${attributes.id}" stands twice`);
    for (const attribute of ['href', 'src', 'srcset', 'action', 'poster', 'data'].filter(name => attributes[name] !== undefined))
      page.references.push({ attribute, to: attributes[attribute] });
    if (node.nodeName === 'style' || (node.nodeName === 'script' && attributes.src === undefined))
      page.faults.push(`<${node.nodeName}> inline`);
    for (const name of Object.keys(attributes).filter(each => each === 'style' || each.startsWith('on')))
      page.faults.push(`the attribute ${name} on <${node.nodeName}>`);
    if (node.nodeName === 'meta' && attributes['http-equiv']?.toLowerCase() === 'content-security-policy')
      policy = attributes.content ?? '';
    if (node.nodeName === 'th' && (node.childNodes ?? []).length === 0)
      page.faults.push('<th> is empty');
    if (node.nodeName === 'html')
      languages += /^(en|zh-Hans)$/.test(attributes.lang ?? '') ? 1 : 0;
  }
  if (!/base-uri/.test(policy) || /unsafe-inline|'unsafe-eval'|\*|https?:/.test(policy))
    page.faults.push('its policy is missing, or lets too much in');
  if (languages !== 1)
    page.faults.push('it does not say its language');
  return page;
}
