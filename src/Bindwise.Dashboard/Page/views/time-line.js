// A line for each address, from the first moment to the last: when somebody listened there, and when a bind failed.
import { counted, moment } from '../format.js';
import { html, nothing, svg } from '../shown.js';
import { kindOf, nameOf, programOf, targetOf } from './event-line.js';

const mostLanes = 12;
const [width, lane, margin] = [900, 24, 6];

/** @param {object[]} events Documents of `bindwise.event/1`, the oldest first. */
export function timeLine(events) {
  const times = events.map(event => Date.parse(event.time));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = time => margin + (Date.parse(time) - first) / Math.max(1, last - first) * (width - 2 * margin);
  const all = lanesOf(events);
  const lanes = all.slice(0, mostLanes);
  const more = all.length - lanes.length;
  const drawn = more > 0 ? `${lanes.length} of ${all.length} addresses` : counted(all.length, 'address', 'addresses');
  const [from, to] = [moment(events[0].time), moment(events.at(-1).time)];
  return html`<section class="part time-line" aria-label="Time line"><h2>Time line</h2>
    <div class="lanes"><ul>${lanes.map(({ address }) => html`<li><code>${address}</code></li>`)}</ul>
    <svg viewBox=${`0 0 ${width} ${lanes.length * lane}`} height=${lanes.length * lane} preserveAspectRatio="none" role="img"
      aria-label=${`${drawn}, ${from} to ${to}; the list below has each event`}>
      ${lanes.map(({ events: own }, row) => svg`
        <line class="lane" x1="0" x2=${width} y1=${(row + 0.5) * lane} y2=${(row + 0.5) * lane}></line>
        ${spansOf(own).map(({ from, to }) => svg`<rect class="span" x=${from === null ? 0 : x(from)} y=${row * lane + 8} height=${lane - 16}
          width=${Math.max(2, (to === null ? width : x(to)) - (from === null ? 0 : x(from)))}></rect>`)}
        ${own.map(event => svg`<rect class=${`mark ${kindOf(event.event)}`} x=${x(event.time) - 1.5} width="3"
          y=${row * lane + (event.event === 'bind-failed' ? 2 : 6)}
          height=${event.event === 'bind-failed' ? lane - 4 : lane - 12}><title>
            ${`${moment(event.time)} ${nameOf(event.event)} ${programOf(event)}`}</title></rect>`)}`)}
    </svg></div>
    <p class="ends" aria-hidden="true"><span>${from}</span><span>${to}</span></p>
    ${more === 0 ? nothing
      : html`<p class="none">And ${counted(more, 'more address', 'more addresses')}: choose a port or a program.</p>`}</section>`;
}

/** The addresses with a failure first, then the busiest. */
function lanesOf(events) {
  const byAddress = new Map();
  for (const event of events) {
    const address = targetOf(event);
    if (address === null)
      continue;
    // What failed elsewhere has nothing to do with who holds the address here.
    const lane = event.event === 'bind-failed' && event.reason !== null ? `${address} elsewhere` : address;
    byAddress.set(lane, [...byAddress.get(lane) ?? [], event]);
  }
  const weight = own => own.length + 1000 * own.filter(each => each.event === 'bind-failed').length;
  return [...byAddress].map(([address, own]) => ({ address, events: own }))
    .sort((one, other) => weight(other.events) - weight(one.events));
}

/**
 * While anybody had the address; null where a beginning or an end lies outside of what was asked. Several sockets may have it at the same
 * time (SO_REUSEPORT): an event is about that of its process, else about one whose process nobody could see.
 */
function spansOf(events) {
  let [spans, open, from] = [[], [], null];
  const socketOf = (pid, isMeant = () => true) =>
    open.find(one => one.pid === pid && isMeant(one)) ?? open.find(one => (one.pid === 0 || pid === 0) && isMeant(one));
  for (const { event, time, pid, previousPid } of events) {
    if (event === 'listen' || event === 'bind' || event === 'owner-changed') {
      // One that was bound and now listens is the same.
      const known = event === 'owner-changed' ? socketOf(previousPid ?? 0)
        : event === 'listen' ? socketOf(pid, one => one.isBound) : undefined;
      if (open.length === 0)
        from = time;
      open = [...open.filter(one => one !== known), { pid, isBound: event === 'owner-changed' ? known?.isBound : event === 'bind' }];
    } else if (event === 'closed') {
      const closed = socketOf(pid);
      // Whose beginning is not told was there from the first moment.
      if (closed === undefined)
        [spans, from] = [[], null];
      open = open.filter(one => one !== closed);
      if (open.length === 0)
        spans.push({ from, to: time });
    }
  }
  return open.length === 0 ? spans : [...spans, { from, to: null }];
}
