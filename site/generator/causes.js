// @ts-check
// The causes as a list for the player: their id, what they are in short, and their page. Which of them fit an error the model knows.
import { plain } from './sources.js';

/**
 * @param {import('./sources.js').Sources} sources
 * @param {string} language
 */
export function causeList(sources, language) {
  const index = 'docs/causes/README.md';
  const list = (language === 'en' ? undefined : sources.chinese.get(index)) ?? sources.english.get(index);
  const rows = [...(list?.body ?? '').matchAll(/^\| \[[^\]]*\]\(([a-z0-9-]+)\.md\) \| (.+) \|$/gm)];
  return rows.filter(([, id]) => id !== 'free').map(([, id, short]) => {
    const source = `docs/causes/${id}.md`;
    const page = (language === 'en' ? undefined : sources.chinese.get(source)) ?? sources.english.get(source);
    if (page === undefined)
      throw new Error(`${list?.file}: it names ${source}, which is missing`);
    return { id, short: plain(short), address: page.address };
  });
}
