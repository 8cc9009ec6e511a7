// The stream of events: read, kept alive, and mended after the last id that was seen, with pauses that grow.
import { events, problemOf, tellTokenIsAsked } from './api.js';

/** The server sends a comment every 15 s; after two that do not come nobody is there. */
const silenceMilliseconds = 35_000;
const firstPause = 500;
const longestPause = 30_000;
/** The id of no event, as if of a server that ran before. */
const noId = '0';
/** More than any event; what is longer is no event of ours. */
const longestLine = 4 * 1024 * 1024;

/** Takes the bytes of a stream apart into its events (the HTML standard, server-sent events). */
export class EventParser {
  #rest = '';
  #event = { id: null, event: '', data: [] };

  constructor(take) {
    this.take = take;
  }

  push(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLine)
      throw new Error('a line without an end');
    for (const line of lines)
      this.#line(line);
  }

  #line(line) {
    if (line === '') {
      const { id, event, data } = this.#event;
      if (data.length > 0 || event !== '' || id !== null)
        this.take({ id, event: event === '' ? 'message' : event, data: data.join('\n') });
      this.#event = { id: null, event: '', data: [] };
      return;
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (name === 'id')
      this.#event.id = value;
    else if (name === 'event')
      this.#event.event = value;
    else if (name === 'data')
      this.#event.data.push(value);
  }
}

export class Connection {
  /** connecting, live, lost or refused (the token is missing). */
  state = 'connecting';
  #lastId = null;
  #failures = 0;
  #timer;
  #silence;
  #abort = null;
  #tell;
  #take;

  /**
   * @param {(state: string) => void} tell Told each time the state changes.
   * @param {(event: {id: string | null, event: string, data: string}) => void} take Given each event.
   */
  constructor(tell, take) {
    this.#tell = tell;
    this.#take = take;
    addEventListener('online', () => this.state === 'lost' && this.open());
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', event => event.persisted && this.open());
  }

  /** Opens the stream now, whatever is under way. */
  open() {
    this.close();
    const abort = this.#abort = new AbortController();
    void this.#read(abort);
  }

  /** Opens it anew, from the first event that is kept: `reset` comes before that. */
  replay() {
    this.#lastId = noId;
    this.open();
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    this.#abort?.abort();
    this.#abort = null;
  }

  async #read(abort) {
    let pause = null;
    try {
      this.#listen(abort);
      const response = await fetch(events, {
        signal: abort.signal, cache: 'no-store', credentials: 'same-origin',
        headers: { Accept: 'text/event-stream', ...this.#lastId === null ? {} : { 'Last-Event-ID': this.#lastId } },
      });
      if (response.status === 401) {
        this.#set('refused');
        tellTokenIsAsked();
        return;
      }
      if (!response.ok) {
        pause = (await problemOf(response)).retryAfter;
        throw new Error(`status ${response.status}`);
      }
      this.#failures = 0;
      this.#set('live');
      await this.#follow(response.body.pipeThrough(new TextDecoderStream()).getReader(), abort);
    } catch {
      // Whatever ended the stream, it is opened again below, and the reader sees that it is lost.
    }
    if (this.#abort === abort)
      this.#again(pause === null ? this.#nextPause() : pause * 1000);
  }

  async #follow(reader, abort) {
    const parser = new EventParser(event => {
      if (event.id !== null)
        this.#lastId = event.id;
      // An id alone says where the stream begins.
      if (event.data !== '')
        this.#take(event);
    });
    for (;;) {
      const { done, value } = await reader.read();
      if (done)
        return;
      this.#listen(abort);
      parser.push(value);
    }
  }

  #listen(abort) {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => abort.abort(), silenceMilliseconds);
  }

  /** Doubled each time, and drawn, so that the pages of a server that comes back do not all ask in one moment. */
  #nextPause() {
    return Math.min(longestPause, firstPause * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
  }

  #again(milliseconds) {
    clearTimeout(this.#silence);
    this.#set('lost');
    this.#timer = setTimeout(() => this.open(), milliseconds);
  }

  #set(state) {
    if (this.state === state)
      return;
    this.state = state;
    this.#tell(state);
  }
}
