// Asks for the token, where the server wants one; the browser keeps it in a cookie that no script can read.
import { giveToken } from '../api.js';
import { render } from '../made/player.js';
import { html, nothing } from '../shown.js';

export class TokenForm {
  #take;
  #fault = null;
  #isShown = false;

  /** @param {() => void} take Called once the token was taken. */
  constructor(take) {
    this.#take = take;
  }

  show() {
    if (this.#isShown)
      return;
    this.#isShown = true;
    document.body.classList.add('locked');
    this.#draw();
    document.getElementById('token').focus();
  }

  /** @returns {boolean} Whether it was shown. */
  hide() {
    const wasShown = this.#isShown;
    this.#isShown = false;
    document.body.classList.remove('locked');
    render(nothing, document.getElementById('notice'));
    return wasShown;
  }

  #draw() {
    render(html`<div role="main"><form class="token" aria-label="Token" @submit=${event => void this.#send(event)}>
      <h1>Bindwise</h1>
      <p>This server needs its token: the first line of the file that was given with <code>--token-file</code>.</p>
      <label for="token">Token</label>
      <input id="token" type="password" autocomplete="current-password" required
        aria-describedby=${this.#fault === null ? nothing : 'token-fault'}>
      <button type="submit">Continue</button>
      ${this.#fault === null ? nothing : html`<p class="bad" id="token-fault">
        ${this.#fault}</p>`}</form></div>`, document.getElementById('notice'));
  }

  async #send(event) {
    event.preventDefault();
    const field = document.getElementById('token');
    try {
      await giveToken(field.value);
      this.#fault = null;
      this.#take();
    } catch (error) {
      this.#fault = error.message;
      this.#draw();
      field.select();
    }
  }
}
