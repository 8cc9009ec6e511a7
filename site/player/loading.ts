// The model is fetched once for all players of a page, and only when one of them is seen or used.
import type { Model } from './model.js';

let model: Promise<Model> | undefined;

/** The model; after a failure the next call tries again. */
export function loadModel(): Promise<Model> {
  model ??= open().catch((error: unknown) => {
    model = undefined;
    throw error;
  });
  return model;
}

/** What a page has to play takes the model milliseconds; a slow phone or a busy machine gets a minute for it. */
const callSeconds = 60;

async function open(): Promise<Model> {
  const { open } = await import(new URL('./model.js', import.meta.url).href) as { open: (limits: { seconds: number }) => Promise<Model> };
  return open({ seconds: callSeconds });
}

/** Calls back when the element is seen or used, or when the page has nothing else to do: it has a player, so a reader will want it. */
export function whenWanted(element: HTMLElement, start: () => void): void {
  const wanted = new AbortController();
  const go = () => {
    if (wanted.signal.aborted)
      return;
    wanted.abort();
    start();
  };
  const seen = new IntersectionObserver(entries => entries.some(entry => entry.isIntersecting) && go());
  seen.observe(element);
  wanted.signal.addEventListener('abort', () => seen.disconnect());
  element.addEventListener('pointerdown', go, { signal: wanted.signal });
  element.addEventListener('focusin', go, { signal: wanted.signal });
  const savesData = (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
  if (!savesData)
    addEventListener('load', () => ('requestIdleCallback' in window ? requestIdleCallback(go, { timeout: 2000 }) : setTimeout(go, 500)), { once: true });
}

/** The Chinese of the model's sentences; of a page in English, none. */
export async function loadSentences(): Promise<Record<string, string>> {
  return document.documentElement.lang === 'en' ? {} : await json('sentences.json') as Record<string, string>;
}

/** A cause as a list of them has it. */
export interface CauseLink {
  id: string;
  short: string;
  /** Below the site's root. */
  address: string;
}

let causes: Promise<CauseLink[]> | undefined;

/** The causes, in the page's language. */
export function loadCauses(): Promise<CauseLink[]> {
  return causes ??= json(`causes.${document.documentElement.lang}.json`) as Promise<CauseLink[]>;
}

async function json(name: string): Promise<unknown> {
  const response = await fetch(new URL(`./${name}`, import.meta.url));
  if (!response.ok)
    throw new Error(`${name}: ${response.status}`);
  return response.json();
}
