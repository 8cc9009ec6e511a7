// The answer of `why` for a target: the first line, the rule, the sockets with their owners, what to do, and what could not be seen. It is
// asked for when a reader asks, never by a clock or an event: its probe could be in the way of a server that starts in that moment.
import { why } from '../api.js';
import { moment } from '../format.js';
import { age, command, faultOf, heading, wide } from '../parts.js';
import { readInto } from '../refreshing.js';
import { html, nothing } from '../shown.js';
import { FreeDialog } from './free.js';

const longestTitle = 60;
const signs = { free: ['good', '✓', 'Free'], blocked: ['bad', '✗', 'Taken'], undetermined: ['half', '?', 'Not certain'] };

export function open(app, query) {
  return new Why(app, query.get('target') ?? '', query.getAll('also'));
}

class Why {
  answer = null;
  fault = null;
  /** When something happened to the port after it was asked about. */
  #changedAt = null;
  #abort = new AbortController();
  #dialog = null;

  /** @param also What the same text names besides. */
  constructor(app, target, also) {
    [this.app, this.target, this.also] = [app, target, also];
  }

  refresh() {
    return this.target === '' || this.answer !== null ? undefined : this.#ask();
  }

  take(event, { address, time }) {
    const port = this.answer?.target.port ?? null;
    if (event === 'bind-failed' || port === null || !address?.endsWith(`:${port}`) || Date.parse(time) < Date.parse(this.answer.takenAt))
      return;
    this.#changedAt = time;
    this.app.show();
  }

  close() {
    this.#abort.abort();
    this.#dialog?.close();
  }

