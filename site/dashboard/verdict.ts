// In the place of player/views/verdict.ts: here a rule's page is the server's, explain?word=BW004.
import { html, type TemplateResult } from 'lit-html';

/** A link to what is known of a rule; the rules of another system have no page of their own. */
export function ruleLink(rule: string): TemplateResult {
  return /^BW\d+$/.test(rule) ? html`<a href=${`explain?word=${rule}`}>${rule}</a>` : html`<span>${rule}</span>`;
}
