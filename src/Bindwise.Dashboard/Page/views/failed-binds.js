// Failed binds, as they happen, each with its reason, on whichever view; before them those that the server keeps, and those of the last hour,
// where a recorder kept them.
import { history, states } from '../api.js';
import { counted } from '../format.js';
import { repeat } from '../made/player.js';
import { faultOf, heading, remarks } from '../parts.js';
import { Refreshing, readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';
import { eventLine, isFailedCall } from './event-line.js';

const keys = new WeakMap();
let last = 0;
const mostShown = 500;
/** The stream and the record each tell of a failure. */
const sameAs = ({ time, pid, address, userId }) => `${time.slice(0, 19)} ${pid} ${address} ${userId}`;

export function open(app) {
  app.replay();
  const [record, host] = [{ answer: null, fault: null }, { answer: null, fault: null }];
  // Once is enough, unless something is wrong: what happens from now on comes with the stream.
  const reading = new Refreshing(signal => Promise.all([
    record.answer ?? readInto(record, app, () => history({ failed: true, since: '1h' }, signal)),
    host.answer ?? readInto(host, app, () => states(signal)),
  ]));
  record.reading = host.reading = reading;
  return {
    refresh: () => reading.now(),
    close: () => reading.close(),
    reset: () => { record.answer = null; },
    take: (_, told) => isFailedCall(told) && app.show(),
    render: () => {
      const all = allOf(app.failures, record.answer?.events.filter(isFailedCall) ?? []);
      const many = all.reduce((sum, each) => sum + each.count, 0);
      const unseen = [...host.answer?.remarks ?? [], ...record.answer?.remarks ?? []];
      const isRead = record.answer !== null && host.answer !== null;
      const fault = record.fault ?? host.fault;
      return html`${heading('Failed binds', many > 0 ? `${counted(many, 'failure')} since ${sinceOf(all)}`
        : isRead || fault !== null ? 'as they happen' : 'Reading the record')}
        ${faultOf(fault)}${remarks(unseen)}
        <div role="log" aria-label="Failed binds" tabindex="0"><ol class="events">${repeat([...all].reverse(), keyOf,
          each => html`<li>${eventLine(each)}</li>`)}</ol></div>
        ${all.length > 0 || !isRead || !app.isReplayed ? nothing : html`<p class="none">${unseen.length > 0 ? 'No failed bind is known.'
          : html`No bind() or listen() has failed since this server was started, nor in the recorded hour before.`}
          ${unseen.some(each => each.id === 'no-recorder') ? nothing
            : html`What failed earlier is in the <a href="history?failed=true">history</a>.`}</p>`}`;
    },
  };
}

function allOf(failures, recorded) {
  const known = new Set(failures.map(sameAs));
  return [...recorded.filter(each => !known.has(sameAs(each))), ...failures]
    .sort((one, other) => Date.parse(one.time) - Date.parse(other.time)).slice(-mostShown);
}

function keyOf(event) {
  if (!keys.has(event))
    keys.set(event, ++last);
  return keys.get(event);
}

function sinceOf([first]) {
  return new Date(first.time).toLocaleTimeString('en-GB');
}
