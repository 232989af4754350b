/*
 * The results of one run: medians of every figure of every subject in every workload, and where they were measured.
 * This is the layout of `bench/results/latest.json`.
 */

import { readFileSync } from 'node:fs';
import { cpus, release, type as systemType, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { median } from './driver/statistics.ts';
import { subjects } from './subjects.ts';

export interface Figure {
  readonly median: number;
  /** One for each round. */
  readonly values: readonly number[];
}

/** Figures by workload, subject and name. Units stand in the names: `cpuUs`, `residentBytes`. */
export interface Results {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
  };
  readonly versions: { readonly [name: string]: string };
  readonly rounds: number;
  readonly pace: string;
  readonly figures: {
    readonly [workload: string]: { readonly [subject: string]: { readonly [figure: string]: Figure } };
  };
}

/** Collects figures round by round. */
export class Collector {
  private readonly values = new Map<string, Map<string, Map<string, number[]>>>();

  add(workload: string, subject: string, figures: { readonly [figure: string]: number }): void {
    for (const [figure, value] of Object.entries(figures)) {
      const bySubject = entry(this.values, workload, () => new Map<string, Map<string, number[]>>());
      const byFigure = entry(bySubject, subject, () => new Map<string, number[]>());
      entry(byFigure, figure, (): number[] => []).push(value);
    }
  }

  toFigures(): Results['figures'] {
    return fromMap(this.values, (bySubject) =>
      fromMap(bySubject, (byFigure) =>
        fromMap(byFigure, (values) => ({ median: round(median(values)), values: values.map(round) })),
      ),
    );
  }
}

/** The median of a figure, or undefined when it was not measured in this run. */
export function figureOf(results: Results, workload: string, subject: string, figure: string): number | undefined {
  return results.figures[workload]?.[subject]?.[figure]?.median;
}

/**
 * A figure in proportion to a peer's: the median of the rounds' ratios. The two were measured one after the other in
 * each round, so that what slows the machine for a while slows both.
 */
export function ratioOf(
  results: Results,
  workload: string,
  subject: string,
  peer: string,
  figure: string,
): number | undefined {
  const own = results.figures[workload]?.[subject]?.[figure]?.values;
  const others = results.figures[workload]?.[peer]?.[figure]?.values;
  if (own === undefined || others === undefined || own.length !== others.length) return undefined;
  return median(own.map((value, round) => value / (others[round] as number)));
}

/** The machine, as far as figures depend on it. */
export function describeMachine(): Results['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${systemType()} ${release().split('-')[0]}`,
  };
}

/** Versions of Node, of this project, and of every package that stands for a subject. */
export function describeVersions(morePackages: readonly string[]): Results['versions'] {
  const names = Object.values(subjects).flatMap(({ package: name }) => (name === undefined ? [] : [name]));
  const versions: Record<string, string> = { node: process.versions.node, islet: versionIn('../package.json') };
  for (const name of [...names, ...morePackages])
    versions[name] = versionIn(`./peers/node_modules/${name}/package.json`);
  return versions;
}

function versionIn(path: string): string {
  const text = readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Four digits are more than such measurements can tell; whole numbers stay whole. */
function round(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4));
}

function entry<Value>(map: Map<string, Value>, key: string, create: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

function fromMap<From, To>(
  map: ReadonlyMap<string, From>,
  change: (value: From) => To,
): { readonly [key: string]: To } {
  return Object.fromEntries([...map].map(([key, value]) => [key, change(value)]));
}
