// A line for each address, from the first moment to the last: when somebody listened there, and when a bind failed.
import { moment } from '../format.js';
import { html, svg } from '../made/player.js';
import { kindOf, nameOf, programOf } from './event-line.js';

const mostLanes = 12;
const [width, lane, margin] = [900, 24, 6];
const begins = new Set(['listen', 'bind', 'held', 'restarted']);
const ends = new Set(['closed', 'exited']);

/** @param {object[]} events Documents of `bindwise.event/1`, the oldest first. */
export function timeLine(events) {
  const times = events.map(event => Date.parse(event.time));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const x = time => margin + (Date.parse(time) - first) / Math.max(1, last - first) * (width - 2 * margin);
  const lanes = lanesOf(events);
  const [from, to] = [moment(events[0].time), moment(events.at(-1).time)];
  return html`<section class="part time-line" aria-label="Time line"><h2>Time line</h2>
    <div class="lanes"><ul>${lanes.map(({ address }) => html`<li><code>${address}</code></li>`)}</ul>
    <svg viewBox=${`0 0 ${width} ${lanes.length * lane}`} height=${lanes.length * lane} preserveAspectRatio="none" role="img"
      aria-label=${`${lanes.length} addresses, ${from} to ${to}; the list below has each event`}>
      ${lanes.map(({ events: own }, row) => svg`
        <line class="lane" x1="0" x2=${width} y1=${(row + 0.5) * lane} y2=${(row + 0.5) * lane}></line>
        ${spansOf(own).map(({ from, to }) => svg`<rect class="span" x=${from === null ? 0 : x(from)} y=${row * lane + 8} height=${lane - 16}
          width=${Math.max(2, (to === null ? width : x(to)) - (from === null ? 0 : x(from)))}></rect>`)}
        ${own.map(event => svg`<rect class=${`mark ${kindOf(event.event)}`} x=${x(event.time) - 1.5} width="3"
          y=${row * lane + (event.event === 'bind-failed' ? 2 : 6)}
          height=${event.event === 'bind-failed' ? lane - 4 : lane - 12}><title>
            ${`${moment(event.time)} ${nameOf(event.event)} ${programOf(event)}`}</title></rect>`)}`)}
    </svg></div>
    <p class="ends" aria-hidden="true"><span>${from}</span><span>${to}</span></p></section>`;
}

/** The addresses with a failure first, then the busiest. */
function lanesOf(events) {
  const byAddress = new Map();
  for (const event of events) {
    if (event.address === null)
      continue;
    // What failed elsewhere has nothing to do with who holds the address here.
    const lane = event.event === 'bind-failed' && event.reason !== null ? `${event.address} elsewhere` : event.address;
    byAddress.set(lane, [...byAddress.get(lane) ?? [], event]);
  }
  const weight = own => own.length + 1000 * own.filter(each => each.event === 'bind-failed').length;
  return [...byAddress].map(([address, own]) => ({ address, events: own }))
    .sort((one, other) => weight(other.events) - weight(one.events)).slice(0, mostLanes);
}

/** From each beginning to its end; null where it lies outside of what was asked. */
function spansOf(events) {
  const spans = [];
  let from;
  for (const event of events) {
    if (begins.has(event.event)) {
      from ??= event.time;
    } else if (ends.has(event.event)) {
      spans.push({ from: from ?? null, to: event.time });
      from = undefined;
    }
  }
  return from === undefined ? spans : [...spans, { from, to: null }];
}
