// Runs the model for model.js: says so once it can, and then answers each call.

import { dotnet } from './_framework/dotnet.js';

// What an answer begins with that is a sentence about the input (CallAnswer.FaultMark).
const FAULT_MARK = '!';

let model;
let hasPages = false;

try {
  const { getAssemblyExports, getConfig } = await dotnet.create();
  model = (await getAssemblyExports(getConfig().mainAssemblyName)).Bindwise.Browser.ModelExports;
  self.onmessage = async ({ data: { method, args } }) => self.postMessage(await answer(method, args));
  self.postMessage({});
} catch (error) {
  self.postMessage({ broken: `the model does not start: ${error.message}` });
}

async function answer(method, args) {
  try {
    if (method === 'Explain' && !hasPages) await loadPages();
    const text = model[method](...args);
    return text.startsWith(FAULT_MARK) ? { fault: text.slice(FAULT_MARK.length) } : { answer: text };
  } catch (error) {
    return { broken: error.message };
  }
}

/** Only who has something explained waits for the pages. */
async function loadPages() {
  const response = await fetch(new URL('pages.txt', import.meta.url));
  if (!response.ok) throw new Error(`pages.txt: ${response.status}`);
  model.LoadPages(new Uint8Array(await response.arrayBuffer()));
  hasPages = true;
}
