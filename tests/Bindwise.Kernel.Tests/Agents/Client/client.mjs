// Speaks with `bindwise mcp` as an agent does, by the client of the TypeScript package. Arguments: the program, and the pid that is to be ended.
import { readdirSync, readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

const [program, pid] = process.argv.slice(2);
const client = new Client({ name: "test", version: "1" });
// The package's own limit is a minute, which a busy machine may need.
const patience = { timeout: 240_000 };
await client.connect(new StdioClientTransport({ command: program, args: ["mcp", "--allow-actions"], stderr: "inherit" }), patience);
const call = (name, args, options) => client.callTool({ name, arguments: args }, undefined, { ...patience, ...options });
// After listTools() the client checks each structured content against the tool's output schema.
// Each line of the results is checked against the schema of docs/schema that it names.
const schemas = new Ajv2020({ strict: false, validateFormats: false });
for (const file of readdirSync("schema")) schemas.addSchema(JSON.parse(readFileSync(`schema/${file}`, "utf8")));
const line = (result) => {
  for (const one of result.structuredContent.results)
    if (!schemas.validate(one.schema, one)) throw new Error(`${one.schema}: ${schemas.errorsText()}`);
  return result.structuredContent.results[0];
};

const { tools } = await client.listTools(undefined, patience);
console.log("tools", tools.map((tool) => tool.name).join());
// Strict: an unknown keyword is an error.
for (const tool of tools) new Ajv2020({ strict: true }).compile(tool.inputSchema);
console.log("why", line(await call("why", { target: "127.0.0.1:8080" })).verdict);
console.log("ls", line(await call("ls", { filter: "8080" })).target);

const picked = await call("pick", { prefer: 9000, range: "9000-9001", lease_seconds: 3600 });
const other = await call("pick", { range: "9000-9001" });
console.log("pick", line(picked).port, "from", new Set([line(picked).port, line(other).port]).size);
const planned = line(await call("plan", { path: process.cwd() }));
console.log("plan", planned.verdict, planned.conflicts[0].rule);

let told = false;
const closed = await call("wait", { target: "127.0.0.1:8080", until: "closed", timeout_seconds: 10 }, { onprogress: () => (told = true) });
console.log("wait", told ? "progress" : "silent", line(closed).until);

const stop = new AbortController();
setTimeout(() => stop.abort(), 200);
await call("wait", { target: "127.0.0.1:8080", timeout_seconds: 600 }, { signal: stop.signal }).catch(() => console.log("wait cancelled"));
await call("burn", {}).catch((error) => console.log("unknown", error.code));

const shown = await call("free", { target: "127.0.0.1:8080", grace_seconds: 60 });
if (line(shown).actions[0].pid !== Number(pid)) throw new Error(JSON.stringify(shown));
const done = await call("free", { target: "127.0.0.1:8080", grace_seconds: 60, confirm: shown.structuredContent.confirm });
console.log("free", line(shown).outcome, line(done).outcome);
await client.close();
console.log("closed");
