// What `explain` says of a term, a cause or a rule.
import { model } from '../api.js';
import { faultOf, heading } from '../parts.js';
import { readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';

export function open(app, query) {
  const word = query.get('word') ?? '';
  const view = {
    answer: null, fault: null,
    refresh: () => view.answer === null ? readInto(view, app, () => model.explain(word)) : undefined,
    render: () => html`${heading(view.answer?.title ?? word, view.answer?.kind ?? '')}${faultOf(view.fault)}
      ${view.answer === null ? nothing : page(view.answer)}`,
  };
  return view;
}

/** The page's text, block by block; of Markdown what those pages use. */
function page({ markdown }) {
  const blocks = [];
  let code = null;
  let lines = [];
  const end = () => {
    if (lines.length > 0)
      blocks.push(textOf(lines));
    lines = [];
  };
  for (const line of markdown.split('\n').slice(1)) {
    if (line.startsWith('```')) {
      end();
      if (code !== null)
        blocks.push(html`<pre tabindex="0"><code>${code.join('\n')}</code></pre>`);
      code = code === null ? [] : null;
    } else if (code !== null) {
      code.push(line);
    } else if (line.trim() === '' || line.startsWith('#')) {
      end();
      if (line.startsWith('#'))
        blocks.push(html`<h2>${line.replace(/^#+ /, '')}</h2>`);
    } else {
      lines.push(line);
    }
  }
  end();
  return html`<article class="prose">${blocks}</article>`;
}

function textOf(lines) {
  if (lines[0].startsWith('|'))
    return table(lines);
  if (!/^([-*]|\d+\.) /.test(lines[0]))
    return html`<p>${inline(lines.join(' '))}</p>`;
  const items = [];
  for (const line of lines) {
    const item = /^(?:[-*]|\d+\.) (.*)/.exec(line);
    if (item === null && items.length > 0)
      items.push(`${items.pop()} ${line.trim()}`);
    else
      items.push(item?.[1] ?? line);
  }
  return html`<ul>${items.map(item => html`<li>${inline(item)}</li>`)}</ul>`;
}

function table(lines) {
  const cellsOf = line => line.replace(/^\||\|\s*$/g, '').split('|').map(cell => cell.trim());
  const rows = lines.filter(line => !/^[|\s:-]+$/.test(line)).map(cellsOf);
  return html`<div class="wide" tabindex="0" role="group" aria-label="Table"><table>
    <thead><tr>${rows[0].map(cell => html`<th scope="col">${inline(cell)}</th>`)}</tr></thead>
    <tbody>${rows.slice(1).map(row => html`<tr>${row.map(cell => html`<td>${inline(cell)}</td>`)}</tr>`)}</tbody></table></div>`;
}

/** Code in backquotes, and links to other pages of the same kind. */
function inline(text) {
  return text.split(/(`[^`]+`|\[[^\]]*\]\([^)]*\))/).map(part => {
    if (part.startsWith('`'))
      return html`<code>${part.slice(1, -1)}</code>`;
    const [, name, address] = /^\[([^\]]*)\]\(([^)]*)\)$/.exec(part) ?? [];
    if (name === undefined)
      return part.replaceAll('**', '');
    const [, word] = /(?:^|\/)(?:rules|causes|terms)?\/?([\w-]+)\.md$/.exec(address) ?? [];
    const label = name.replaceAll('`', '');
    return word === undefined || address.startsWith('../../') ? label
      : html`<a href=${`explain?word=${encodeURIComponent(word)}`}>${label}</a>`;
  });
}
