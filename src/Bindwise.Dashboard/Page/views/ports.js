// The host's ports: who has them, where, since when, and what deserves attention.
import { ports } from '../api.js';
import { count, counted } from '../format.js';
import { live } from '../made/player.js';
import { age, faultOf, heading, remarks } from '../parts.js';
import { Refreshing, misunderstood } from '../refreshing.js';
import { html, nothing } from '../shown.js';
import { VirtualGrid } from '../virtual-grid.js';
import { portMap } from './port-map.js';

/** After the last key of the filter. */
const pauseMilliseconds = 200;
const changing = new Set(['bind', 'listen', 'closed', 'owner-changed', 'lost']);

const columns = [['Port', 'port'], ['Program', 'program'], ['Address', 'address'], ['Owner', 'owner'], ['Since', 'since'],
  ['Connections', 'connections'], ['Warnings', 'warnings']].map(([name, area]) => ({ name, area }));
/** What a list is sorted by; null stands last, whichever way. */
const values = {
  port: port => port.port ?? port.path,
  program: port => port.name,
  address: port => addressesOf(port) || null,
  owner: port => ownerOf(port) || null,
  since: port => port.since === null ? null : Date.parse(port.since),
  connections: port => port.connections,
  warnings: port => port.warnings.length,
};
/** Of these the most is of interest: they begin with it. */
const mostFirst = new Set(['connections', 'warnings']);
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function open(app, query) {
  return new Ports(app, query.get('filter') ?? '', query.get('sort') ?? '');
}

class Ports {
  answer = null;
  fault = null;
  #map = nothing;
  #warned = 0;
  #pause;
  #asked = 0;

  constructor(app, filter, sort) {
    this.app = app;
    this.filter = filter;
    this.order = orderOf(sort);
    this.reading = new Refreshing(signal => this.#read(signal));
    this.grid = new VirtualGrid({
      name: 'Ports', keyOf, cells, show: () => app.show(), choose: port => app.go(addressOf(port)),
      columns, order: () => this.order, sort: area => this.#sort(area),
    });
  }

  refresh() {
    return this.reading.now();
  }

  take(event) {
    if (changing.has(event))
      this.reading.soon();
  }

  close() {
    clearTimeout(this.#pause);
    this.reading.close();
    this.grid.close();
  }

  async #read(signal) {
    const asked = ++this.#asked;
    try {
      const answer = await ports(this.filter, signal);
      if (asked !== this.#asked)
        return;
      [this.answer, this.fault] = [answer, null];
      this.#map = portMap(answer.ports, (first, last) => this.#setFilter(`${first}-${last}`));
      this.#warned = answer.ports.filter(port => port.warnings.length > 0).length;
      this.grid.rows = sorted(answer.ports, this.order);
    } catch (error) {
      if (error.name === 'AbortError' || asked !== this.#asked)
        return;
      this.fault = error.message;
      if (error.status === misunderstood)
        [this.answer, this.#map, this.#warned, this.grid.rows] = [null, nothing, 0, []];
      this.reading.hold(error.retryAfter);
    }
    this.app.show();
  }

  /** Once more the other way round, and a third time in the server's own order again. */
  #sort(area) {
    const first = firstOrder(area);
    this.#setOrder(this.order?.area !== area ? first
      : this.order.descending === first.descending ? { area, descending: !first.descending } : null);
  }

  #setOrder(order) {
    this.order = order;
    this.grid.rows = sorted(this.answer?.ports ?? [], order);
    this.#keep();
    this.app.show();
  }

  #keep() {
    this.app.keep({ filter: this.filter.trim(), sort: wordOf(this.order) });
  }

