// @ts-check
// The causes as a list for the player: their id, what they are in short, their page, and the errors that it names.
import { plain, read } from './sources.js';

/** What bind() and listen() are refused with, apart from EADDRINUSE. */
const otherErrors = /\b(EADDRNOTAVAIL|EACCES|EPERM|ENODEV|EINVAL|EAFNOSUPPORT|EPROTOTYPE)\b/g;

/**
 * @param {string} root
 * @param {import('./sources.js').Sources} sources
 * @param {string} language
 */
export function causeList(root, sources, language) {
  const index = 'docs/causes/README.md';
  const list = (language === 'en' ? undefined : sources.chinese.get(index)) ?? sources.english.get(index);
  const rows = [...(list?.body ?? '').matchAll(/^\| \[[^\]]*\]\(([a-z0-9-]+)\.md\) \| (.+) \|$/gm)];
  return rows.filter(([, id]) => id !== 'free').map(([, id, short]) => {
    const source = `docs/causes/${id}.md`;
    const page = (language === 'en' ? undefined : sources.chinese.get(source)) ?? sources.english.get(source);
    if (page === undefined)
      throw new Error(`${list?.file}: it names ${source}, which is missing`);
    const errors = [...new Set(read(root, source).match(otherErrors) ?? [])];
    const isOther = errors.length > 0 && !/EADDRINUSE/.test(read(root, source)) && !id.startsWith('unix-');
    return { id, short: plain(short), address: page.address, errors: isOther ? errors : ['EADDRINUSE', ...errors] };
  });
}
