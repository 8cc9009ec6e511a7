// All hosts of a Prometheus: which run out of ports and when, where binds fail, who holds a port, and what changed since yesterday.
import { fleet, fleetPort } from '../api.js';
import { count, counted, day, duration, moment, year } from '../format.js';
import { faultOf, heading, remarks, wide } from '../parts.js';
import { Refreshing, readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';
import { fullness } from './pressure.js';

const mostRows = 200;
const numbers = new Set(['Failed binds, 24 h', 'Times']);

export function open(app, query) {
  return new Fleet(app, query.get('port') ?? '');
}

class Fleet {
  answer = null;
  fault = null;
  #found = null;
  #portFault = null;

  constructor(app, port) {
    [this.app, this.port] = [app, port];
    this.reading = new Refreshing(signal => readInto(this, app, () => fleet(signal)), { every: 30_000 });
  }

  async refresh() {
    await Promise.all([this.reading.now(), this.port === '' ? undefined : this.#find()]);
  }

  close() {
    this.reading.close();
  }

  async #find() {
    const asked = this.port;
    let answer;
    try {
      answer = [await fleetPort(asked), null];
    } catch (error) {
      answer = [null, error.message];
    }
    // The answer for another port may come after that for this one.
    if (asked === this.port) [this.#found, this.#portFault] = answer;
    this.app.show();
  }

  #ask(event) {
    event.preventDefault();
    this.port = new FormData(event.target).get('port').trim();
    this.app.keep({ port: this.port });
    this.#found = null;
    if (this.port !== '')
      void this.#find();
    this.app.show();
  }

  render() {
    const { answer } = this;
    const down = answer?.hosts.filter(host => !host.up).length ?? 0;
    return html`${heading('Fleet', answer === null ? (this.fault === null ? 'Asking Prometheus' : '')
      : html`${counted(answer.hosts.length, 'host')}${down === 0 ? nothing : html`, <span class="bad">${down} not reached</span>`}`)}
      ${faultOf(this.fault)}${remarks(answer?.remarks)}
      <form class="filter" aria-label="Who listens on a TCP port" @submit=${event => this.#ask(event)}><label for="fleet-port">Who listens on TCP port</label>
        <input id="fleet-port" name="port" inputmode="numeric" pattern="[0-9]{1,5}" maxlength="5" autocomplete="off" .value=${this.port}>
        <button type="submit">Find</button></form>
      ${faultOf(this.#portFault)}${this.#found === null ? nothing : holders(this.#found)}
      ${answer === null ? nothing : html`${hosts(answer.hosts)}<div class="beside even">
        ${failures(answer.hosts)}${changes(answer.changes)}</div>`}`;
  }
}

function holders({ port, holders: list, remarks: notes }) {
  return html`<section class="part"><h2>Port ${port}</h2>
    ${remarks(notes)}${list.length === 0 ? html`<p class="none">No host lists a listener on it.</p>`
    : table(`Listeners on TCP port ${port}`, ['Host', 'Address', 'Program'], list, each => html`<th scope="row">${each.instance}</th>
      <td><code>${each.address}</code></td><td>${each.program}</td>`)}</section>`;
}

function hosts(list) {
  const share = ({ ephemeral }) => ephemeral === null ? -1 : ephemeral.used / Math.max(1, ephemeral.size);
  const sorted = [...list].sort((one, other) => Number(one.up) - Number(other.up) || share(other) - share(one));
  return html`<section class="part"><h2>Hosts, the fullest first</h2>
    ${table('Hosts', ['Host', 'Ephemeral ports', 'Destination', 'Full', 'Failed binds, 24 h'], sorted, host => html`
    <th scope="row">${host.instance}${host.up ? nothing : html` <span class="bad">not reached</span>`}</th>
    <td>${host.ephemeral === null ? '–' : fullness(host.ephemeral.used, host.ephemeral.size)}</td>
    <td>${host.ephemeral === null ? '–' : html`<code>${host.ephemeral.destination}</code>`}</td>
    <td class="fullness">${fullAt(host.ephemeral)}</td>
      <td class="number">${count(host.bindFailures.reduce((sum, each) => sum + each.count, 0))}</td>`)}</section>`;
}

function fullAt(ephemeral) {
  if (ephemeral === null)
    return '–';
  if (ephemeral.fullAt === null)
    return html`<span class="quiet">not growing</span>`;
  const seconds = (Date.parse(ephemeral.fullAt) - Date.now()) / 1000;
  // Six hours say nothing of a day in some later year.
  if (seconds > year)
    return html`<span class="quiet">in more than a year</span>`;
  return html`<time datetime=${ephemeral.fullAt} title=${moment(ephemeral.fullAt)} class=${seconds < day ? 'bad' : ''}
    >${seconds <= 0 ? 'now' : `in ${duration(seconds)}`}</time>`;
}

function failures(list) {
  const all = list.flatMap(({ instance, bindFailures }) => bindFailures.map(each => ({ instance, ...each })))
    .sort((one, other) => other.count - one.count);
  return html`<section class="part"><h2>Where binds fail</h2>${all.length === 0 ? html`<p class="none">No bind failed in 24 hours.</p>`
    : table('Failed binds', ['Host', 'Program', 'Cause', 'Times'], all, each => html`<th scope="row">${each.instance}</th>
      <td>${each.program}</td>
      <td><a href=${`explain?word=${encodeURIComponent(each.cause)}`}>${each.cause}</a></td>
        <td class="number">${count(each.count)}</td>`)}</section>`;
}

function changes(list) {
  return html`<section class="part"><h2>Changed since yesterday</h2>
    ${list.length === 0 ? html`<p class="none">The same ports are held by the same programs.</p>`
    : table('Changes', ['Host', 'Port', 'Program', 'Change'], list, each => html`<th scope="row">${each.instance}</th>
      <td>${each.port}</td><td>${each.program}</td>
      <td class=${each.change === 'gone' ? 'half' : ''}>${each.change}</td>`)}</section>`;
}

function table(name, heads, rows, row) {
  return html`${wide(name, html`<table aria-label=${name}><thead><tr>
    ${heads.map(head => html`<th scope="col" class=${numbers.has(head) ? 'number' : nothing}>${head}</th>`)}</tr></thead>
    <tbody>${rows.slice(0, mostRows).map(each => html`<tr>${row(each)}</tr>`)}</tbody></table>`)}
    ${rows.length > mostRows ? html`<p class="none">And ${count(rows.length - mostRows)} more.</p>` : nothing}`;
}
