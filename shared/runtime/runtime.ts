/*
 * A running component in either place: its XState actor, its effects, its rendering.
 * Input: messages, and events from a browser. Output: patches, when its owner asks for them after `onChange`.
 * The server's LiveActor and the browser's elements own islands; neither has a loop of its own.
 */

import { type AnyActor, type AnyActorRef, createActor, type Snapshot } from 'xstate';
import type { AnyComponent } from '../language/component.ts';
import type { EmitOptions } from '../language/effect.ts';
import { type Client, type EventData, type EventHandler, On } from '../language/events.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Compile } from '../template/compile.ts';
import type { TemplateTable } from '../tree/encode.ts';
import { Rendering } from '../tree/rendering.ts';
import type { Patch } from '../wire/patch.ts';
import { ActorHost, type Hosting, type Responsible } from './actor-host.ts';
import { restartDelays } from './machine-delays.ts';

/** What an island tells its owner. */
export interface IslandOwner {
  /** The model changed: render soon. */
  onChange(): void;
  onEmit(name: string, detail: unknown, options: EmitOptions | undefined): void;
  onProvide(key: string, value: unknown): void;
  /** The island failed and let go of its actor, which its supervisor has to stop; it may be started again. */
  onFailure(error: unknown, actor: AnyActorRef): void;
  /** Runs an effect, within whatever the place offers to bring its late errors to who is responsible. */
  contain(run: () => unknown, responsible: Responsible): unknown;
  /** An effect threw after its actor was stopped. */
  onStrayError?(error: unknown): void;
}

export interface IslandOptions {
  readonly component: AnyComponent;
  readonly props: unknown;
  readonly compile: Compile;
  readonly table: TemplateTable;
  readonly owner: IslandOwner;
  /** In the browser: where the component is drawn. */
  readonly root?: unknown;
  /** The supervisor, if there is one; else the actor is the root of a system of its own. */
  readonly parent?: AnyActorRef;
  readonly id?: string;
}

export class Island implements Hosting {
  readonly rendering: Rendering;
  readonly component: AnyComponent;
  private readonly options: IslandOptions;
  private actor: AnyActor | undefined;
  private host: ActorHost | undefined;
  /** The snapshot of the last good rendering. */
  private rendered: unknown;

  constructor(options: IslandOptions) {
    this.options = options;
    this.component = options.component;
    this.rendering = new Rendering(options.compile, options.table);
  }

  /** Starts the actor, from the snapshot of its last good rendering if there was one. What fails is reported. */
  start(persisted?: Snapshot<unknown>): void {
    const { component, props, parent, id } = this.options;
    const { logic } = component;
    const snapshot = persisted ?? this.toSnapshot();
    const host = new ActorHost(this);
    const actor: AnyActor = createActor(logic.actorLogic, {
      input: logic.isMachine ? props : { props, host },
      ...(parent && { parent }),
      ...(id !== undefined && { id }),
      ...(snapshot && { snapshot }),
    });
    host.actor = actor;
    this.host = host;
    this.actor = actor;
    // without an observer XState throws an error of a root actor from a timer
    if (logic.isMachine || !parent) actor.subscribe({ next: () => this.changed(), error: (error) => this.fail(error) });
    if (logic.isMachine) actor.on('*', ({ type, ...detail }: AnyMessage) => host.emit(type, detail));
    actor.start();
    if (logic.isMachine && snapshot) restartDelays(actor);
    this.changed();
  }

  /** The snapshot that was rendered last. */
  get snapshot(): unknown {
    return this.rendered;
  }

  get isRunning(): boolean {
    return this.actor !== undefined;
  }

  /** The snapshot of the last good rendering, as it is persisted. */
  toSnapshot(): Snapshot<unknown> | undefined {
    if (this.rendered === undefined) return undefined;
    return this.component.logic.actorLogic.getPersistedSnapshot(this.rendered as never);
  }

  /**
   * Evaluates the view, if the model has changed since, and returns what to do to the DOM. Failures are reported.
   *
   * @param deliver Gets the patch, and the snapshot that it shows; what it throws makes the rendering no good one.
   */
  render(deliver?: (patch: Patch, snapshot: unknown) => void): Patch {
    const snapshot = this.actor?.getSnapshot();
    if (snapshot === undefined) return [];
    let isInTree = false;
    try {
      let patch: Patch = [];
      if (snapshot !== this.rendered) {
        const template = this.component.logic.render(snapshot);
        isInTree = true;
        patch = this.rendering.render(template);
      }
      deliver?.(patch, snapshot);
      this.rendered = snapshot;
      return patch;
    } catch (error) {
      if (isInTree) this.rendering.reset();
      this.fail(error);
      return [];
    }
  }

  dispatch(message: AnyMessage): void {
    const { actor } = this;
    if (actor === undefined) return;
    const before = actor.getSnapshot();
    actor.send(message);
    if (actor === this.actor && actor.getSnapshot() !== before) this.changed();
  }

  /**
   * Handles an event that a browser reported: finds its handler and dispatches the handler's message.
   * Returns false if there is no such handler (any more).
   */
  handleEvent(instance: number, hole: number, data: EventData, client: Client): boolean {
    const found = this.rendering.findListener(instance, hole);
    if (found === undefined || this.actor === undefined) return false;
    try {
      let message = toMessage(found.listener, data, client);
      if (message === null || message === undefined) return true;
      for (const map of found.maps) message = map(message as never);
      this.dispatch(message as AnyMessage);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  /** Stops effects and lets go of the actor; returns it, for a supervisor to stop. */
  stop(): AnyActorRef | undefined {
    const { actor, host } = this;
    this.actor = undefined;
    this.host = undefined;
    host?.stop();
    if (actor && !this.options.parent) actor.stop();
    return actor;
  }

  get owner(): IslandOwner {
    return this.options.owner;
  }

  get root(): unknown {
    return this.options.root;
  }

  /** Reports a failure to the owner, and stops. */
  fail(error: unknown): void {
    const actor = this.stop();
    if (actor) this.options.owner.onFailure(error, actor);
  }

  private changed(): void {
    if (this.actor) this.options.owner.onChange();
  }
}

function toMessage(listener: unknown, data: EventData, client: Client): unknown {
  const handler = listener instanceof On ? listener.handler : listener;
  return typeof handler === 'function' ? (handler as EventHandler<unknown>)(data, client) : handler;
}
