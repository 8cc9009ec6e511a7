// A view whose content is read again and again: soon after something happened, and every few seconds while somebody looks at it.

/** Reading takes at most this share of the time. */
const share = 8;

export class Refreshing {
  #read;
  #every;
  #least;
  #timer;
  #soon;
  #isReading = false;
  #isWanted = false;
  #cost = 0;
  #heldUntil = 0;
  #abort = new AbortController();

  /**
   * @param {(signal: AbortSignal) => Promise<void>} read Reads and shows; it tells its own failures.
   * @param {{every?: number, least?: number}} pauses In milliseconds: the pause without events, and the shortest one with them.
   */
  constructor(read, { every = 10_000, least = 1000 } = {}) {
    this.#read = read;
    this.#every = every;
    this.#least = least;
    document.addEventListener('visibilitychange', () => !document.hidden && void this.now(), { signal: this.#abort.signal });
  }

  close() {
    this.#abort.abort();
    clearTimeout(this.#timer);
    clearTimeout(this.#soon);
    this.#soon = undefined;
  }

  /** The server asked for a pause of so many seconds; null for none. */
  hold(seconds) {
    this.#heldUntil = performance.now() + (seconds ?? 0) * 1000;
  }

  /** Something happened. */
  soon() {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.now();
    }, Math.max(this.#least, this.#cost * share, this.#heldUntil - performance.now()));
  }

  async now() {
    if (this.#isReading) {
      this.#isWanted = true;
      return;
    }
    if (performance.now() < this.#heldUntil) {
      this.soon();
      return;
    }
    this.#isReading = true;
    clearTimeout(this.#timer);
    const began = performance.now();
    try {
      await this.#read(this.#abort.signal);
    } finally {
      this.#isReading = false;
      this.#cost = performance.now() - began;
    }
    if (this.#abort.signal.aborted)
      return;
    if (this.#isWanted) {
      this.#isWanted = false;
      this.soon();
    }
    this.#timer = setTimeout(() => document.hidden || void this.now(),
      Math.max(this.#every, this.#cost * share, this.#heldUntil - performance.now()));
  }
}

/** The status of a question that the server does not understand. */
export const misunderstood = 400;

/** Reads a document into `view.answer`, or what is wrong into `view.fault`, and draws. */
export async function readInto(view, app, read) {
  try {
    view.answer = await read();
    view.fault = null;
  } catch (error) {
    if (error.name === 'AbortError')
      return;
    view.fault = error.message;
    // What was read for another question does not answer one that is not understood.
    if (error.status === misunderstood)
      view.answer = null;
    view.reading?.hold(error.retryAfter);
  }
  app.show();
}
