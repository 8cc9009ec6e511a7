// The rule model in a page: `const model = await open()`. It runs in a worker, which is ended when a call takes too long; the next call has a new one.

import { socketWords } from './socket-words.js';

const WORKER = new URL('model-worker.js', import.meta.url);
const CALL_SECONDS = 10;
// Two megabytes come first, over whatever line the reader has.
const START_SECONDS = 180;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * @typedef {{kernel?: string, system?: string}} Rules A release of Linux such as "6.1", or the id of another system.
 * @typedef {{line: number, column: number, step: number | null, message: string}} Fault
 *   `message` is what the command line prints after `standard input:LINE:COLUMN: `; column 0 means the whole line.
 * @typedef {{protocol: 'tcp' | 'udp', local: string, remote: string | null, state: string, socket: string | null, process: string | null,
 *   secondsLeft: number | null}} Socket
 * @typedef {{from: string, to: string, flags: string, time?: number, fate?: 'held' | 'released' | 'lost' | 'again', bytes?: number}} Segment
 *   `time` only where it is not the step's.
 * @typedef {{socket: string | null, local: string, remote: string | null, from: string | null, to: string | null, after: number,
 *   time?: number}} StateChange `after` is how many of the step's segments were sent before.
 * @typedef {{result: string, rule: string | null, page: string | null, time: number, sockets: Socket[], segments: Segment[],
 *   states: StateChange[], because: string, blockers: string[]}} TracedStep
 * @typedef {{on?: string | string[], first?: string, second?: string, addresses?: string | string[], options?: string | string[],
 *   state?: string, listen?: boolean, user?: 'same' | 'other', udp?: boolean, kernel?: string}} MatrixQuestion
 *   As the options of `bindwise matrix`.
 * @typedef {{system: string, state: string, listens: boolean, first: CellSocket, second: CellSocket}} Cell A cell of the matrix's JSON.
 * @typedef {{protocol: string, address: string, port: number | null, v6only: boolean | null, options: string[], user: number}} CellSocket
 */

/**
 * Starts the model.
 * Each method rejects with an Error of one sentence for input that has no answer, and for what takes too long or is too large.
 * @param {{seconds?: number}} [limits] How long a call may take; 10 seconds unless told.
 */
export async function open({ seconds = CALL_SECONDS } = {}) {
  const calls = new CallQueue(seconds);
  await calls.started();
  return {
    /** What can be chosen. @returns {Promise<{systems: {id: string, name: string}[], kernels: string[], release: string}>} */
    about: () => calls.answer('About', []),

    /** A scenario's steps, without expectations, or its faults. @param {string} text
     * @returns {Promise<{steps: {line: number, text: string}[], faults: Fault[]}>} */
    parse: async (text) => calls.answer('Parse', [utf8(text)]),

    /** The object of `bindwise lab run - --on model --json`. @param {string} text @param {Rules} [rules] */
    play: async (text, rules = {}) => calls.answer('Play', [utf8(text), word(rules.kernel), word(rules.system)]),

    /** What happens step by step, for the steps of `parse`. @param {string} text @param {Rules} [rules]
     * @returns {Promise<{steps: TracedStep[]}>} */
    trace: async (text, rules = {}) => calls.answer('Trace', [utf8(text), word(rules.kernel), word(rules.system)]),

    /** The object of `bindwise matrix --json`. @param {MatrixQuestion} [question] */
    matrix: async (question = {}) => calls.answer('Matrix', [
      list(question.on), word(question.first), word(question.second), list(question.addresses), list(question.options), word(question.state),
      Boolean(question.listen), word(question.user), Boolean(question.udp), word(question.kernel),
    ]),

    /** A cell of the matrix as a scenario to play. @param {Cell} cell @returns {Promise<string>} */
    cellScenario: async (cell) =>
      (await calls.answer('CellScenario', [socketWords(cell.first, cell.state), socketWords(cell.second, cell.listens ? 'listen' : 'bound')])).text,

    /** The object of `bindwise explain --json`. @param {string} term */
    explain: async (term) => calls.answer('Explain', [String(term)]),

    /** What `bindwise why --snapshot` prints, and its exit code. @param {string | Uint8Array | ArrayBuffer | Blob} snapshot
     * @param {{target?: string, verbose?: boolean, json?: boolean}} [options]
     * @returns {Promise<{text: string, exit: number, errors?: string[], note?: string}>} */
    why: async (snapshot, options = {}) => calls.answer('Why', [
      await bytesOf(snapshot), snapshot?.name || 'this file', word(options.target), Boolean(options.verbose), Boolean(options.json),
    ]),

    /** What a pasted error names. @param {string} text @returns {Promise<{targets: object[], note?: string}>} */
    readError: async (text) => calls.answer('ReadError', [utf8(text)]),

    /** Ends the worker. */
    close: () => calls.close(),
  };
}

