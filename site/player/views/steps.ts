// The calls of a run with their results, and the sliders.
import { html, type TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Player } from '../controller.js';
import type { Position, Run } from '../run/run.js';
import { t } from '../words.js';

/** Of a longer run only the steps around the current one are laid out. */
const mostSteps = 120;

/** The part of the steps that is shown. */
export function windowOf(run: Run, step: number): [from: number, to: number] {
  const from = Math.max(0, Math.min(step - mostSteps / 2, run.steps.length - mostSteps));
  return [from, Math.min(run.steps.length, from + mostSteps)];
}

export function stepList(run: Run, position: Position, go: (step: number) => void): TemplateResult {
  const [from, to] = windowOf(run, position.step);
  return html`<ol class="steps" start=${from + 1} aria-label=${t('Steps')} tabindex="0">
    ${run.steps.slice(from, to).map(({ statement, result, failed }, at) => html`
      <li aria-current=${from + at === position.step ? 'step' : 'false'}>
        <button type="button" @click=${() => go(from + at)}><code>${statement.text}</code>
        <span class=${failed ? 'bad' : 'given'}>${failed ? '✗ ' : ''}${result}</span></button></li>`)}</ol>`;
}

export function sliders(player: Player, run: Run): TemplateResult {
  const { position, isPlaying } = player.state;
  const last = Math.max(0, run.steps.length - 1);
  const step = run.steps[position.step];
  return html`
    <div class="sliders">
      <div class="buttons">
        <button type="button" aria-label=${t('Previous step')} title=${t('Previous step')} ?disabled=${position.step <= 0} @click=${() => player.stepTo(position.step - 1)}><span aria-hidden="true">◀</span></button>
        <button type="button" aria-label=${t('Play')} title=${t('Play')} aria-pressed=${isPlaying} @click=${() => player.togglePlay()}><span aria-hidden="true">${isPlaying ? '❚❚' : '▶'}</span></button>
        <button type="button" aria-label=${t('Next step')} title=${t('Next step')} ?disabled=${position.step >= last} @click=${() => player.stepTo(position.step + 1)}><span aria-hidden="true">▶▏</span></button>
      </div>
      <label class="slider"><span>${t('Step')} <output>${position.step + 1}/${last + 1}</output></span>
        <input type="range" aria-label=${t('Step')} min="0" max=${last} step="1" .value=${live(String(position.step))} aria-valuetext=${`${position.step + 1}: ${step?.statement.text ?? ''}`}
          @input=${(event: Event) => player.stepTo(Number((event.target as HTMLInputElement).value))}></label>
      <label class="slider"><span>${t('Time')} <output>${seconds(position.time)}</output></span>
        <input type="range" aria-label=${t('Time')} min="0" max=${run.ends} step="any" .value=${live(String(position.time))} aria-valuetext=${seconds(position.time)}
          @keydown=${(event: KeyboardEvent) => moveInTime(event, player, run)}
          @input=${(event: Event) => player.timeTo(Number((event.target as HTMLInputElement).value))}></label>
    </div>`;
}

/** A slider of any value moves by its own steps; here an arrow is a second. */
function moveInTime(event: KeyboardEvent, player: Player, run: Run): void {
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
  if (step === undefined)
    return;
  event.preventDefault();
  player.timeTo(Math.max(0, Math.min(run.ends, player.state.position.time + step)));
}

export function seconds(time: number): string {
  return t('{0} s', time.toFixed(1));
}
