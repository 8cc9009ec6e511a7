// The scenario's text: a plain textbox, the same text in colours behind it, and what may be completed.
import { html, nothing, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Player } from '../controller.js';
import { tokensOf } from '../language/highlight.js';
import type { Fault } from '../model.js';
import { t } from '../words.js';
import { styled } from './styling.js';

/** Colours are for the lines in sight and those around them: to lay out the pieces of more would hold up the page. */
const linesAround = 20;
/** And no more than that, where lines are long. */
const longestColoured = 30_000;
/** The lines by which what is coloured moves along. */
const linesAtOnce = 20;
const fewestRows = 6;
const mostRows = 22;
/** In a page about something else. */
const mostRowsOfPart = 12;

export function editor(player: Player): TemplateResult {
  const { text, faults, completions, topLine } = player.state;
  const id = `${player.name}-completions`;
  const isOpen = completions.words.length > 0;
  const rows = Math.max(fewestRows, Math.min(player.isPage ? mostRows : mostRowsOfPart, countLines(text) + 1));
  return html`
    <div class="editor">
      <pre class="coloured" aria-hidden="true">${coloured(text, faults, topLine)}${'\n'}</pre>
      <textarea aria-label=${t('Scenario')} rows=${rows} spellcheck="false" autocomplete="off" autocapitalize="off" wrap="off"
        aria-invalid=${faults.length > 0} aria-autocomplete="list" aria-controls=${isOpen ? id : nothing} aria-describedby=${`${player.name}-faults`}
        aria-activedescendant=${isOpen && completions.active >= 0 ? `${id}-${completions.active}` : nothing}
        .value=${live(text)} @input=${(event: InputEvent) => typed(event, player)} @keydown=${(event: KeyboardEvent) => keyed(event, player)}
        @scroll=${(event: Event) => scrolled(event, player)} @blur=${() => close(player)} @pointerdown=${() => close(player)}></textarea>
      ${isOpen ? list(player, id) : nothing}
    </div>
    <div class="faults" role="alert" id=${`${player.name}-faults`}>${faults.map(fault => html`<p>${fault.line}:${fault.column}: ${fault.message}</p>`)}</div>`;
}

function coloured(text: string, faults: Fault[], topLine: number): (TemplateResult | string)[] {
  const places = faults.map(fault => startOf(text, fault.line) + Math.max(0, fault.column - 1));
  const from = startOf(text, topLine - linesAround);
  const to = Math.min(startOf(text, topLine + mostRows + linesAround), from + longestColoured);
  let at = from;
  const pieces = tokensOf(text.slice(from, to)).map(token => {
    const isFaulty = places.some(place => place >= at && place < at + token.text.length);
    at += token.text.length;
    return token.kind === 'plain' && !isFaulty ? token.text : html`<span class=${`bind-${token.kind}${isFaulty ? ' faulty' : ''}`}>${token.text}</span>`;
  });
  return [text.slice(0, from), ...pieces, text.slice(to)];
}

/** Where a line begins; lines count from 1. */
function startOf(text: string, line: number): number {
  let start = 0;
  for (let at = 1; at < line && start < text.length; at++)
    start = text.indexOf('\n', start) + 1 || text.length;
  return start;
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0 && lines < mostRows; at = text.indexOf('\n', at + 1))
    lines++;
  return lines;
}

function list(player: Player, id: string): TemplateResult {
  const { completions, text } = player.state;
  const box = player.host.querySelector('textarea');
  const line = text.slice(0, completions.from).split('\n').length;
  const column = completions.from - (text.lastIndexOf('\n', completions.from - 1) + 1);
  const place = { '--line': String(line), '--column': String(column), '--scrolled': `${box?.scrollTop ?? 0}px`, '--scrolled-aside': `${box?.scrollLeft ?? 0}px` };
  return html`<ul class="completions" role="listbox" id=${id} aria-label=${t('Completions')} ${styled(place)}>
    ${completions.words.map((word, at) => html`<li role="option" id=${`${id}-${at}`} aria-selected=${at === completions.active}
      @pointerdown=${(event: Event) => { event.preventDefault(); complete(player, at); }}>${word}</li>`)}</ul>`;
}

function typed(event: InputEvent, player: Player): void {
  const box = event.target as HTMLTextAreaElement;
  player.edit(box.value, box.selectionStart);
}

function keyed(event: KeyboardEvent, player: Player): void {
  const { words, active } = player.state.completions;
  if (words.length === 0)
    return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined)
    player.update({ completions: { ...player.state.completions, active: Math.max(-1, Math.min(words.length - 1, active + step)) } });
  else if ((event.key === 'Enter' || event.key === 'Tab') && active >= 0)
    complete(player, active);
  else if (event.key === 'Escape')
    close(player);
  else {
    if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End')
      close(player);
    return;
  }
  event.preventDefault();
}

function complete(player: Player, at: number): void {
  const box = player.host.querySelector('textarea')!;
  const { from, words } = player.state.completions;
  const { text } = player.state;
  const caret = from + words[at].length;
  const end = Math.max(from, box.selectionStart);
  box.focus();
  // As if it was typed, so that the browser can undo it.
  box.setSelectionRange(from, end);
  if (!document.execCommand('insertText', false, words[at])) {
    player.edit(text.slice(0, from) + words[at] + text.slice(end), caret);
    box.setSelectionRange(caret, caret);
  }
  close(player);
}

function close(player: Player): void {
  if (player.state.completions.words.length > 0)
    player.update({ completions: { from: 0, words: [], active: -1 } });
}

function scrolled(event: Event, player: Player): void {
  const box = event.target as HTMLTextAreaElement;
  const line = box.scrollTop / box.scrollHeight * player.state.text.split('\n').length;
  const topLine = 1 + Math.floor(line / linesAtOnce) * linesAtOnce;
  if (topLine !== player.state.topLine)
    player.update({ topLine });
  const behind = box.previousElementSibling as HTMLElement;
  behind.scrollTop = box.scrollTop;
  behind.scrollLeft = box.scrollLeft;
}
