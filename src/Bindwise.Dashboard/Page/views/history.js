// What the recorder kept: a time line of the busiest addresses, and every event as a list.
import { history } from '../api.js';
import { counted } from '../format.js';
import { live } from '../made/player.js';
import { faultOf, heading, remarks } from '../parts.js';
import { Refreshing, readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';
import { eventLine } from './event-line.js';
import { timeLine } from './time-line.js';

const pauseMilliseconds = 300;
/** The list shows the newest; more is a question to ask more narrowly. */
const mostListed = 500;
const spans = [['15m', '15 minutes'], ['1h', '1 hour'], ['6h', '6 hours'], ['1d', '1 day'], ['7d', '7 days']];

/** An address may name any other span or moment. */
const spansWith = since => spans.some(([value]) => value === since) ? spans : [[since, since], ...spans];

export function open(app, query) {
  return new History(app, query);
}

class History {
  answer = null;
  fault = null;
  #pause;

  constructor(app, query) {
    this.app = app;
    const given = name => query.get(name) ?? '';
    this.asked = { target: given('target'), program: given('program'), since: given('since') || '1h', failed: given('failed') === 'true' };
    this.reading = new Refreshing(signal => readInto(this, app, () => history(this.asked, signal)), { every: 15_000, least: 2000 });
  }

  refresh() {
    return this.reading.now();
  }

  take() {
    this.reading.soon();
  }

  close() {
    clearTimeout(this.#pause);
    this.reading.close();
  }

  #choose(changes) {
    this.asked = { ...this.asked, ...changes };
    this.app.keep(this.asked);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.reading.now(), pauseMilliseconds);
    this.app.show();
  }

  render() {
    const { answer, asked } = this;
    const events = told(answer);
    const newest = [...events].reverse().slice(0, mostListed);
    return html`${heading('History', answer !== null ? counted(events.length, 'event') : this.fault === null ? 'Reading the record' : '')}
      <div class="filter">
        <label>Port or address <input type="search" autocomplete="off" spellcheck="false" .value=${live(asked.target)}
          @input=${event => this.#choose({ target: event.target.value })}></label>
        <label>Program <input type="search" autocomplete="off" spellcheck="false" .value=${live(asked.program)}
          @input=${event => this.#choose({ program: event.target.value })}></label>
        <label>Since <select @change=${event => this.#choose({ since: event.target.value })}>
          ${spansWith(asked.since).map(([value, name]) => html`<option value=${value} ?selected=${value === asked.since}>${name}</option>`)}</select></label>
        <label class="tick"><input type="checkbox" .checked=${live(asked.failed)}
          @change=${event => this.#choose({ failed: event.target.checked })}> Failures only</label>
      </div>
      ${faultOf(this.fault)}${remarks(answer?.remarks)}
      ${events.length === 0 ? nothing : html`${timeLine(events)}
        <ol class="events" aria-label="Events">${newest.map(event => html`<li>${eventLine(event)}</li>`)}</ol>
        ${events.length > newest.length ? html`<p class="none">The newest ${newest.length} of ${events.length}.
          Choose a port, a program or a shorter time to see the others.</p>` : nothing}`}
      ${answer !== null && events.length === 0 && answer.remarks.length === 0
        ? html`<p class="none">Nothing of that kind was recorded.</p>` : nothing}`;
  }
}

/** What the record tells, and what follows from it: who was there before, and who came or went while no recorder ran. */
function told(answer) {
  // Each list is in the order of the record, which is not that of the times where the clock was set back.
  const [events, inferred, all] = [answer?.events ?? [], [...answer?.inferred ?? []], []];
  for (const event of events) {
    while (inferred.length > 0 && Date.parse(inferred[0].time) < Date.parse(event.time))
      all.push(inferred.shift());
    all.push(event);
  }
  return [...all, ...inferred];
}
