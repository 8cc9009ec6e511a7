// TIME_WAIT and the ephemeral ports over the last hour, as plots, and the same figures as tables.
import { pressure } from '../api.js';
import { count, moment, percent } from '../format.js';
import { faultOf, heading, remarks, wide } from '../parts.js';
import { Refreshing, readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';

/** The table has so many lines of the hour, the newest first. */
const mostLines = 12;
/** An hour, as the server has it. */
const mostSamples = 721;

export function open(app) {
  return new Pressure(app);
}

class Pressure {
  answer = null;
  fault = null;
  #plots = null;
  #isLoading = false;

  constructor(app) {
    this.app = app;
    this.reading = new Refreshing(signal => readInto(this, app, () => this.#read(signal)), { every: 5000 });
  }

  /** Only what is new is asked for. The last sample is that of now, which the server need not keep. */
  async #read(signal) {
    const kept = this.answer?.samples.slice(0, -1) ?? [];
    const answer = await pressure(kept.at(-1)?.time, signal);
    return { ...answer, samples: [...kept, ...answer.samples].slice(-mostSamples) };
  }

  refresh() {
    return this.reading.now();
  }

  close() {
    this.reading.close();
    this.#plots?.close();
  }

  /** The plots are drawn by uPlot into their own elements, once the view stands. */
  async #plot() {
    if (this.answer === null || this.#isLoading)
      return;
    if (this.#plots === null) {
      this.#isLoading = true;
      const { Plots } = await import('../uplot-pressure.js');
      this.#isLoading = false;
      this.#plots = new Plots();
    }
    this.#plots.show(this.answer);
  }

  render() {
    queueMicrotask(() => void this.#plot());
    const { answer } = this;
    const last = answer?.samples.at(-1);
    return html`${heading('Pressure', answer === null ? 'Reading the host' : 'the last hour')}
      ${faultOf(this.fault)}${remarks(answer?.remarks)}
      ${last === undefined ? nothing : figures(answer, last)}
      <div class="plots">
        <section class="part" aria-label="TIME_WAIT"><h2>TIME_WAIT</h2>
          <div id="plot-time-wait" class="plot" role="img"
            aria-label="Plot of TIME_WAIT over time; the table below has the figures"></div></section>
        <section class="part" aria-label="Ephemeral ports"><h2>Ephemeral ports in use, by destination</h2>
          <div id="plot-ephemeral" class="plot" role="img"
            aria-label="Plot of ephemeral ports over time; the table below has the figures"></div></section>
      </div>
      ${last === undefined ? nothing : html`<div class="beside even"><div>${destinations(answer, last)}${timeWaits(answer.timeWait)}</div>
        ${overTime(answer.samples)}</div>`}`;
  }
}

function figures({ ephemeralPorts }, { timeWait, destinations: [fullest] }) {
  return html`<dl class="figures">
    <div><dt>TIME_WAIT</dt><dd>${count(timeWait)}</dd></div>
    <div><dt>Ephemeral range</dt><dd>${count(ephemeralPorts)} ports</dd></div>
    <div><dt>Fullest destination</dt>
      <dd>${fullest === undefined ? 'none'
      : html`${percent(fullest.used / Math.max(1, ephemeralPorts))} <small>${fullest.destination}</small>`}</dd></div></dl>`;
}

function destinations({ ephemeralPorts }, { destinations: list }) {
  return html`<section class="part"><h2>Destinations now</h2>${wide('Destinations', html`<table aria-label="Destinations">
    <thead><tr><th scope="col">Destination</th><th scope="col" class="number">Ports</th><th scope="col">Of the range</th></tr></thead>
    <tbody>${list.map(each => html`<tr><th scope="row"><code>${each.destination}</code></th><td class="number">${count(each.used)}</td>
      <td>${fullness(each.used, ephemeralPorts)}</td></tr>`)}
    ${list.length === 0 ? html`<tr><td colspan="3" class="quiet">No outgoing connection uses an ephemeral port.</td>
      </tr>` : nothing}</tbody></table>`)}</section>`;
}

function timeWaits(list) {
  return list.length === 0 ? nothing : html`<section class="part"><h2>TIME_WAIT by local port</h2>
    ${wide('TIME_WAIT by local port', html`<table aria-label="TIME_WAIT by local port">
    <thead><tr><th scope="col">Port</th><th scope="col" class="number">TIME_WAIT</th><th scope="col" class="number">The last one ends</th>
      </tr></thead>
    <tbody>${list.slice(0, mostLines).map(each => html`<tr><th scope="row"><a href=${`why?target=${each.port}`}>${each.port}</a></th>
      <td class="number">${count(each.count)}</td>
      <td class="number">${each.secondsLeft === null ? '–' : `in ${Math.ceil(each.secondsLeft)} s`}</td></tr>`)}</tbody></table>`)}
    ${list.length > mostLines ? html`<p class="none">And ${count(list.length - mostLines)} more ports.</p>` : nothing}</section>`;
}

/** How full something is: a bar and its share. */
export function fullness(used, size) {
  const share = size > 0 ? used / size : 0;
  const name = percent(share);
  return html`<span class="fullness"><meter min="0" max="1" low="0.7" high="0.9" optimum="0" .value=${Math.min(1, share)}
    aria-label=${`${name} in use`}></meter> ${name}</span>`;
}

function overTime(samples) {
  const step = Math.max(1, Math.floor(samples.length / mostLines));
  const lines = samples.filter((_, at) => (samples.length - 1 - at) % step === 0).slice(-mostLines).reverse();
  return html`<section class="part"><h2>Over time</h2>${wide('Over time', html`<table aria-label="Pressure over time">
    <thead><tr><th scope="col">Time</th><th scope="col" class="number">TIME_WAIT</th>
      <th scope="col" class="number">Ephemeral, fullest</th></tr></thead>
    <tbody>${lines.map(each => html`<tr><th scope="row">${moment(each.time)}</th><td class="number">${count(each.timeWait)}</td>
      <td class="number">${count(each.destinations[0]?.used ?? 0)}</td></tr>`)}</tbody></table>`)}</section>`;
}
