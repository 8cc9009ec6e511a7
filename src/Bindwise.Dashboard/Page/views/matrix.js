// The matrix: any two sockets on one port, on any system, by the model on the server.
import { model } from '../api.js';
import { matrixTab } from '../made/player.js';
import { faultOf, heading } from '../parts.js';
import { html, nothing } from '../shown.js';

/** What is chosen at first, and is not told in the address. */
const usual = { system: 'linux', kernel: '', first: 'none', second: 'none', state: 'listening', listen: false, user: 'same', udp: false,
  addresses: 'few' };

export function open(app, query) {
  return new Matrix(app, query);
}

/** What the player's matrix asks of its player. */
class Matrix {
  fault = null;
  state = { about: null, cells: null, matrix: usual };
  #asked = 0;
  #scenario = null;

  constructor(app, query) {
    this.app = app;
    const choice = Object.entries(usual).filter(([name]) => query.has(name))
      .map(([name, value]) => [name, typeof value === 'boolean' ? query.get(name) === 'true' : query.get(name)]);
    this.state.matrix = { ...usual, ...Object.fromEntries(choice) };
  }

  async refresh() {
    if (this.state.cells === null)
      await this.#ask();
  }

  setMatrix(choice) {
    this.state = { ...this.state, matrix: { ...this.state.matrix, ...choice } };
    this.#scenario = null;
    this.app.keep(Object.fromEntries(Object.entries(this.state.matrix).filter(([name, value]) => value !== usual[name])));
    this.app.show();
    void this.#ask();
  }

  async openCell(cell) {
    try {
      this.#scenario = await model.cellScenario(cell);
    } catch (error) {
      this.fault = error.message;
    }
    this.app.show();
    requestAnimationFrame(() => document.getElementById('cell-scenario')?.focus());
  }

  async #ask() {
    const asked = ++this.#asked;
    try {
      const about = this.state.about ?? await model.about();
      // What can be chosen is shown even where the address has a choice that there is not.
      this.state = { ...this.state, about };
      const { system, kernel, first, second, state, listen, user, udp, addresses } = this.state.matrix;
      const { cells } = await model.matrix({
        on: system, addresses, state, listen, user, udp, options: first === second ? first : `${first}/${second}`,
        kernel: system === 'linux' ? kernel : '',
      });
      if (asked !== this.#asked)
        return;
      this.state = { ...this.state, cells };
      this.fault = null;
    } catch (error) {
      if (asked !== this.#asked)
        return;
      this.state = { ...this.state, cells: null };
      this.fault = error.message;
    }
    this.app.show();
  }

  render() {
    return html`<div class="player">${heading('Matrix', 'which two sockets can share a port')}${faultOf(this.fault)}
      ${this.state.about === null ? nothing : matrixTab(this)}
      ${this.#scenario === null ? nothing
        : html`<section class="part" id="cell-scenario" tabindex="-1" aria-label="Scenario"><h2>Scenario</h2>
        <pre><code>${this.#scenario}</code></pre>
        <p class="quiet">Save it as a file, and play it with <code>bindwise lab run FILE</code>.</p></section>`}</div>`;
  }
}
