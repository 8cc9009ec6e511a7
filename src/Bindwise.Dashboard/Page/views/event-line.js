// One event of the host as a line, alike in the log of failed binds and in the history.
import { moment } from '../format.js';
import { html, nothing } from '../shown.js';

/** What an event is called. */
const names = {
  bind: 'bound', listen: 'listens', 'bind-failed': 'failed', 'owner-changed': 'changed hands', 'time-wait-high': 'many TIME_WAITs',
  'range-high': 'range nearly full',
};

export const nameOf = event => names[event] ?? event.replaceAll('-', ' ');

/** A call that failed, or such calls that came too fast to be told one by one; what was lost otherwise did not fail, for the most part. */
export const isFailedCall = ({ event, userId }) => event === 'bind-failed' || (event === 'lost' && userId !== null);

/** Which colour an event has. */
export function kindOf(event) {
  return event === 'bind-failed' || event === 'queue-overflow' || event === 'lost' ? 'bad'
    : ['time-wait-high', 'range-high', 'shadowed', 'owner-changed'].includes(event) ? 'half' : 'quiet';
}

/** Who did it, in a few words, and where, if a call failed in another network namespace; nothing for the recorder's own events. */
export function programOf({ event, program, pid, address, reason }) {
  if (program === null && pid === 0 && address === null)
    return '';
  const who = program === null ? (pid === 0 ? 'unknown' : `pid ${pid}`) : pid === 0 ? program : `${program} (pid ${pid})`;
  return event === 'bind-failed' && reason !== null ? `${who} ${reason}` : who;
}

/** The target that asks why now; null where the event names none. */
export function targetOf({ protocol, address }) {
  return address === null ? null : protocol === 'udp' ? `${address}/udp` : address;
}

const whatOf = ({ event, call, result }) => event === 'bind-failed' ? `${call ?? 'bind'} ${result}` : nameOf(event);

export function eventLine(event) {
  const target = targetOf(event);
  const kind = kindOf(event.event);
  const reason = event.event === 'bind-failed' ? event.limits?.[0] : event.reason;
  return html`<time class="quiet" datetime=${event.time}>${moment(event.time)}</time>
    <span class=${`what ${kind}`}>${whatOf(event)}${event.count > 1 ? ` ×${event.count}` : ''}</span>
    <span class="who">${programOf(event)}</span>
    <span class="place">${target === null ? nothing
      : html`<a href=${`why?${new URLSearchParams({ target })}`}><code>${event.address}</code></a>`}${event.protocol === 'udp'
      ? html`<span class="quiet">/udp</span>` : nothing}</span>
    <span class="reason">${event.summary ?? reason ?? ''}${event.cause === null || event.event !== 'bind-failed' ? nothing
      : html` <a class="cause" href=${`explain?word=${event.cause}`}>${event.cause}</a>`}</span>`;
}
