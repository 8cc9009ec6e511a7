// The laboratory: a link for each scenario, and the scenario played step by step by the model on the server.
import { model, scenario, scenarios } from '../api.js';
import { afterStep, play, segments, socketTable, socketsAt, standing, states, stepList, timers } from '../made/player.js';
import { faultOf, heading } from '../parts.js';
import { html, nothing } from '../shown.js';

/** What each kind of scenario is called, in the order of the list. */
const kinds = { program: 'Programs of articles and books', claim: 'Claims' };
/** The same list in every scenario. */
let listed = null;

export function open(app, query) {
  return new Lab(app, query.get('scenario'), query.get('case'), query.get('step'));
}

class Lab {
  fault = null;
  /** One play, however often it is asked for meanwhile: a later one would set the position back. */
  #playing = null;
  #run = null;
  #figure = null;
  #position = null;
  /** Of a claim its experiments, each a scenario; none of another. */
  #cases = [];
  #case = null;

  constructor(app, name, caseName, step) {
    [this.app, this.name, this.caseName, this.step] = [app, name, caseName, step];
    this.events = new AbortController();
    addEventListener('resize', () => app.show(), { signal: this.events.signal });
    // Wherever the focus is: a button that has become disabled has lost it.
    addEventListener('keydown', event => this.#run !== null && this.#key(event), { signal: this.events.signal });
  }

  close() {
    this.events.abort();
  }

  async refresh() {
    if (listed !== null && (this.name === null || this.#run !== null))
      return;
    try {
      listed ??= (await scenarios()).scenarios;
      this.app.show();
      if (this.name !== null)
        await (this.#playing ??= this.#play());
      this.fault = null;
    } catch (error) {
      this.#playing = null;
      this.fault = error.message;
    }
    this.app.show();
    // Once more in the room that there is.
    requestAnimationFrame(() => this.app.show());
  }

  async #play() {
    const [{ text, cases }, { figure }] = await Promise.all([scenario(this.name), model.about()]);
    this.#cases = cases;
    this.#case = cases.find(each => each.name === this.caseName) ?? cases[0] ?? null;
    const run = await play(model, this.#case?.text ?? text, {});
    if (Array.isArray(run))
      throw new Error(run[0].message);
    [this.#run, this.#figure] = [run, figure];
    this.#position = afterStep(run, this.step === null ? 0 : Number(this.step) - 1 || 0);
  }

  #go(step) {
    this.#position = afterStep(this.#run, step);
    this.app.keep({ scenario: this.name, case: this.#case?.name ?? null, step: this.#position.step + 1 });
    this.app.show();
    requestAnimationFrame(() => showCurrent(document.querySelector('.lab .steps')));
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey
      || event.target.closest('input, textarea, select, dialog, .wide, .figure') !== null)
      return;
    event.preventDefault();
    this.#go(this.#position.step + step);
  }

  render() {
    const chosen = listed?.find(each => each.name === this.name);
    return html`<div class="lab player">
      ${this.name === null ? heading('Lab', 'scenarios, played by the model on this server')
        : html`${heading(this.name, html`<a href="lab">All scenarios</a>`)}<p class="story">
        ${chosen === undefined ? nothing : storyOf(chosen)}</p>${this.#casesList()}`}
      ${faultOf(this.fault)}
      ${this.name === null ? list() : this.#run === null ? nothing : this.#played()}</div>`;
  }

  #casesList() {
    return this.#cases.length === 0 ? nothing
      : html`<ul class="scenarios" aria-label="Cases">${this.#cases.map(({ name, when }) => html`<li>
        <a href=${`lab?${new URLSearchParams({ scenario: this.name, case: name })}`}
          aria-current=${name === this.#case.name ? 'true' : nothing}>${name}</a> <span class="quiet">${when}</span></li>`)}</ul>`;
  }

  #played() {
    const [run, position] = [this.#run, this.#position];
    const at = run.steps[position.step];
    const sockets = socketsAt(run, position);
    return html`<div class="buttons">
        <button type="button" ?disabled=${position.step === 0} @click=${() => this.#go(position.step - 1)}>Previous step</button>
        <button type="button" ?disabled=${position.step >= run.steps.length - 1}
          @click=${() => this.#go(position.step + 1)}>Next step</button>
        <button type="button" class="plain" @click=${() => this.#go(standing(run))}>To the deciding step</button>
        <span class="quiet">Step ${position.step + 1} of ${run.steps.length}, ${at.time.toFixed(1)} s</span></div>
      <p class="verdict-line" role="status" aria-label="Result">
        <code>${at.statement.text}</code> gave <strong class=${at.failed ? 'bad' : 'good'}>${at.result}</strong>${at.rule === null ? nothing
        : html` by <a href=${`explain?word=${at.rule}`}>${at.rule}</a>`}${at.because === '' ? '.' : `: ${at.because}`}</p>
      <div class="lab-views">
        <section aria-label="Steps" class="view">${stepList(run, position, step => this.#go(step))}</section>
        <section aria-label="Segments" class="view segments-view"><h2>Segments</h2>
          ${segments(run, position.step, roomFor('.segments-view'))}</section>
        <section aria-label="States" class="view states-view"><h2>States</h2>${states(this.#figure, sockets)}</section>
        <section aria-label="Sockets" class="view"><h2>Sockets</h2>${socketTable(sockets)}<h3>Timers</h3>${timers(sockets)}</section>
      </div>`;
  }
}

function list() {
  if (listed === null)
    return html`<p class="none">Reading the scenarios</p>`;
  const groups = Map.groupBy(listed, each => each.kind);
  return [...groups].map(([group, all]) => html`<section class="part"><h2>${kinds[group] ?? group}</h2>
    <ul class="scenarios">${all.map(each => html`<li><a href=${`lab?scenario=${encodeURIComponent(each.name)}`}>${each.name}</a>
      <span class="quiet">${storyOf(each)}</span></li>`)}</ul></section>`);
}

/** What a scenario tells, without its name at the head. */
function storyOf({ name, title }) {
  const story = title === name ? '' : title.startsWith(`${name}: `) ? title.slice(name.length + 2) : title;
  return story.slice(0, 1).toUpperCase() + story.slice(1);
}

/** How wide a part is inside; before it is shown, what is usual. */
function roomFor(selector) {
  return (document.querySelector(selector)?.clientWidth ?? 480) - 32;
}

/** Scrolls the list alone, never the page. */
function showCurrent(steps) {
  const current = steps?.querySelector('[aria-current=step]');
  if (current !== null && current !== undefined)
    steps.scrollTop = current.offsetTop - steps.clientHeight / 2;
}