  #setFilter(text) {
    this.filter = text;
    this.#keep();
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.reading.now(), pauseMilliseconds);
    this.app.show();
  }

  render() {
    queueMicrotask(() => this.grid.drawn());
    const list = this.answer?.ports ?? [];
    const note = this.answer === null ? (this.fault === null ? 'Reading the host' : '') : html`${counted(list.length, 'port')}${this.#warned === 0 ? nothing
      : html`, <span class="half">${count(this.#warned)} with a warning</span>`}`;
    return html`${heading('Ports', html`<span aria-live="polite">${note}</span>`)}
      ${this.#map}
      <div class="filter"><label for="filter">Filter</label>
        <input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="nginx, 8000-9000, udp, mine"
          .value=${live(this.filter)}
          aria-describedby=${this.fault === null ? nothing : 'filter-fault'} @input=${event => this.#setFilter(event.target.value)}>
        <span class="narrow"><label for="sort">Sort by</label>
        <select id="sort" @change=${event => this.#setOrder(firstOrder(event.target.value))}>
          ${[{ name: 'As listed', area: '' }, ...columns].map(({ name, area }) =>
            html`<option value=${area} ?selected=${area === (this.order?.area ?? '')}>${name}</option>`)}</select></span></div>
      <div id="filter-fault">${faultOf(this.fault)}</div>
      ${remarks(this.answer?.remarks)}
      ${this.answer === null ? nothing : list.length === 0
        ? html`<p class="none">${this.filter.trim() === '' ? 'No port is in use here.' : 'No port matches this filter.'}</p>`
        : this.grid.render()}`;
  }
}

const firstOrder = area => area === '' ? null : { area, descending: mostFirst.has(area) };

/** `program` or, descending, `-program`, as the address has it. */
function orderOf(word) {
  const area = word.replace(/^-/, '');
  return Object.hasOwn(values, area) ? { area, descending: word !== area } : null;
}

const wordOf = order => order === null ? '' : `${order.descending ? '-' : ''}${order.area}`;

function sorted(list, order) {
  if (order === null)
    return list;
  const sign = order.descending ? -1 : 1;
  return list.map(port => ({ port, value: values[order.area](port) }))
    .sort((one, other) => one.value === null || other.value === null ? Number(one.value === null) - Number(other.value === null)
      : sign * compare(one.value, other.value))
    .map(({ port }) => port);
}

/** Ports before the paths of UNIX sockets. */
function compare(one, other) {
  if (typeof one !== typeof other)
    return typeof one === 'number' ? -1 : 1;
  return typeof one === 'number' ? one - other : collator.compare(one, other);
}

function keyOf(port) {
  return `${port.protocol} ${port.target} ${port.sockets[0]?.cookie ?? ''} ${port.pid ?? ''}`;
}

const wildcards = new Set(['0.0.0.0', '::']);

/**
 * An address of the port: another server may have it on a further one. The port alone stands for a wildcard, a device, and connections; TCP
 * is what is meant where nothing is said.
 */
function addressOf({ target, port, protocol, sockets }) {
  const [first] = sockets;
  const isWhole = port === null || first === undefined
    || sockets.some(({ address, device }) => device !== null || wildcards.has(address));
  return `why?${new URLSearchParams({
    target: isWhole ? target.replace(/\/tcp$/, '')
      : `${first.address.includes(':') ? `[${first.address}]` : first.address}:${port}${protocol === 'udp' ? '/udp' : ''}`,
  })}`;
}

function cells(port) {
  const [number, protocol] = port.path === null ? [port.target.replace(/\/(tcp|udp)$/, ''), port.protocol] : [port.path, 'unix'];
  return [
    html`<a href=${addressOf(port)} tabindex="-1"><strong>${number}</strong><span class="quiet">/${protocol}</span></a>`,
    port.ownerHidden ? html`<span class="quiet">hidden from you</span>`
      : port.name === null ? html`<span class="quiet">no process</span>`
        : html`<span class="name">${port.name}</span>${port.pid === null ? nothing
          : html` <span class="quiet pid">${port.pid}${port.processCount > 1 ? ` +${port.processCount - 1}` : ''}</span>`}`,
    port.sockets.length === 0 ? html`<span class="quiet">connections only</span>` : addressesOf(port),
    ownerOf(port),
    age(port.since),
    port.connections === null ? nothing : port.connections > 0 ? count(port.connections) : html`<span class="quiet">0</span>`,
    port.warnings.map(warning => html`<span class="warning">${warning.text}</span>`),
  ];
}

const ownerOf = port => [port.user, port.container ?? port.unit, port.projectFolder].filter(each => each !== null).join(' · ');

function addressesOf(port) {
  const places = port.sockets.map(({ address, device, dualStack, state }) =>
    [address ?? '', device === null ? '' : `%${device}`, dualStack === true ? ' and IPv4' : '',
      state === 'BOUND' ? ' (bound only)' : ''].join(''));
  return [...new Set(places)].filter(place => place !== '').join(', ');
}
