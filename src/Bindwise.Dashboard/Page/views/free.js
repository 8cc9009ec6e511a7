// Frees a port: a dialog that says what will be done to whom, and does exactly that, or shows the new plan where it is no longer true.
import { free, planFree } from '../api.js';
import { render } from '../made/player.js';
import { html, nothing } from '../shown.js';

const changed = 412;
/** Outcomes of a plan that can be carried out. */
const plans = ['would-free', 'would-not-free'];
/** What each outcome means. */
const outcomes = {
  'already-free': 'It is free already.', freed: 'It is free now.', refused: 'It was not freed.', declined: 'It was not freed.',
  failed: 'It could not be freed.',
};

export class FreeDialog {
  /** A place of its own: the browser tells late that a dialog was closed, when the next one may be open already. */
  #host = document.getElementById('dialogs').appendChild(document.createElement('div'));
  #plan = null;
  #tag = null;
  #note = null;
  #done = null;
  #isBusy = false;

  /**
   * @param {string} target What is to be freed.
   * @param {() => void} after Called once the dialog is closed.
   */
  constructor(target, after) {
    [this.target, this.after] = [target, after];
  }

  async open() {
    this.#draw();
    this.#dialog.showModal();
    this.#dialog.querySelector('.cancel').focus();
    await this.#ask();
  }

  close() {
    this.#dialog?.close();
  }

  get #dialog() {
    return this.#host.querySelector('dialog');
  }

  async #ask() {
    await this.#working(async () => {
      const { plan, tag } = await planFree(this.target);
      [this.#plan, this.#tag] = [plan, tag];
    });
  }

  async #free() {
    await this.#working(async () => {
      this.#note = null;
      try {
        this.#done = await free(this.target, this.#tag);
      } catch (error) {
        if (error.status !== changed)
          throw error;
        const { plan, tag } = await planFree(this.target);
        [this.#plan, this.#tag, this.#note] = [plan, tag, 'What holds the port has changed. Nothing was done; this is the new plan.'];
      }
    });
    this.#dialog?.querySelector(this.#done === null ? '.cancel' : '.close').focus();
  }

  async #working(work) {
    this.#isBusy = true;
    this.#draw();
    try {
      await work();
    } catch (error) {
      this.#note = error.message;
    }
    this.#isBusy = false;
    if (this.#dialog !== null)
      this.#draw();
  }

  #closed() {
    this.#host.remove();
    this.after();
  }

  #draw() {
    const { target } = this;
    render(html`<dialog aria-labelledby="free-title" @close=${() => this.#closed()}>
      <h2 id="free-title">Free ${target}</h2>
      <div role="status" aria-label="Plan">${this.#note === null ? nothing
        : html`<p class="fault">${this.#note}</p>`}${this.#content()}</div>
      <form method="dialog" class="buttons">${this.#done !== null ? html`<button class="close" type="submit">Close</button>` : html`
        <button class="cancel" type="submit">Cancel</button>
        <button class="danger" type="button" ?disabled=${this.#isBusy || !plans.includes(this.#plan?.outcome)}
          @click=${() => void this.#free()}>Free</button>`}</form>
    </dialog>`, this.#host);
  }

  #content() {
    const shown = this.#done ?? this.#plan;
    if (shown === null)
      return this.#isBusy ? html`<p class="none">Finding out who holds it</p>` : nothing;
    const isPlan = this.#done === null && plans.includes(shown.outcome);
    return html`<p>${isPlan ? 'This will be done, in this order, until the port is free:' : outcomes[shown.outcome] ?? shown.outcome}
        ${shown.explanation ?? ''}</p>
      ${shown.actions.length === 0 ? nothing
        : html`<ol aria-label="Actions">${shown.actions.map(({ text, result, detail }) => html`<li>${text}
        ${result === 'planned' ? nothing : html`<span class=${result === 'done' ? 'good' : 'quiet'}>${result.replace('-', ' ')}</span>`}
        ${detail === null ? nothing : html`<span class="quiet">${detail}</span>`}</li>`)}</ol>`}
      ${this.#isBusy ? html`<p class="none">Working</p>` : nothing}`;
  }
}
