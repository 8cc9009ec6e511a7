// Node.js has the worker of a page under another name and with other events, and fetches no files (`node --import`); model.js needs only these.

import { readFile } from 'node:fs/promises';
import { isMainThread, parentPort, Worker as Thread } from 'node:worker_threads';

if (isMainThread) {
  globalThis.Worker = class {
    #thread;

    constructor(url) {
      this.#thread = new Thread(url);
      this.#thread.on('message', (data) => this.onmessage?.({ data }));
      this.#thread.on('error', (error) => this.onerror?.({ message: error.message }));
    }

    postMessage(data) {
      this.#thread.postMessage(data);
    }

    terminate() {
      this.#thread.terminate();
    }
  };
} else {
  globalThis.self = globalThis;
  globalThis.fetch = async (url) => new Response(await readFile(url));
  globalThis.postMessage = (data) => parentPort.postMessage(data);
  parentPort.on('message', (data) => globalThis.onmessage?.({ data }));
}
