// The fourth tab: a pasted error, or a snapshot, and what can be said of it. Neither leaves the page.
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { until } from 'lit-html/directives/until.js';
import type { Player } from '../controller.js';
import { loadCauses, type CauseLink } from '../loading.js';
import type { Target } from '../model.js';
import { errorIn, fitting, whyCommand } from '../run/answers.js';
import { t } from '../words.js';

const root = new URL('../', import.meta.url);

export function myErrorTab(player: Player): TemplateResult {
  const { error, answer, notice } = player.state;
  return html`
    <label class="error-text"><span>${t('Paste the line of your log:')}</span>
      <textarea aria-label=${t('Error text')} rows="4" spellcheck="false" .value=${live(error)} placeholder="OSError: [Errno 98] Address already in use"
        @input=${(event: Event) => player.setError((event.target as HTMLTextAreaElement).value)}></textarea></label>
    <div class="drop" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${(event: DragEvent) => dropped(event, player)}>
      <label><span>${t('Or open a snapshot, made by bindwise why --save-snapshot FILE:')}</span>
      <input type="file" aria-label=${t('Snapshot')} @change=${(event: Event) => taken((event.target as HTMLInputElement).files, player)}></label></div>
    <div class="view" role="group" aria-label=${t('Answer')} aria-live="polite"><p class="view-name">${t('Answer')}</p>
      ${answer === null && notice !== null ? nothing : answer === null || (answer.text === null && error.trim() === '') ? html`<p class="none">${t('Nothing was given yet. What you give stays in this page.')}</p>`
        : answer.text === null ? ofError(error, answer.targets) : ofSnapshot(answer)}</div>`;
}

function dropped(event: DragEvent, player: Player): void {
  event.preventDefault();
  taken(event.dataTransfer?.files ?? null, player);
}

function taken(files: FileList | null, player: Player): void {
  if (files !== null && files.length > 0)
    void player.readSnapshot(files[0]);
}

const meanings = {
  EADDRINUSE: 'Another socket keeps this address and port, or what is left of a closed connection does.',
  EADDRNOTAVAIL: 'This host does not have the address, or no port is left for the connection.',
  EACCES: 'The program may not bind this port, or a policy forbids it.',
} as const;

function ofError(text: string, targets: Target[]): TemplateResult {
  const error = errorIn(text);
  if (error === null && targets.length === 0)
    return html`<p>${t('No error of bind() or listen() was found in this text.')}</p>`;
  const name = (error ?? 'EADDRINUSE') as keyof typeof meanings;
  const protocol = targets[0]?.protocol ?? null;
  return html`<p><strong>${name}</strong>${t(': ')}${t(meanings[name])}</p>
    ${targets.length === 0 ? html`<p>${t('The text names no port. Ask with the port that your program binds:')}</p><p><code>bindwise why 8080</code></p>` : html`
      <p>${t('Ask on the host where it failed:')}</p>
      <ul class="commands">${targets.map(target => html`<li><code>${whyCommand(target)}</code></li>`)}</ul>`}
    ${until(loadCauses().then(causes => causeList(fitting(causes, name, protocol))), nothing)}`;
}

function causeList(causes: CauseLink[]): TemplateResult {
  return causes.length === 0 ? html`` : html`<p>${t('The causes that fit:')}</p>
    <ul>${causes.map(cause => html`<li><a href=${new URL(cause.address, root).href}>${cause.id}</a>${t(': ')}${cause.short}</li>`)}</ul>`;
}

function ofSnapshot({ text, takenAt, sockets }: { text: string | null; takenAt: string | null; sockets: { place: string; state: string; owner: string }[] }): TemplateResult {
  return html`
    ${takenAt === null ? nothing : html`<p>${t('Taken {0}, in your time zone.', new Date(takenAt).toLocaleString(document.documentElement.lang, { dateStyle: 'long', timeStyle: 'long' }))}</p>`}
    <pre class="why" tabindex="0">${text}</pre>
    ${sockets.length === 0 ? nothing : html`<div class="wide" tabindex="0" role="group" aria-label=${t('Table')}><table>
      <thead><tr><th scope="col">${t('Local')}</th><th scope="col">${t('State')}</th><th scope="col">${t('Process')}</th></tr></thead>
      <tbody>${sockets.map(each => html`<tr><td><code>${each.place}</code></td><td><span class="tcp-state">${each.state}</span></td><td>${each.owner === '' ? t('none') : each.owner}</td></tr>`)}</tbody></table></div>`}`;
}
