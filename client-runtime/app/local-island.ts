/*
 * An island without a socket: a component's runtime and its DOM in one place, for `register` and `start`.
 * Input: messages, and events of its DOM. Output: the same patches that a server would send, applied at once, many
 * messages in one. A failure stays here: the supervisor starts the component again, as on the server.
 */

import type { Snapshot } from 'xstate';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { EmitOptions, Output } from '../../shared/language/effect.ts';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { EventClient, EventData } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { reasonOf } from '../../shared/language/refused.ts';
import { createPlainActor } from '../../shared/runtime/actor.ts';
import type { RuntimePlace } from '../../shared/runtime/place.ts';
import { Runtime } from '../../shared/runtime/runtime.ts';
import { encodeShape } from '../../shared/tree/encode.ts';
import { templateOf, type WireInstance } from '../../shared/wire/content.ts';
import type { Listener } from '../../shared/wire/listener.ts';
import { isDefine, type Patch } from '../../shared/wire/patch.ts';
import { adopt, isNamed } from '../dom/adopt.ts';
import { checks } from '../dom/checks.ts';
import { compile, toDomTemplate } from '../dom/compile.ts';
import { createDomTree, type DomOwner, type DomTree } from '../dom/dom-tree.ts';
import { readEvent } from '../dom/event-data.ts';
import { createFields, type Fields, type Report } from '../dom/fields.ts';
import { firstOf, nextOf, read } from '../dom/native.ts';
import { maxTries, repair, special, words } from '../dom/parts.ts';
import { setHeard } from '../dom/record.ts';
import * as replaying from '../dom/replay.ts';
import { findDifferences } from '../dom/settle.ts';
import { part as specialPart } from '../dom/special.ts';
import '../dom/load-parts.ts';
import { createTiming, type Timing } from '../dom/timing.ts';
import { pageClock, pageSupervisor } from './page-supervisor.ts';
import { renewal } from './renewal.ts';

/** The element or page that the island belongs to. */
export interface LocalOwner {
  onEmit(name: string, detail: unknown, options?: EmitOptions): void;
  onProvide(key: string, value: unknown): void;
  /** Evaluates what else depends on the model; returns what shows it. What it throws counts as thrown by the view. */
  prepare?(model: unknown): () => void;
  /** What stood in the root was not what the component shows: it was replaced. */
  onReplaced?(found: readonly Node[]): void;
  /** `failed` from a failure on until the component runs again. */
  onState(state: 'live' | 'failed'): void;
}

/** Who causes events here: the person in front of the page. */
export const localClient: EventClient = {
  id: 'local',
  user: null,
  newId: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
  now: () => Date.now(),
};

/** How many patches are kept while what puts the page right is loaded. */
const maxHeld = 100;

/** So long an island waits for what puts right what others have done: without a server it can do most by itself. */
const patienceMs = 5_000;
let isLate = false;

const lacksRepair = (): boolean => repair.part === undefined && !isLate;

let count = 0;

export class LocalIsland implements RuntimePlace, DomOwner {
  #runtime: Runtime;
  readonly #tree: DomTree;
  readonly #root: ParentNode & Node;
  readonly #owner: LocalOwner;
  readonly #timing: Timing;
  #prepared: { readonly patch: Patch; readonly outputs: readonly Output[]; readonly show?: (() => void) | undefined };
  /** Something of the component is shown. */
  #isShown = false;
  /** Patches that wait for what puts right what others have done; empty for the first showing. */
  #held: Patch[] | undefined;
  #hasFailed = false;
  readonly #fields: Fields;
  /** What events of this turn have told. */
  #told: Report[] = [];
  /** Tells what a person did before the page was adopted. */
  #replay: (() => void) | undefined;
  /** Instances that are not what they should be, and why; 0: all. */
  readonly #needed = new Set<number>();
  #reason: unknown;
  /** How often that was mended in vain, one after another. */
  #tries = 0;
  #isGivenUp = false;
  /** Puts what a person did into what is made anew of what was torn apart. */
  #torn: (() => void) | undefined;
  /** Shows what another version of the component shows first, in place of what stands there. */
  #take: (() => void) | undefined;

