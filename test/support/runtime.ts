// A component's runtime in a test: a real supervisor, a clock that is moved by hand, and a place that keeps what it is
// told. What the place delivers is encoded, decoded, and applied to a reference tree, as it is between server and page.

import { expect } from 'vitest';
import type { Snapshot } from 'xstate';
import { compile } from '../../server/html-parser.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { Output } from '../../shared/language/effect.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { EventData } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Inspector } from '../../shared/runtime/inspect.ts';
import type { Gate, RuntimePlace } from '../../shared/runtime/place.ts';
import { type Decision, defaultRestart, type RestartOptions } from '../../shared/runtime/restart-policy.ts';
import { Runtime } from '../../shared/runtime/runtime.ts';
import { createXStateActor, Supervisor } from '../../shared/runtime/supervisor.ts';
import type { Origin } from '../../shared/runtime/turn.ts';
import { renderContent } from '../../shared/tree/html.ts';
import type { Rendering } from '../../shared/tree/rendering.ts';
import { emit, type Operation, type Patch, provide } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';
import { ManualClock } from './clock.ts';
import type { ReferenceTree } from './reference-tree.ts';
import { mounted } from './render.ts';

export interface Refused {
  readonly code: ErrorCode;
  readonly message: AnyMessage | undefined;
  readonly error: unknown;
}

export class RecordingPlace implements RuntimePlace {
  readonly patches: Patch[] = [];
  readonly outputs: Output[] = [];
  readonly refused: Refused[] = [];
  readonly failures: unknown[] = [];
  readonly decisions: Decision[] = [];
  readonly runErrors: unknown[] = [];
  /** What happened, in order. Runs of a test may write into it, too. */
  readonly log: string[] = [];
  restarts = 0;
  /** How many turns have ended. */
  turns = 0;
  /** In how many of them a view was evaluated. */
  renderings = 0;
  wait = 0;
  isDisabled = false;
  readonly yielded: (() => void)[] = [];
  private readonly rendering: () => Rendering;
  private tree: ReferenceTree | undefined;
  private prepared: { readonly text: string; readonly patch: Patch; readonly outputs: readonly Output[] } = nothing;

  constructor(rendering: () => Rendering) {
    this.rendering = rendering;
  }

  check(output: Output): void {
    if (output.kind === 'emit') JSON.stringify(output.detail);
    else if (output.kind === 'provide') JSON.stringify(output.value);
  }

  prepare(patch: Patch, outputs: readonly Output[]): void {
    const told = outputs.flatMap((output): Operation[] => {
      if (output.kind === 'emit') return [emit(output.name, output.detail, output.options)];
      return output.kind === 'provide' ? [provide(output.key, output.value)] : [];
    });
    encodeOperations(told);
    this.prepared = { text: encodeOperations(patch), patch, outputs };
  }

  deliver(isRendered: boolean): void {
    const { text, patch, outputs } = this.prepared;
    this.prepared = nothing;
    if (isRendered) this.renderings++;
    this.log.push('delivered');
    this.outputs.push(...outputs);
    if (patch.length > 0) this.patches.push(patch);
    if (this.tree) this.tree.apply(JSON.parse(text === '' ? '[]' : `[${text}]`));
    else this.tree = mounted(this.rendering());
  }

  waitMs(): number {
    return this.wait;
  }

  admit(_found: unknown, data: EventData): EventData | undefined {
    return this.isDisabled ? undefined : data;
  }

  onTurnEnd(): void {
    this.turns++;
    this.log.push('turn ended');
  }

  onRefused(code: ErrorCode, message: AnyMessage | undefined, error: unknown): void {
    this.refused.push({ code, message, error });
    this.log.push(`refused ${message?.type ?? 'an event'}`);
  }

  onFailed(error: unknown, decision: Decision): void {
    this.failures.push(error);
    this.decisions.push(decision);
    this.log.push('failed');
  }

  onRestarted(): void {
    this.restarts++;
    this.log.push('restarted');
  }

  onRunFailed(error: unknown): void {
    this.runErrors.push(error);
    this.log.push('run failed');
  }

  contain(run: () => unknown): unknown {
    return run();
  }

  yield(callback: () => void): void {
    this.yielded.push(callback);
    setImmediate(callback);
  }

  /** The custom events that were fired, as name and detail. */
  get emitted(): unknown[] {
    return this.outputs.flatMap((output) => (output.kind === 'emit' ? [[output.name, output.detail]] : []));
  }

  /** What a page has that applied all patches is what is rendered. */
  expectSameTree(): void {
    const wanted = mounted(this.rendering());
    expect(this.tree?.toPlain()).toEqual(wanted.toPlain());
    expect(this.tree?.nextId).toBe(wanted.nextId);
  }
}

const nothing = { text: '', patch: [], outputs: [] } as const;

export interface TestOptions {
  readonly props?: unknown;
  readonly snapshot?: Snapshot<unknown> | undefined;
  readonly first?: readonly (() => AnyMessage)[];
  readonly inspector?: Inspector;
  readonly slowTurnMs?: number;
  readonly restart?: RestartOptions;
  readonly clock?: ManualClock;
  readonly gate?: Gate;
}

export interface TestRuntime {
  readonly runtime: Runtime;
  readonly place: RecordingPlace;
  readonly clock: ManualClock;
  readonly root: ReturnType<typeof Supervisor.createRoot>;
  /** What the supervisor's children threw: nothing, unless a test wants it. */
  readonly faults: unknown[];
  readonly html: string;
  /** Ends the turn, and gives what it delivered. */
  next(): Patch;
}

/** Makes a runtime of a component that is started, and shown for the first time. */
export function startRuntime(definition: unknown, options: TestOptions = {}): TestRuntime {
  const test = createRuntime(definition, options);
  test.runtime.start(options.first);
  test.next();
  return test;
}

export function createRuntime(definition: unknown, options: TestOptions = {}): TestRuntime {
  const { clock = new ManualClock(), restart = defaultRestart, inspector, slowTurnMs, gate } = options;
  const faults: unknown[] = [];
  const root = Supervisor.createRoot('root', { clock, restart, onFault: (error) => faults.push(error) });
  const place = new RecordingPlace(() => runtime.rendering);
  const runtime: Runtime = new Runtime({
    id: 'actor',
    component: definition as AnyComponent,
    props: options.props,
    snapshot: options.snapshot,
    compile,
    place,
    supervisor: root,
    createActor: createXStateActor,
    clock,
    ...(gate && { gate }),
    ...(inspector && { inspector }),
    ...(slowTurnMs !== undefined && { slowTurnMs }),
  });
  return {
    runtime,
    place,
    clock,
    root,
    faults,
    get html() {
      return renderContent(runtime.rendering.content);
    },
    next() {
      const { length } = place.patches;
      runtime.flush();
      return place.patches.slice(length).flat();
    },
  };
}

/** Who caused a message, keeping what became of it. */
export class RecordingOrigin implements Origin {
  readonly outcomes: string[] = [];

  onHandled(): void {
    this.outcomes.push('handled');
  }

  refuse(code: ErrorCode): void {
    this.outcomes.push(code);
  }
}
