// A list of any length as a grid: only the rows in sight exist, and one of them can be reached by Tab, the others by the arrow keys.
import { repeat, styled } from './made/player.js';
import { html, nothing } from './shown.js';

/** Rows beyond the window's edges, so that a fast scroll shows no gap. */
const spare = 12;
const rowsAPage = 20;

export class VirtualGrid {
  #rows = [];
  #keys = new Map();
  #active = null;
  #host = null;
  #events = new AbortController();

  /**
   * @param {object} options
   * @param {string} options.name What a screen reader calls the grid.
   * @param {{name: string, area: string}[]} options.columns The head of each column; `area` is its place in the style sheet.
   * @param {() => {area: string, descending: boolean} | null} options.order By which column the rows are sorted; null for none.
   * @param {(area: string) => void} options.sort The head of a column was chosen.
   * @param {(row: object) => string} options.keyOf What stays the same of a row when the list is read again.
   * @param {(row: object) => unknown[]} options.cells What stands in the cells, one for each column.
   * @param {(row: object) => void} options.choose Enter, or a click.
   * @param {() => void} options.show Draws the page again.
   */
  constructor(options) {
    this.options = options;
    for (const name of ['scroll', 'resize'])
      addEventListener(name, () => options.show(), { passive: true, signal: this.#events.signal });
  }

  close() {
    this.#events.abort();
  }

  get rows() {
    return this.#rows;
  }

  set rows(rows) {
    this.#rows = rows;
    this.#keys = new Map(rows.map((row, at) => [this.options.keyOf(row), at]));
  }

  render() {
    const { name, columns, keyOf } = this.options;
    if (!this.#keys.has(this.#active))
      this.#active = this.rows.length === 0 ? null : keyOf(this.rows[0]);
    const height = this.#rowHeight();
    const [from, to] = this.#inSight(height);
    const drawn = this.rows.slice(from, to).map((row, at) => ({ row, index: from + at }));
    const active = this.#activeIndex();
    // The row that has the focus keeps it, however far away it is scrolled.
    if (active >= 0 && (active < from || active >= to))
      drawn.push({ row: this.rows[active], index: active });
    return html`<div class="grid" role="grid" aria-label=${name} aria-rowcount=${this.rows.length + 1} aria-colcount=${columns.length}
        @keydown=${event => this.#key(event)}>
      <div role="rowgroup" class="head"><div role="row" aria-rowindex="1">
        ${columns.map(column => this.#head(column))}</div></div>
      <div role="rowgroup" class="rows" ${styled({ height: `${this.rows.length * height}px` })}>
        ${repeat(drawn, ({ row }) => keyOf(row), ({ row, index }) => this.#row(row, index, height))}</div></div>`;
  }

  /** Call after each drawing: how high the rows are is known only now. */
  drawn() {
    const host = document.querySelector('.grid .rows');
    if (host === this.#host)
      return;
    this.#host = host;
    this.options.show();
  }

  #head({ name, area }) {
    const { order, sort } = this.options;
    const now = order();
    const direction = now?.area !== area ? 'none' : now.descending ? 'descending' : 'ascending';
    return html`<span role="columnheader" class=${`cell ${area}`} aria-sort=${direction}>
      <button type="button" class="plain" @click=${() => sort(area)}>${name}</button></span>`;
  }

  #row(row, index, height) {
    const { columns, cells, keyOf, choose } = this.options;
    const key = keyOf(row);
    return html`<div role="row" class="row" aria-rowindex=${index + 2} data-key=${key} tabindex=${key === this.#active ? 0 : -1}
        ${styled({ transform: `translateY(${index * height}px)` })} @focus=${() => this.#activate(key)}
        @click=${event => event.target.closest('a') === null && getSelection()?.isCollapsed !== false && choose(row)}>
      ${cells(row).map((cell, at) => html`<span role="gridcell" class=${`cell ${columns[at].area}`}>${cell ?? nothing}</span>`)}</div>`;
  }

  #activate(key) {
    if (this.#active === key)
      return;
    this.#active = key;
    this.options.show();
  }

  #activeIndex() {
    return this.#keys.get(this.#active) ?? -1;
  }

  #rowHeight() {
    return Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--row')) || 36;
  }

  #inSight(height) {
    const top = document.querySelector('.grid .rows')?.getBoundingClientRect().top ?? 0;
    const from = Math.max(0, Math.floor(-top / height) - spare);
    return [from, Math.min(this.rows.length, Math.max(from, Math.ceil((innerHeight - top) / height) + spare))];
  }

  #key(event) {
    const at = this.#activeIndex();
    if (at < 0 || event.target.closest?.('.rows [role=row]') === null)
      return;
    if (event.key === 'Enter') {
      event.preventDefault();
      this.options.choose(this.rows[at]);
      return;
    }
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: rowsAPage, PageUp: -rowsAPage, Home: -this.rows.length, End: this.rows.length };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.metaKey)
      return;
    event.preventDefault();
    this.#moveTo(Math.max(0, Math.min(this.rows.length - 1, at + step)));
  }

  #moveTo(index) {
    this.#active = this.options.keyOf(this.rows[index]);
    const height = this.#rowHeight();
    const rows = document.querySelector('.grid .rows').getBoundingClientRect();
    const head = document.querySelector('.grid .head').getBoundingClientRect().height;
    const top = rows.top + index * height;
    const under = document.querySelector('.top').getBoundingClientRect().bottom + head;
    if (top < Math.max(under, 0) || top + height > innerHeight)
      scrollBy(0, top < under ? top - Math.max(under, 0) - height : top + 2 * height - innerHeight);
    this.options.show();
    // Drawn in a microtask; the row is there in the next one.
    queueMicrotask(() => document.querySelector('.grid .row[tabindex="0"]')?.focus({ preventScroll: true }));
  }
}
