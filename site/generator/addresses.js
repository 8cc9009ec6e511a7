// @ts-check
// Which file of the repository becomes which page. Paths are relative to the repository's root, with slashes; addresses to the site's.
import { posix } from 'node:path';

/** The guides, by the names that details-site.md gives them, that docs/ has a page of its own for. */
const guides = new Set(['run', 'hold', 'hand-over']);

/** Folders of docs/ that keep their name, with README.md as their index. */
const folders = /^docs\/(causes|terms|rules)\/([^/]+)\.md$/;

/** @param {string} name */
const page = name => (name === 'README' ? 'index' : name) + '.html';

/**
 * Where a source file's page stands; null if it has none.
 * @param {string} source a path such as docs/causes/time-wait.md
 * @param {{library: Set<string>, taken?: Set<string>}} known names of docs/ that belong to the library, and addresses that site/en has itself
 * @returns {string | null}
 */
export function addressOf(source, { library, taken = new Set() }) {
  const own = /^site\/en\/(.+)\.md$/.exec(source);
  if (own)
    return own[1] + '.html';
  const folder = folders.exec(source);
  if (folder)
    return `${folder[1]}/${page(folder[2])}`;
  const reference = /^docs\/reference\/([^/]+)\.md$/.exec(source);
  if (reference)
    return `library/reference/${reference[1]}.html`;
  const plain = /^docs\/([^/]+)\.md$/.exec(source);
  if (!plain)
    return null;
  const preferred = preferredOf(plain[1], library);
  return taken.has(preferred) ? `docs/${page(plain[1])}` : preferred;
}

/**
 * @param {string} name
 * @param {Set<string>} library
 */
function preferredOf(name, library) {
  if (name === 'claims' || name === 'languages' || name === 'library')
    return `${name}/index.html`;
  if (guides.has(name))
    return `guides/${name}.html`;
  return library.has(name) ? `library/${name}.html` : `docs/${page(name)}`;
}

/**
 * A link from one address to another, as it stands in the page: relative, so that the site works below any path.
 * @param {string} from
 * @param {string} to with or without a fragment
 */
export function relative(from, to) {
  const [path, fragment] = splitFragment(to);
  const way = posix.relative(posix.dirname(from), path) || posix.basename(path);
  return way + fragment;
}

/**
 * @param {string} link
 * @returns {[path: string, fragment: string]} the fragment with its #, or empty
 */
export function splitFragment(link) {
  const at = link.indexOf('#');
  return at < 0 ? [link, ''] : [link.slice(0, at), link.slice(at)];
}