/** One call after the other, each with a worker that has time for it. */
class CallQueue {
  #seconds;
  #worker = null;
  #last = Promise.resolve();

  constructor(seconds) {
    this.#seconds = seconds;
  }

  /** Resolves when a worker can take a call. */
  started() {
    this.#worker ??= new ModelWorker();
    return this.#worker.started;
  }

  /** The parsed answer of a call. */
  answer(method, args) {
    if (args.reduce((bytes, arg) => bytes + bytesIn(arg), 0) > MOST_BYTES) throw tooLarge();
    const answer = this.#last.then(() => this.#ask(method, args));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  close() {
    this.#worker?.end();
    this.#worker = null;
  }

  async #ask(method, args) {
    try {
      await this.started();
      const { answer, fault } = await this.#worker.call(method, args, this.#seconds);
      if (fault === undefined) return JSON.parse(answer);
      throw new BadInput(fault);
    } catch (error) {
      if (!(error instanceof BadInput)) {
        this.close();
        // The next call finds one that is ready, or on its way. One that cannot start is tried again only then.
        if (error instanceof OutOfTime) this.started().catch(() => undefined);
      }
      throw error instanceof BadInput ? error : new Error(error.message);
    }
  }
}

/** Pages know it by its name: input that has no answer. */
class BadInput extends Error {
  name = 'BadInput';
}

class OutOfTime extends Error {}

/** A worker with the runtime, which takes one call at a time. */
class ModelWorker {
  #worker = new Worker(WORKER, { type: 'module' });

  constructor() {
    this.started = this.#reply(START_SECONDS, 'the model could not be loaded within');
  }

  call(method, args, seconds) {
    this.#worker.postMessage({ method, args });
    return this.#reply(seconds, 'this takes the model longer than');
  }

  end() {
    this.#worker.terminate();
  }

  #reply(seconds, tooLong) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new OutOfTime(`${tooLong} ${seconds} s`)), seconds * 1000);
      const settle = (done, value) => {
        clearTimeout(timer);
        done(value);
      };
      this.#worker.onmessage = ({ data }) => (data.broken === undefined ? settle(resolve, data) : settle(reject, broken(data.broken)));
      this.#worker.onerror = (event) => {
        event.preventDefault?.();
        settle(reject, new Error('the model could not be loaded'));
      };
    });
  }
}

function broken(message) {
  return new Error(`internal error, please report it: ${message}`.slice(0, 299));
}

function tooLarge() {
  return new Error('the input is larger than 8 MiB');
}

/** As bytes, which the worker's own side need not encode. */
function utf8(text) {
  const whole = String(text);
  if (whole.length > MOST_BYTES) throw tooLarge();
  return new TextEncoder().encode(whole);
}

function bytesIn(arg) {
  return typeof arg === 'string' ? utf8(arg).byteLength : (arg?.byteLength ?? 0);
}

async function bytesOf(snapshot) {
  if (snapshot instanceof Uint8Array) return snapshot;
  if (snapshot instanceof ArrayBuffer) return new Uint8Array(snapshot);
  if (!(snapshot instanceof Blob)) return utf8(snapshot);
  if (snapshot.size > MOST_BYTES) throw tooLarge();
  return new Uint8Array(await snapshot.arrayBuffer());
}

/** Nothing said is null. */
function word(value) {
  return value === undefined || value === null || value === '' ? null : String(value);
}

function list(value) {
  return word(Array.isArray(value) ? value.join(',') : value);
}
