// Small parts that several views draw alike.
import { sentence } from './api.js';
import { ago, moment } from './format.js';
import { html, nothing } from './shown.js';

/** The head of a view: its name, and beside it what it tells in a few words. */
export function heading(title, note = nothing) {
  return html`<div class="heading"><h1>${title}</h1><p class="note">${note}</p></div>`;
}

/** What went wrong, in the place of what could not be read. */
export function faultOf(fault) {
  return fault === null ? nothing : html`<p class="fault" role="alert">${fault}</p>`;
}

/** Remarks of an answer: what it could not tell, and what to do. */
export function remarks(list) {
  return list === undefined || list.length === 0 ? nothing
    : html`<ul class="remarks" aria-label="Remarks">${list.map(({ id, text }) =>
      html`<li data-id=${id}>${withCode(sentence(text))}</li>`)}</ul>`;
}

/** A time as its age, with the moment for who asks for it. */
export function age(time) {
  return time === null || time === undefined ? nothing : html`<time datetime=${time} title=${moment(time)}>${ago(time)}</time>`;
}

/** A command with a button that copies it. */
export function command(text) {
  return html`<div class="command"><pre><code>${text}</code></pre>
    <button type="button" class="plain" aria-label=${`Copy: ${text}`}
      @click=${event => void copy(event.currentTarget, text)}>Copy</button></div>`;
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    // Without the right to the clipboard the text is marked, so that the reader's own keys copy it.
    getSelection()?.selectAllChildren(button.previousElementSibling);
    button.textContent = 'Marked';
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

/** A table that scrolls sideways by itself, never the page. */
export function wide(name, content) {
  return html`<div class="wide" tabindex="0" role="group" aria-label=${name}>${content}</div>`;
}

/** A sentence in which `bindwise …` in backquotes is code. */
export function withCode(text) {
  return text.split('`').map((part, at) => at % 2 === 0 ? part : html`<code>${part}</code>`);
}
