// What stands in deploy/, by the types that Kubernetes and Grafana publish: a field that they do not know, one that is missing, or one of
// another type is a fault of the compiler.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadAll } from 'js-yaml';

const root = process.env.BINDWISE_ROOT ?? '';
const packages = join(root, 'site', 'node_modules');
const textOf = (file: string) => readFileSync(join(root, 'deploy', file), 'utf8');

const settings = {
  compilerOptions: { strict: true, skipLibCheck: true, noEmit: true, target: 'es2022', module: 'esnext', moduleResolution: 'bundler', types: [] },
};

/** What the compiler says of a module that stands where the packages are found. */
function faultsOf(module: string): string {
  const folder = mkdtempSync(join(packages, '.deploy-'));
  try {
    writeFileSync(join(folder, 'deploy.ts'), module);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...settings, include: ['deploy.ts'] }));
    return spawnSync(join(packages, '.bin', 'tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Each object of the manifest as its kind of that version. */
const manifest = (loadAll(textOf('kubernetes.yml')) as { apiVersion: string, kind: string }[]).map((each, at) => {
  const group = each.apiVersion.includes('/') ? each.apiVersion : `core/${each.apiVersion}`;
  return `export const object${at}: import('kubernetes-types/${group}').${each.kind} = ${JSON.stringify(each)};`;
}).join('\n');

/** The dashboard, its panels each by their own kind; where the types have an enumeration, the file has its text. */
const dashboard = `
import type { Dashboard, Panel } from '@grafana/schema';
import type { Options as BarGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { FieldConfig as Cell, Options as Table } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { FieldConfig as Line, Options as TimeSeries } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';
type Text<T> = T extends string ? \`\${T}\` : T extends readonly (infer U)[] ? Text<U>[] : T extends object ? { [K in keyof T]: Text<T[K]> } : T;
type Of<Kind, Options, Field> = Omit<Panel<Partial<Options>, Partial<Field>>, 'type'> & { type: Kind };
type Ours = Of<'bargauge', BarGauge, {}> | Of<'stat', Stat, {}> | Of<'table', Table, Cell> | Of<'timeseries', TimeSeries, Line>;
export const dashboard: Text<Omit<Dashboard, 'panels'> & { panels: Ours[] }> = ${textOf('grafana-dashboard.json')};`;

test('deploy/kubernetes.yml has what Kubernetes knows', () => {
  assert.equal(faultsOf(manifest), '');
  assert.match(faultsOf(manifest.replace('"hostPID"', '"hostPid"')), /hostPid/);
  assert.match(faultsOf(manifest.replace('"containerPort":9876', '"containerPort":"9876"')), /not assignable to type 'number'/);
});

test('deploy/grafana-dashboard.json has what Grafana knows', () => {
  assert.equal(faultsOf(dashboard), '');
  assert.match(faultsOf(dashboard.replace('"gridPos"', '"gridpos"')), /gridpos/);
  assert.match(faultsOf(dashboard.replace('"absolute"', '"absolut"')), /absolut/);
});
