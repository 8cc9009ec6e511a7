// Failed binds, as they happen, each with its reason. They are kept from the moment the page was opened, on whichever view.
import { counted } from '../format.js';
import { html, nothing, repeat } from '../made/player.js';
import { heading } from '../parts.js';
import { eventLine } from './event-line.js';

const keys = new WeakMap();
let last = 0;

export function open(app) {
  return {
    refresh: () => app.show(),
    take: event => event === 'bind-failed' && app.show(),
    render: () => {
      const all = app.failures;
      const many = all.reduce((sum, each) => sum + each.count, 0);
      return html`${heading('Failed binds', many === 0 ? 'as they happen' : `${counted(many, 'failure')} since ${sinceOf(all)}`)}
        <div role="log" aria-label="Failed binds" tabindex="0"><ol class="events">${repeat([...all].reverse(), keyOf,
          each => html`<li>${eventLine(each)}</li>`)}</ol></div>
        ${all.length > 0 ? nothing : html`<p class="none">No bind() or listen() has failed since this page was opened.
          What failed before is in the <a href="history?failed=true">history</a>.</p>`}`;
    },
  };
}

function keyOf(event) {
  if (!keys.has(event))
    keys.set(event, ++last);
  return keys.get(event);
}

function sinceOf([first]) {
  return new Date(first.time).toLocaleTimeString('en-GB');
}
