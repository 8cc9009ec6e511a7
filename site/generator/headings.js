// @ts-check
// Anchors of headings, as the links in docs/ expect them: those of GitHub.

/**
 * @param {string} text a heading's text
 * @param {Set<string>} taken anchors of the same page; the new one is added
 */
export function anchorOf(text, taken) {
  const plain = text.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '').replaceAll(' ', '-');
  let anchor = plain;
  for (let count = 1; taken.has(anchor); count++)
    anchor = `${plain}-${count}`;
  taken.add(anchor);
  return anchor;
}

/**
 * Gives each heading its id: the one behind it as {#id}, else the one of the source's heading in the same place (so that a link to a
 * part of a page is good in both languages), else its text's.
 * @param {import('markdown-it').Token[]} tokens
 * @param {string[] | null} ofSource the ids of the source's headings; null where the page is no translation
 */
export function nameHeadings(tokens, ofSource) {
  const taken = new Set();
  const opened = tokens.flatMap((token, at) => token.type === 'heading_open' ? [{ token, inline: tokens[at + 1] }] : []);
  const usable = ofSource !== null && ofSource.length === opened.length ? ofSource : null;
  for (const [at, { token, inline }] of opened.entries()) {
    const id = takeGivenId(inline) ?? (usable === null ? anchorOf(textOf(inline), taken) : usable[at]);
    taken.add(id);
    token.attrSet('id', id);
  }
}

/**
 * @param {import('markdown-it').Token} token
 * @param {string} name
 */
export function attributeOf(token, name) {
  return String(token.attrGet(name) ?? '');
}

/**
 * The text of a heading, without Markdown's marks.
 * @param {import('markdown-it').Token} inline
 */
export function textOf(inline) {
  return (inline.children ?? []).map(child => child.type === 'text' || child.type === 'code_inline' ? child.content : '').join('');
}

/**
 * Takes {#id} from the end of a heading.
 * @param {import('markdown-it').Token} inline
 * @returns {string | null}
 */
function takeGivenId(inline) {
  const last = inline.children?.at(-1);
  const match = last?.type === 'text' ? /\s*\{#([\w-]+)\}\s*$/.exec(last.content) : null;
  if (match === null || last === undefined)
    return null;
  last.content = last.content.slice(0, match.index);
  inline.content = inline.content.replace(/\s*\{#[\w-]+\}\s*$/, '');
  return match[1];
}
