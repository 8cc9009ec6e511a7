// The search: a dialog over the page, and an index that is fetched from this site when it is first opened.
import MiniSearch from 'minisearch';
import type { t } from '../player/words.js';
import { indexOptions, search } from './search-terms.js';

type Words = typeof t;

interface Found {
  title: string;
  heading: string;
  address: string;
  start: string;
  english: boolean;
}

/** The site's root, from where this script stands: assets/site.js. */
const root = new URL('../', import.meta.url);
const shownResults = 20;

let index: Promise<MiniSearch> | undefined;
let dialog: HTMLDialogElement | undefined;

/** Opens the dialog, and fetches the index if it is not there yet. */
export async function openSearch(words: Words): Promise<void> {
  dialog ??= makeDialog(words);
  if (!dialog.open)
    dialog.showModal();
  const input = dialog.querySelector('input')!;
  input.select();
  index ??= readIndex();
  try {
    await index;
    show(input.value, words);
  } catch {
    index = undefined;
    dialog.querySelector('[role=status]')!.textContent = words('The search did not load');
  }
}

async function readIndex(): Promise<MiniSearch> {
  const response = await fetch(new URL(`search/${document.documentElement.lang}.json`, root));
  if (!response.ok)
    throw new Error(response.statusText);
  return MiniSearch.loadJSONAsync(await response.text(), indexOptions);
}

function makeDialog(words: Words): HTMLDialogElement {
  const made = document.createElement('dialog');
  made.className = 'search';
  made.setAttribute('aria-label', words('Search'));
  const input = Object.assign(document.createElement('input'), { type: 'search', placeholder: words('Search the site'), autocomplete: 'off' });
  input.setAttribute('aria-label', words('Search the site'));
  const close = Object.assign(document.createElement('button'), { type: 'button', textContent: words('Close') });
  const status = document.createElement('p');
  status.setAttribute('role', 'status');
  const list = document.createElement('ul');
  list.setAttribute('aria-label', words('Results'));
  const bar = Object.assign(document.createElement('div'), { className: 'search-bar' });
  bar.append(input, close);
  made.append(bar, status, list);
  document.body.append(made);
  input.addEventListener('input', () => show(input.value, words));
  close.addEventListener('click', () => made.close());
  made.addEventListener('click', event => {
    if (event.target === made || (event.target as Element).closest('li a') !== null)
      made.close();
  });
  made.addEventListener('keydown', event => moveBetweenResults(event, made));
  return made;
}

/** Down and up go through the results, as in any list of suggestions. */
function moveBetweenResults(event: KeyboardEvent, within: HTMLElement): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined)
    return;
  const stops = [within.querySelector('input')!, ...within.querySelectorAll<HTMLElement>('li a')];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  stops[Math.max(0, Math.min(stops.length - 1, at + step))]?.focus();
  event.preventDefault();
}

async function show(query: string, words: Words): Promise<void> {
  const found = query.trim() === '' ? [] : search((await index)!, query) as unknown as Found[];
  if (dialog === undefined || dialog.querySelector('input')!.value !== query)
    return;
  dialog.querySelector('[role=status]')!.textContent = query.trim() === '' || found.length > 0 ? '' : words('No results');
  dialog.querySelector('ul')!.replaceChildren(...found.slice(0, shownResults).map(each => resultOf(each, words)));
}

function resultOf(found: Found, words: Words): HTMLLIElement {
  const link = document.createElement('a');
  link.href = new URL(found.address, root).href;
  const title = Object.assign(document.createElement('strong'), { textContent: found.title });
  const start = Object.assign(document.createElement('span'), { textContent: found.start });
  link.append(title, found.heading === '' ? '' : ` › ${found.heading}`, found.english ? ` ${words('(English)')}` : '', start);
  if (found.english)
    link.hreflang = 'en';
  const item = document.createElement('li');
  item.append(link);
  return item;
}
