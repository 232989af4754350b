/*
 * One job in a process of its own: one workload, once, on all its subjects (or on those named):
 * `node driver/main.ts WORKLOAD [SUBJECT...]`. Each subject gets a fresh server. Loops are warmed up one after the
 * other and then take turns in short segments. The figures go to the parent, or are printed when there is none.
 */

import { beforeFolder, isHere, type SubjectName, subjects } from '../subjects.ts';
import { type Workload, type WorkloadName, workloads } from '../workloads.ts';
import type { Figures, Loop } from './loops.ts';
import { type ServerProcess, startServer } from './server-process.ts';

/** What a job finds, by subject. */
export type JobFigures = { readonly [subject in SubjectName]?: Figures };

const [workloadName, ...names] = process.argv.slice(2) as [WorkloadName, ...SubjectName[]];
const workload: Workload = workloads[workloadName];
const isQuick = process.env.BENCH_PACE === 'quick';
const warmupMs = isQuick ? 250 : 1_000;
const segmentMs = 250;
const segments = isQuick ? 2 : 8;

const found: { [subject in SubjectName]?: Figures } = {};
const measured = names.length > 0 ? names : withBefore(workload.subjects.filter(isHere));
if (workload.kind === 'loop') await takeTurns(workload.open);
else if (workload.kind === 'several') found.islet = await workload.run(isQuick);
else {
  for (const name of measured) {
    const server = await startServer(await subjects[name].launch());
    found[name] = await workload.run(server, name);
    await server.stop();
  }
}
if (process.send) process.send(found satisfies JobFigures);
else console.log(found);
process.exit(0);

/**
 * The other checkout is measured wherever this one is, right after it; nobody else then, where only the two are asked
 * for.
 */
function withBefore(all: readonly SubjectName[]): readonly SubjectName[] {
  return beforeFolder === undefined ? all : all.flatMap((name) => (name === 'islet' ? ['islet', 'before'] : name));
}

async function takeTurns(open: (server: ServerProcess, name: SubjectName) => Promise<Loop>): Promise<void> {
  const loops: [SubjectName, Loop, ServerProcess][] = [];
  for (const name of measured) {
    const server = await startServer(await subjects[name].launch());
    const loop = await open(server, name);
    await loop.warm(warmupMs);
    loops.push([name, loop, server]);
  }
  for (let segment = 0; segment < segments; segment++) {
    for (const [, loop] of loops) await loop.measure(segmentMs);
  }
  for (const [name, loop, server] of loops) {
    found[name] = loop.figures();
    loop.close();
    await server.stop();
  }
}
