// What stands in a view's place whose program did not come: the server had gone before the browser asked for it.
import { faultOf, heading } from '../parts.js';
import { html } from '../shown.js';

/** @param {string} name The view's. */
export function notLoaded(name) {
  return {
    isLoaded: false,
    render: () => html`${heading(name)}${faultOf('This view could not be loaded. It is loaded as soon as the server answers again.')}
      <button type="button" @click=${() => location.reload()}>Load the page again</button>`,
  };
}
