// Every address of the server that the page asks, and how an answer is read: a document, or the problem in one sentence.
import { socketWords } from './made/player.js';

/** What an answer that is no document tells. `status` is 0 where the server could not be reached. */
export class Problem extends Error {
  constructor(status, message, retryAfter = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

const unauthorized = 401;
const waiters = new Set();

/** Calls back when the server asks for the token. */
export function whenTokenIsAsked(tell) {
  waiters.add(tell);
}

export function tellTokenIsAsked() {
  for (const tell of waiters)
    tell();
}

/** The answer itself, whatever its status. Rejects with a Problem where there is none. */
async function ask(address, { method = 'GET', body, text, headers = {}, signal } = {}) {
  const type = body !== undefined ? { 'Content-Type': 'application/json' }
    : text !== undefined ? { 'Content-Type': 'text/plain; charset=utf-8' } : {};
  try {
    return await fetch(address, {
      method, signal, cache: 'no-store', credentials: 'same-origin', headers: { Accept: 'application/json', ...type, ...headers },
      body: body === undefined ? text : JSON.stringify(body),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError')
      throw error;
    throw new Problem(0, 'The server cannot be reached.');
  }
}

/**
 * A detail is in the words of the command line, whose lines begin with the program's name. A word that was asked about stays as it is.
 */
export function sentence(detail, asked = []) {
  if (typeof detail !== 'string' || detail === '')
    return undefined;
  const [word] = /^(?!bindwise )[a-z]+(?=[ ,:])/.exec(detail) ?? [''];
  const isKept = word === '' || asked.some(each => each.includes(word));
  const begun = isKept ? detail : detail[0].toUpperCase() + detail.slice(1);
  return /[\p{L}\p{N}"')`]$/u.test(begun) ? `${begun}.` : begun;
}

/** The sentence of a problem document, else what the status says. */
export async function problemOf(response) {
  const asked = [...new URL(response.url).searchParams.values()];
  let told = null;
  try {
    told = await response.json();
  } catch {
    told = null;
  }
  const retryAfter = Number(response.headers.get('Retry-After')) || null;
  const said = sentence(told?.detail, asked) ?? told?.title ?? `The server answered ${response.status}.`;
  return new Problem(response.status, said, retryAfter);
}

async function answer(address, options) {
  const response = await ask(address, options);
  if (response.status === unauthorized)
    tellTokenIsAsked();
  if (!response.ok)
    throw await problemOf(response);
  try {
    return await response.json();
  } catch {
    throw new Problem(response.status, 'The server\'s answer was cut off.');
  }
}

/** An address with its query; what is null or empty is left out, of a list each word is given. */
export function withQuery(address, query) {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null && each !== undefined && each !== '' && each !== false)
        words.append(name, String(each));
    }
  }
  return words.size === 0 ? address : `${address}?${words}`;
}

const at = path => `api/v1/${path}`;

export const events = at('events');
/** The server itself: `token`, `actions`, `fleet`, `host`, `version`. */
export const session = () => answer(at('session'));
export const why = (target, signal) => answer(withQuery(at('why'), { target }), { signal });
export const ports = (words, signal) => answer(withQuery(at('ports'), { filter: words }), { signal });
export const history = (query, signal) => answer(withQuery(at('history'), query), { signal });
export const states = signal => answer(at('states'), { signal });
export const pressure = (since, signal) => answer(withQuery(at('pressure'), { since }), { signal });
export const fleet = signal => answer(at('fleet'), { signal });
export const fleetPort = (port, signal) => answer(at(`fleet/ports/${encodeURIComponent(port)}`), { signal });

/** The plan of a free, with the tag that names it. */
export async function planFree(target) {
  const response = await ask(at('free'), { method: 'POST', body: { target, dryRun: true } });
  if (!response.ok)
    throw await problemOf(response);
  return { plan: await response.json(), tag: response.headers.get('ETag') };
}

/** Carries a plan out; rejects with the status 412 where it is no longer that plan. */
export async function free(target, tag) {
  return answer(at('free'), { method: 'POST', body: { target }, headers: { 'If-Match': tag } });
}

/** Leaves the token with the browser, as a cookie that no script can read. */
export async function giveToken(token) {
  const response = await ask(at('session'), { method: 'POST', body: { token } });
  if (!response.ok)
    throw await problemOf(response);
}

/** The scenarios that the lab can play. */
export const scenarios = () => answer(at('scenarios'));
export const scenario = name => answer(at(`scenarios/${encodeURIComponent(name)}`));

/** The player's Model (site/player/model.ts), answered by the server. */
export const model = {
  about: () => answer(at('model/about')),
  parse: text => answer(at('model/parse'), { method: 'POST', text }),
  trace: (text, { kernel, system } = {}) => answer(withQuery(at('model/trace'), { kernel, system }), { method: 'POST', text }),
  matrix: question => answer(withQuery(at('model/matrix'), question)),
  cellScenario: async ({ first, second, state, listens }) =>
    (await answer(withQuery(at('model/cell'), {
      first: socketWords(first, state), second: socketWords(second, listens ? 'listen' : 'bound'),
    }))).text,
  targets: text => answer(at('model/targets'), { method: 'POST', text }),
  explain: word => answer(withQuery(at('model/explain'), { word })),
};
