/*
 * Where the time and the memory go: `npm run bench:profile -- counter` runs one workload with the server under
 * `node --cpu-prof` and prints the functions with the most time, of their own and with all they call;
 * `npm run bench:profile -- heap table` opens idle islands and prints what one of them keeps on the heap, by kind of
 * object. The subject is islet unless another is named last.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openIslands } from './driver/island.ts';
import type { Route } from './driver/protocol.ts';
import { startServer } from './driver/server-process.ts';
import { installPeers } from './install.ts';
import { type SubjectName, subjects } from './subjects.ts';
import { planFor, type Workload, type WorkloadName, workloads } from './workloads.ts';

const measuredMs = 4_000;
const [what = 'counter', ...rest] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'islet-profile-'));
try {
  if (what === 'heap') await profileHeap((rest[0] ?? 'counter') as Route, (rest[1] ?? 'islet') as SubjectName);
  else if (Object.hasOwn(workloads, what)) await profileCpu(what as WorkloadName, (rest[0] ?? 'islet') as SubjectName);
  else console.error(`no workload '${what}'; there are: ${Object.keys(workloads).join(', ')}, heap ROUTE`);
} finally {
  rmSync(folder, { recursive: true });
}
process.exit(0);

interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[];
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

async function profileCpu(name: WorkloadName, subjectName: SubjectName): Promise<void> {
  if (subjectName !== 'islet') installPeers();
  const workload: Workload = workloads[name];
  if (workload.kind === 'several') throw new Error(`${name} is several processes: none of them is profiled`);
  const launch = await subjects[subjectName].launch();
  if (!('script' in launch)) throw new Error(`${subjectName} is no script of Node: it has no such profile`);
  const server = await startServer({ ...launch, nodeOptions: ['--cpu-prof', '--cpu-prof-dir', folder] });
  if (workload.kind === 'once') console.log(await workload.run(server, subjectName));
  else {
    const loop = await workload.open(server, subjectName);
    await loop.warm(1_500);
    await loop.measure(measuredMs);
    console.log(loop.figures());
    loop.close();
  }
  await server.exit();

  const file = readdirSync(folder).find((entry) => entry.endsWith('.cpuprofile')) as string;
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile;
  const { self, total, ms } = sumTimes(profile, workload.kind === 'loop' ? measuredMs : Number.POSITIVE_INFINITY);
  const print = (heading: string, times: ReadonlyMap<string, number>): void => {
    console.log(`\n${heading}, of ${Math.round(ms)} ms that were not idle`);
    for (const [place, time] of largest(times, 30))
      console.log(`${((time / ms) * 100).toFixed(1).padStart(6)} %  ${place}`);
  };
  print('self time', self);
  print(
    "total time of this repository's functions",
    new Map([...total].filter(([place]) => / {2}(shared|server|bench)\//.test(place))),
  );
}

interface Times {
  /** Milliseconds in the function itself. */
  readonly self: ReadonlyMap<string, number>;
  /** Milliseconds in the function and in what it called. */
  readonly total: ReadonlyMap<string, number>;
  readonly ms: number;
}

/** Sums the samples of the last milliseconds: what comes before is start and warm-up. */
function sumTimes({ nodes, samples, timeDeltas }: CpuProfile, lastMs: number): Times {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const parents = new Map(nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id] as const)));
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let ms = 0;
  let left = lastMs;
  for (let index = samples.length - 1; index >= 0 && left > 0; index--) {
    const deltaMs = (timeDeltas[index] as number) / 1_000;
    left -= deltaMs;
    let id = samples[index];
    const place = names.get(id as number) as string;
    if (place === '(idle)') continue;
    ms += deltaMs;
    self.set(place, (self.get(place) ?? 0) + deltaMs);
    // a function that calls itself counts once
    const places = new Set<string>();
    for (; id !== undefined; id = parents.get(id)) places.add(names.get(id) as string);
    for (const each of places) total.set(each, (total.get(each) ?? 0) + deltaMs);
  }
  return { self, total, ms };
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const file = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/(?=(shared|server|bench)\/)/, '');
  return file === '' ? name : `${name}  ${file}:${lineNumber + 1}`;
}

interface HeapSnapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly strings: readonly string[];
}

interface Kind {
  count: number;
  bytes: number;
}

async function profileHeap(route: Route, subjectName: SubjectName): Promise<void> {
  if (subjectName !== 'islet') installPeers();
  const count = route === 'counter' ? 1_000 : 50;
  const server = await startServer(await subjects[subjectName].launch());
  const plan = await planFor(server, subjectName, route);
  // what the first islands leave behind (code, caches) is nobody's
  const islands = await openIslands(server.port, plan, 20);
  await server.settledMemory();
  const before = await readKinds(server, 'before');
  islands.push(...(await openIslands(server.port, plan, count)));
  await server.settledMemory();
  const after = await readKinds(server, 'after');
  for (const island of islands) island.destroy();
  await server.stop();

  const grown = new Map<string, number>();
  for (const [name, { bytes }] of after) grown.set(name, (bytes - (before.get(name)?.bytes ?? 0)) / count);
  const total = [...grown.values()].reduce((sum, bytes) => sum + bytes, 0);
  console.log(`one idle ${route} island: ${Math.round(total)} bytes of heap; bytes and objects by kind`);
  for (const [name, bytes] of largest(grown, 40)) {
    const objects = ((after.get(name)?.count ?? 0) - (before.get(name)?.count ?? 0)) / count;
    console.log(`${Math.round(bytes).toString().padStart(8)}  ${objects.toFixed(1).padStart(8)}  ${name}`);
  }
}

async function readKinds(
  server: { writeSnapshot(path: string): Promise<void> },
  name: string,
): Promise<ReadonlyMap<string, Kind>> {
  const path = join(folder, `${name}.heapsnapshot`);
  await server.writeSnapshot(path);
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(path, 'utf8')) as HeapSnapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, nameAt, sizeAt] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field)) as [
    number,
    number,
    number,
  ];
  const kinds = new Map<string, Kind>();
  for (let at = 0; at < nodes.length; at += fields.length) {
    const type = types[0][nodes[at + typeAt] as number] as string;
    const label = strings[nodes[at + nameAt] as number] as string;
    // strings and numbers are many kinds of one each; their text would fill the table
    const isNamed = type === 'object' || type === 'closure' || type === 'native' || type === 'array' || type === 'code';
    const key = isNamed ? `${type} ${label.slice(0, 60)}` : type;
    const kind = kinds.get(key) ?? { count: 0, bytes: 0 };
    kind.count++;
    kind.bytes += nodes[at + sizeAt] as number;
    kinds.set(key, kind);
  }
  return kinds;
}

function largest(values: ReadonlyMap<string, number>, count: number): [string, number][] {
  return [...values].sort(([, a], [, b]) => b - a).slice(0, count);
}