  /** @param root Its content is adopted if it is what the component shows at first; else it is replaced. */
  constructor(component: AnyComponent, props: unknown, root: ParentNode & Node, owner: LocalOwner) {
    // an app that waited for a script would be deaf meanwhile: this part comes along with islands, but only with them
    special.part ??= specialPart;
    this.#root = root;
    this.#owner = owner;
    this.#prepared = { patch: [], outputs: [] };
    this.#runtime = new Runtime({
      id: `${component.name ?? 'component'}#${++count}`,
      component,
      props,
      compile,
      place: this,
      supervisor: pageSupervisor,
      createActor: createPlainActor,
      clock: pageClock,
      root,
    });
    this.#fields = createFields(root, { part: replaying, use: (act) => act() });
    this.#timing = createTiming(root, (report) => this.#fields.settle([report]));
    this.#tree = createDomTree(root, null, this);
    setHeard(root, true);
    renewal.begun?.({ island: this, component, props, root, tree: this.#tree, fields: this.#fields, owner });
  }

  /**
   * Goes on as another version of its component: development does so.
   *
   * @param runtime Of that version, with what it goes on from.
   * @param show Shows what it renders first.
   */
  become(runtime: Runtime, show: () => void): void {
    const { status } = this.#runtime;
    this.#timing.flush();
    this.#runtime.stop();
    this.#runtime = runtime;
    this.#take = show;
    this.#isShown = this.#isGivenUp = false;
    // an element that is in no page goes on when it is again
    if (status !== 'stopped') this.#runtime.start();
  }

  get snapshot(): Snapshot<unknown> | undefined {
    return this.#runtime.toSnapshot();
  }

  /**
   * Starts the actor; after a stop or a failure with the last model that was shown.
   *
   * @param first What makes the messages that come right after `init`.
   */
  start(first: readonly (() => AnyMessage)[] = []): void {
    this.#runtime.start(first);
    this.#tree.hear(true);
  }

  /** Stops the actor and its effects. What is shown stays. */
  stop(): void {
    this.#timing.flush();
    this.#runtime.flush();
    this.#runtime.stop();
    this.#tree.hear(false);
  }

  /** Shows now what is due. */
  flush(): void {
    this.#runtime.flush();
  }

  dispatch(message: AnyMessage): void {
    this.#runtime.dispatch(message);
  }

  /** Dispatches a message that has yet to be made, perhaps none. What making it throws is said in the console. */
  tell(toMessage: () => AnyMessage | null | undefined): void {
    this.#runtime.dispatchFrom(toMessage);
  }

  // How the runtime reports.

  check({ kind }: Output): void {
    // nobody would do it once the page is closed
    if (kind === 'task')
      throw new IsletError('ISLET_ERR_TASK', 'effect.task is for server components with persist: true');
  }

  prepare(patch: Patch, outputs: readonly Output[], snapshot: unknown): void {
    const show = this.#owner.prepare?.(this.#runtime.logic.modelOf(snapshot));
    this.#prepared = { patch, outputs, show };
  }

  deliver(): void {
    const { patch, outputs, show } = this.#prepared;
    this.#prepared = { patch: [], outputs: [] };
    // first of all, so that what is drawn next finds it
    for (const output of outputs) if (output.kind === 'provide') this.#owner.onProvide(output.key, output.value);
    if (!this.#isShown && !this.#held) this.#mount();
    else if (this.#held) this.#hold(patch);
    else if (patch.length > 0 && !this.#isGivenUp) this.#patch(patch);
    show?.();
    this.#show(this.#isGivenUp);
    for (const output of outputs) {
      if (output.kind === 'emit') this.#owner.onEmit(output.name, output.detail, output.options);
    }
    // behind the effects of `init`, which hear what it causes
    if (this.#replay) queueMicrotask(this.#replay);
    this.#replay = undefined;
  }

  waitMs(): number {
    return 0;
  }

  admit(_found: unknown, data: EventData): EventData {
    return data; // the browser sees to that
  }

  onTurnEnd(): void {
    const told = this.#told;
    this.#told = [];
    // not before the browser has done what follows from an event: it checks a box, it sends a form
    if (told[0]) setTimeout(() => this.#fields.settle(told));
    // what somebody has moved, and nobody wants there
    this.#mend();
  }

  onRefused(code: ErrorCode, message: AnyMessage | undefined, error: unknown): void {
    const { name = 'component' } = this.#runtime.component;
    const reason = reasonOf(error);
    if (reason === undefined) report(`${name} did not take ${message?.type ?? 'an event'} (${code})`, error);
    this.#owner.onEmit('islet:refused', reason === undefined ? { code } : { code, message: reason });
  }

  onFailed(error: unknown): void {
    const { name = 'component' } = this.#runtime.component;
    report(`${name} failed`, error);
    this.#show(true);
  }

  onRestarted(): void {}

  onRunFailed(error: unknown): void {
    const { name = 'component' } = this.#runtime.component;
    report(`an effect of ${name} threw`, error);
  }

  contain(run: () => unknown): unknown {
    return run();
  }

  yield(callback: () => void): void {
    setTimeout(callback);
  }

  // How the DOM reports.

  onEvent(instance: number, hole: number, event: Event, listener: Listener): void {
    const data = listener.data ? readEvent(event, listener) : {};
    const place = `${instance}.${hole}`;
    const report = this.#fields.report(event, listener.data === 1);
    const act = (): void => {
      let isHandled = false;
      this.#runtime.handleEvent(instance, hole, data, localClient, {
        onHandled: () => {
          isHandled = true;
          this.#told.push(report);
        },
        refuse: (code) => {
          if (isHandled) return;
          this.#fields.settle([report], true);
          if (this.#hasFailed) this.onRefused(code, undefined, undefined);
        },
      });
    };
    this.#timing.run(place, listener, report, act);
  }

  onTorn(): void {
    this.#torn ??= this.#fields.save();
  }

  onTaken(): void {
    this.#mend();
  }

  onMisfit(instance: number, error: unknown): void {
    this.#needed.add(instance);
    this.#reason ??= error;
  }

  onProperty(node: Node, name: string, value: unknown): boolean {
    return !this.#fields.set(node, name, value);
  }

  #mount(): void {
    if (this.#take) {
      this.#take();
      this.#take = undefined;
      this.#isShown = true;
      return;
    }
    const { rendering } = this.#runtime;
    const ids = rendering.toIds();
    this.#define();
    const found = [...read<NodeList>(this.#root, 'childNodes')];
    if (found.length > 0) {
      const misfits = new Set<number>();
      this.#fields.hold();
      try {
        const adoption = { shape: encodeShape(rendering.content, rendering.table), ids, nextId: rendering.nextId };
        try {
          adopt(this.#tree, adoption);
        } catch (error) {
          // others have put something in, or it is no page of this component
          const isOurs = this.#mayBeOurs(adoption.shape as WireInstance);
          // what was typed in it is carried over all the same
          if (lacksRepair() && (isOurs || this.#fields.isBusy)) {
            this.#hold([]);
            return;
          }
          if (!isOurs || !this.#tree.repair) throw error;
          adopt(this.#tree, adoption, this.#tree.repair.cursor(misfits));
        }
        if (!misfits.has(0)) {
          this.#isShown = true;
          // a copy, in a document in which nothing runs: these nodes are about to be changed
          const copy = misfits.size > 0 && document.implementation.createHTMLDocument().importNode(this.#root, true);
          for (const id of misfits) this.onMisfit(id, 'others have changed the page');
          this.#recover(true);
          if (copy) this.#owner.onReplaced?.([...copy.childNodes]);
          this.#tree.apply(findDifferences(this.#tree, rendering.toMount()));
          const tell = this.#fields.release(false);
          this.#replay = () => {
            tell();
            special.part?.tellOfImages(this.#root);
            replaying.replay(this.#root);
          };
          return;
        }
      } catch {
        // it stood there for those without scripts, or another version rendered it
      }
      this.#tree.hear(false);
    }
    const restore = this.#fields.save();
    this.#isShown = true;
    this.#tree.mount(rendering.toMount(), ids, rendering.nextId);
    restore();
    this.#replay = this.#fields.release(false);
    if (found.length > 0) this.#owner.onReplaced?.(found);
  }

  /** Whether the page has the elements that the component shows at its top, perhaps among others. */
  #mayBeOurs(shape: WireInstance): boolean {
    let node = firstOf(this.#root);
    for (const pattern of this.#tree.templates[templateOf(shape)]?.content.childNodes ?? []) {
      if (!(pattern instanceof Element)) continue;
      while (node && !isNamed(node, pattern)) node = nextOf(node);
      if (!node) return false;
      node = nextOf(node);
    }
    return true;
  }

  /** Keeps a patch until what puts right what others have done is there. */
  #hold(patch: Patch): void {
    if (!this.#held) {
      setHeard(this.#root, this.#isShown);
      const late = new Promise<void>((resolve) => setTimeout(resolve, patienceMs));
      void Promise.race([repair.load(), late]).then(() => {
        isLate = !repair.part;
        this.#release();
      });
    }
    this.#held ??= [];
    // so many are as much as all of it
    if (this.#isShown && this.#held.length <= maxHeld && patch.length > 0) this.#held.push(patch);
  }

  #release(): void {
    setHeard(this.#root, true);
    const held = this.#held ?? [];
    this.#held = undefined;
    if (this.#isGivenUp) return;
    if (!this.#isShown) {
      this.#mount();
      this.#replay?.();
      this.#replay = undefined;
    } else if (held.length <= maxHeld) for (const patch of held) this.#apply(patch);
    else this.onMisfit(0, 'others have changed the page');
    this.#mend();
  }

  #patch(patch: Patch): void {
    if (repair.part || !this.#tree.foreign.look()) this.#apply(patch);
    else if (lacksRepair()) this.#hold(patch);
    // nobody can tell what is whose: all is made anew
    else this.onMisfit(0, 'others have changed the page');
    this.#recover();
  }

  #apply(patch: Patch): void {
    this.#define();
    this.#tree.apply(patch[0] && isDefine(patch[0]) ? patch.slice(1) : patch);
  }

  #mend(): void {
    if (!this.#isShown || this.#isGivenUp) return;
    if (lacksRepair() && this.#tree.foreign.look()) this.#hold([]);
    this.#tree.mend();
    this.#recover();
  }

  /**
   * Brings to what they should be the instances that others have changed: each by itself, or else with what holds it.
   */
  #recover(isAdopting = false): void {
    const { rendering } = this.#runtime;
    const [first] = this.#needed;
    if (first === undefined) {
      this.#torn = undefined;
      return;
    }
    if (lacksRepair()) {
      this.#hold([]);
      return;
    }
    if (this.#tries++ === maxTries) {
      this.#giveUp();
      return;
    }
    const put = this.#torn ?? this.#fields.save();
    this.#torn = undefined;
    for (const id of this.#needed) {
      this.#needed.delete(id);
      const part = rendering.toPart(this.#tries < maxTries ? id : 0);
      try {
        const { repair } = this.#tree;
        if (part && repair) repair.replace(id, part.content, part.ids, part.nextId);
        else {
          const whole = [rendering.toMount(), rendering.toIds(), rendering.nextId] as const;
          if (repair && this.#tries < 2) repair.mount(...whole, 'ids');
          else this.#tree.mount(...whole);
        }
      } catch (error) {
        if (!id) {
          this.#reason = error;
          this.#giveUp();
          return;
        }
        this.#needed.add(this.#tree.holderOf(id));
      }
    }
    put();
    // while the page is adopted all of it is told in the end
    if (!isAdopting) this.#fields.release(false)();
    const reason = `${this.#reason}`;
    this.#reason = undefined;
    console.warn('islet:recovered', { reason });
    this.#owner.onEmit('islet:recovered', { reason });
    // if somebody takes it away at once, it is in vain
    setTimeout(() => {
      const tries = this.#tries;
      this.#mend();
      if (tries === this.#tries) this.#tries = 0;
    });
  }

  #giveUp(): void {
    this.#isGivenUp = true;
    this.#needed.clear();
    console.error(`islet: ${words}`, this.#reason);
    this.#tree.mount(words, [], 1);
    this.#show(true);
  }

  /** The tree's templates are the definitions of the runtime's table, which were compiled here. */
  #define(): void {
    const { templates } = this.#tree;
    for (const definition of this.#runtime.rendering.table.definitions.slice(templates.length))
      templates.push(toDomTemplate(definition));
  }

  #show(hasFailed: boolean): void {
    if (hasFailed === this.#hasFailed) return;
    this.#hasFailed = hasFailed;
    this.#owner.onState(hasFailed ? 'failed' : 'live');
  }
}

function report(problem: string, error: unknown): void {
  console.error(`islet: ${problem}`, error);
  checks.problem?.(problem, error);
}