  async #ask() {
    this.#changedAt = null;
    await readInto(this, this.app, () => why(this.target, this.#abort.signal));
  }

  #free(button) {
    this.#dialog = new FreeDialog(this.target, () => {
      button.focus();
      void this.#ask().then(() => queueMicrotask(() => {
        // What is free has no such button any more.
        if (!button.isConnected)
          document.getElementById('view').focus({ preventScroll: true });
      }));
    });
    void this.#dialog.open();
  }

  render() {
    const { answer, target } = this;
    if (target === '')
      return html`${heading('Why')}${faultOf(this.app.askFault)}
        <p class="none">Type a port or an address with a port into the field "Target" above, or paste an error.</p>`;
    const title = answer === null ? short(target) : placeOf(answer.target);
    return html`${heading(`Why ${title}`, answer === null ? '' : `read at ${moment(answer.takenAt)}`)}
      <div role="status" aria-label="Changes">${this.#changedAt === null ? nothing
        : html`<p class="changed">Something happened on this port at ${moment(this.#changedAt)}.
          <button type="button" @click=${() => void this.#ask()}>Ask again</button></p>`}</div>
      ${faultOf(this.fault)}
      ${this.also.length === 0 ? nothing : html`<p>The text also names ${this.also.map((each, at) => html`${at === 0 ? '' : ', '}<a
        href=${`why?${new URLSearchParams({ target: each })}`}>${each}</a>`)}.</p>`}
      ${answer === null ? (this.fault === null ? html`<p class="none">Asking the kernel</p>` : nothing) : this.#answered(answer)}`;
  }

  #answered(answer) {
    const [kind, sign, name] = signs[answer.verdict] ?? signs.undetermined;
    // The rule stands above already.
    const reasons = answer.why.filter(sentence => sentence !== answer.rule?.sentence);
    const isHeld = answer.blockers.length > 0 && this.app.server.actions;
    return html`<div class=${`verdict ${kind}`} role="status" aria-label="Verdict">
        <p class="summary"><span class=${`sign ${kind}`}><span aria-hidden="true">${sign}</span>
          <span class="unseen">${name}: </span></span> ${answer.summary}</p>
        ${answer.rule === null ? nothing : html`<p class="rule">
          <a href=${`explain?word=${answer.rule.id}`}>${answer.rule.id}</a> ${answer.rule.sentence}
          <span class="quiet">${answer.rule.source}</span></p>`}
        ${answer.cause === null ? nothing : html`<p class="rule">Cause: <a href=${`explain?word=${answer.cause}`}>${answer.cause}</a></p>`}
        ${isHeld ? html`<p><button type="button" class="danger"
          @click=${event => this.#free(event.currentTarget)}>Free ${placeOf(answer.target)}</button></p>` : nothing}
      </div>
      ${reasons.length === 0 ? nothing : html`<section class="part"><h2>Why</h2>
        ${reasons.map(sentence => html`<p>${sentence}</p>`)}</section>`}
      ${answer.blockers.length === 0 ? nothing : html`<section class="part"><h2>In the way</h2>${sockets(answer.blockers)}</section>`}
      ${remedies(answer.remedies)}
      ${listOf('Warnings', answer.warnings)}
      ${listOf('What could not be seen', answer.limits)}
      ${answer.disagreement === null ? nothing
        : html`<section class="part"><h2>The kernel disagrees with the rules</h2><p>Please report it with this scenario:</p>
          ${command(answer.disagreement)}</section>`}`;
  }
}

/** A pasted error may be long. */
const short = text => text.length <= longestTitle ? text : `${text.slice(0, longestTitle)}…`;

/** A target as short as it can be said: TCP is what is meant where nothing is said. */
function placeOf({ text, protocol, address, port, path }) {
  if (path !== null || port === null)
    return path ?? text;
  const host = address === null ? '' : `${address.includes(':') ? `[${address}]` : address}:`;
  return `${host}${port}${protocol === 'udp' ? '/udp' : ''}`;
}

function sockets(blockers) {
  return wide('Sockets in the way', html`<table aria-label="Sockets in the way">
    <thead><tr><th scope="col">State</th><th scope="col">Local</th><th scope="col">Remote</th><th scope="col">Owner</th>
      <th scope="col">Since</th><th scope="col">Options</th><th scope="col">Rule</th></tr></thead>
    <tbody>${blockers.map(each => html`<tr><td><span class="tcp-state">${each.state}</span>${each.secondsLeft === null ? nothing
      : html` <span class="quiet">${Math.ceil(each.secondsLeft)} s left</span>`}</td>
      <td><code>${each.local}</code></td><td>${each.remote === null ? '–' : html`<code>${each.remote}</code>`}</td>
      <td>${ownersOf(each)}</td><td>${age(each.owners[0]?.startedAt) ?? '–'}</td>
      <td>${optionsOf(each)}</td><td>${each.rule === null ? '–' : html`<a href=${`explain?word=${each.rule}`}>${each.rule}</a>`}</td>
        </tr>`)}</tbody></table>`);
}

function ownersOf({ owners, kernelService, hint }) {
  if (owners.length === 0)
    return html`<span class="quiet">${kernelService?.name ?? hint?.text ?? 'no visible process'}</span>`;
  return owners.map(owner => {
    const from = owner.startedFrom;
    const place = [owner.user, from.container?.name ?? owner.unit, from.projectFolder, from.tool]
      .filter(each => each !== null && each !== undefined).join(' · ');
    // By its number, which the sentences have beside its name: its command line does not always tell how it calls itself.
    return html`<div class="owner"><span>pid ${owner.pid}</span>${owner.state === 'running' ? nothing
      : html` <span class="warning">${owner.state}</span>`}
      ${owner.command === null ? nothing : html`<code class="quiet command-line" title=${owner.command}>${owner.command}</code>`}
      ${place === '' ? nothing : html`<span class="quiet place">${place}</span>`}</div>`;
  });
}

function optionsOf({ options, unknownOptions }) {
  const all = [...options, ...unknownOptions.map(each => `${each}?`)];
  return all.length === 0 ? '–' : html`<span class="quiet">${all.join(', ')}</span>`;
}

function remedies(list) {
  return list.length === 0 ? nothing : html`<section class="part"><h2>What to do</h2>
    <ol class="remedies" aria-label="What to do">${list.map(each => html`<li>
    <p>${each.text}</p>${each.command === null ? nothing : command(each.command)}
    ${each.note === null ? nothing : html`<p class="quiet">${each.note}</p>`}
    <p class="quiet">Changes: ${ended(each.changes)} Risk: ${ended(each.risk)}</p></li>`)}</ol></section>`;
}

const ended = text => text.endsWith('.') ? text : `${text}.`;

function listOf(name, list) {
  return list.length === 0 ? nothing
    : html`<section class="part"><h2>${name}</h2>
      <ul aria-label=${name}>${list.map(each => html`<li data-id=${each.id}>${each.text}</li>`)}</ul></section>`;
}
