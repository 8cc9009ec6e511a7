// The state diagram of TCP with how many sockets are in each state now, and the same as a table.
import { model, states as readStates } from '../api.js';
import { count, counted } from '../format.js';
import { boxOf, diagram } from '../made/player.js';
import { faultOf, heading, remarks, wide } from '../parts.js';
import { Refreshing, readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';

export function open(app) {
  return new States(app);
}

class States {
  answer = null;
  fault = null;
  #figure = null;

  constructor(app) {
    this.app = app;
    this.reading = new Refreshing(signal => readInto(this, app, async () => {
      this.#figure ??= (await model.about()).figure;
      return readStates(signal);
    }), { every: 2000 });
  }

  refresh() {
    return this.reading.now();
  }

  take() {
    this.reading.soon();
  }

  close() {
    this.reading.close();
  }

  render() {
    const { answer } = this;
    const all = answer?.tcp ?? [];
    const total = all.reduce((sum, each) => sum + each.count, 0);
    const udp = answer?.udp.reduce((sum, each) => sum + each.count, 0) ?? 0;
    return html`${heading('States', answer === null ? 'Reading the host' : `${counted(total, 'TCP socket')}, ${count(udp)} UDP`)}
      ${faultOf(this.fault)}${remarks(answer?.remarks)}
      ${answer === null || this.#figure === null ? nothing : html`<div class="beside">
        <div class="wide figure" tabindex="0" role="group" aria-label="State diagram">${drawn(this.#figure, all)}</div>
        <div>${table('TCP states', all)}${table('UDP states', answer.udp)}</div></div>`}`;
  }
}

function table(name, all) {
  const shown = all.filter(each => each.count > 0).sort((one, other) => other.count - one.count);
  return shown.length === 0 ? nothing : wide(name, html`<table aria-label=${name}><thead><tr><th scope="col">${name.split(' ')[0]}</th>
    <th scope="col" class="number">Sockets</th></tr></thead>
    <tbody>${shown.map(({ state, count: many }) => html`<tr><th scope="row"><span class="tcp-state">${state}</span></th>
      <td class="number">${count(many)}</td></tr>`)}</tbody></table>`);
}

function drawn(figure, all) {
  const inBox = new Map();
  for (const { state, count: many } of all)
    inBox.set(boxOf(state), (inBox.get(boxOf(state)) ?? 0) + many);
  const said = all.filter(each => each.count > 0).map(each => `${each.state}: ${each.count}`).join(', ');
  // CLOSED stands twice; a socket that is only bound is where sockets begin, not where they end.
  const begins = figure.boxes.findIndex(({ state }) => state === 'CLOSED');
  return diagram(figure, `TCP states. ${said}`, ({ state }, at) => {
    const many = state === 'CLOSED' && at !== begins ? 0 : inBox.get(state) ?? 0;
    return many === 0 ? null : `${state} ${count(many)}`;
  });
}
