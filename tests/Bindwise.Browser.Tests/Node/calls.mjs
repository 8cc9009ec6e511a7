// node --import ./worker.mjs calls.mjs MODEL.JS [SECONDS]: each line of standard input is a call, {method, args}; each line of the output its answer, {value} or {error}, with
// how long it took. An argument {file} is the text of that file, {bytes} its bytes.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const started = performance.now();
const { open } = await import(pathToFileURL(process.argv[2]));
const model = await open(process.argv[3] ? { seconds: Number(process.argv[3]) } : undefined);
tell({ value: { milliseconds: performance.now() - started } });
for await (const line of createInterface({ input: process.stdin })) {
  const { method, args } = JSON.parse(line);
  const began = performance.now();
  try {
    const value = await model[method](...args.map(given));
    tell({ value, milliseconds: performance.now() - began });
  } catch (error) {
    tell({ error: error.message, isError: error instanceof Error, milliseconds: performance.now() - began });
  }
}
model.close();

function given(arg) {
  if (typeof arg?.file === 'string') return readFileSync(arg.file, 'utf8');
  return typeof arg?.bytes === 'string' ? new Uint8Array(readFileSync(arg.bytes)) : arg;
}

function tell(answer) {
  process.stdout.write(JSON.stringify(answer) + '\n');
}
