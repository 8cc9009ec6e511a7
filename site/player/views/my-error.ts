// The fourth tab: a pasted error, or a snapshot, and what can be said of it. Neither leaves the page.
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import { until } from 'lit-html/directives/until.js';
import type { Player } from '../controller.js';
import { loadCauses, type CauseLink } from '../loading.js';
import { whyCommand } from '../run/answers.js';
import type { Answer, Refusal } from '../state.js';
import { inChinese, t } from '../words.js';

const root = new URL('../', import.meta.url);

export function myErrorTab(player: Player): TemplateResult {
  const { error, answer, notice, isReading } = player.state;
  return html`
    <label class="error-text"><span>${t('Paste the line of your log:')}</span>
      <textarea aria-label=${t('Error text')} rows="4" spellcheck="false" .value=${live(error)} placeholder="OSError: [Errno 98] Address already in use"
        @input=${(event: Event) => player.setError((event.target as HTMLTextAreaElement).value)}></textarea></label>
    <div class="drop" @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${(event: DragEvent) => dropped(event, player)}>
      <label><span>${t('Or open a snapshot, made by bindwise why --save-snapshot FILE:')}</span>
      <input type="file" aria-label=${t('Snapshot')} @change=${(event: Event) => taken((event.target as HTMLInputElement).files, player)}></label></div>
    <div class="view" role="group" aria-label=${t('Answer')} aria-live="polite"><p class="view-name">${t('Answer')}</p>
      ${isReading && notice === null ? html`<p class="none">${t('Reading…')}</p>` : answer === null && notice !== null ? nothing : answer === null || (answer.text === null && error.trim() === '') ? html`<p class="none">${t('Nothing was given yet. What you give stays in this page.')}</p>`
        : answer.text === null ? ofError(answer, player.sentences) : ofSnapshot(answer)}</div>`;
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
  EPERM: 'A policy or a filter of system calls forbids it.',
  EINVAL: 'The address needs its interface, as in fe80::1%eth0, or the socket was bound before.',
  EAFNOSUPPORT: 'The system has no sockets of this address family (mostly IPv6), or a policy forbids them.',
  ENODEV: 'There is no such interface where the program runs.',
  unknown: 'A bind() failed, in words that are not known here.',
} as const;

/** Where a path says something else than a port does. */
const meaningsOfPaths = {
  EADDRINUSE: 'There is a file at this path already, or another socket has this name.',
  EACCES: 'The program may not create a socket at this path, or a policy forbids it.',
  EPERM: 'The folder takes no new file, or a policy forbids it.',
  EINVAL: 'The path is too long: a UNIX socket has at most 107 bytes of it.',
} as const;

const elsewhere = {
  windows: 'The error came from Windows, which has ports of its own.',
  macos: 'The error came from macOS or a BSD, which has ports of its own.',
} as const;

function ofError({ refusals, note }: Answer, sentences: Record<string, string>): TemplateResult {
  return refusals.length === 0 ? html`<p>${t('No error of bind() or listen() was found in this text.')}</p>`
    : html`${refusals.map(ofRefusal)}${note === null ? nothing : html`<p>${inChinese(sentences, note) ?? note}</p>`}`;
}

function ofRefusal({ error: { errno, system, causes }, targets }: Refusal): TemplateResult {
  const meaning = { ...meanings, ...targets[0]?.protocol === 'unix' ? meaningsOfPaths : {} }[errno as keyof typeof meanings];
  return html`${errno === null ? nothing : html`<p>${errno === 'unknown' ? nothing : html`<strong>${errno}</strong>${t(': ')}`}${t(meaning)}</p>`}
    ${system === null ? nothing : html`<p>${t(elsewhere[system as keyof typeof elsewhere])}</p>`}
    ${targets.length === 0 ? html`<p>${t('The text names no port. Ask with the port that your program binds:')}</p><p><code>bindwise why 8080</code></p>` : html`
      <p>${t('Ask on the host where it failed:')}</p>
      <ul class="commands">${targets.map(target => html`<li><code>${whyCommand(target)}</code></li>`)}</ul>`}
    ${until(loadCauses().then(all => causeList(all.filter(cause => causes.includes(cause.id)))), nothing)}`;
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
