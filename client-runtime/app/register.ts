/*
 * `register(component)`: a component as a real custom element. Input: attributes, properties, contexts, and what the
 * browser tells an element of pages and forms, all of it as messages. Output: the component's DOM, custom events,
 * `:state()` and form values. What renders is `local-island.ts`; here is only what makes it an element.
 */

import {
  type Attributes,
  attributesThatCount,
  pickAttributes,
  toAttributeMessage,
  toAttributeMessages,
} from '../../shared/language/attributes.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import type { EmitOptions } from '../../shared/language/effect.ts';
import type { FormValue, Invalidity } from '../../shared/language/element-options.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { logicOf } from '../../shared/runtime/logic.ts';
import { createProvider, type Provide } from '../dom/context-provider.ts';
import { ContextConsumer } from './context-consumer.ts';
import { fromFormState, toFormState } from './form-state.ts';
import { LocalIsland, type LocalOwner, localClient } from './local-island.ts';
import { adoptStyles } from './page-styles.ts';
import { renewal } from './renewal.ts';

/** What a component's `init` gets in an element: of the attributes that it declares, those that are there at first. */
export type ElementProps = Attributes;

/** A component that can start from attributes, or needs nothing to start from. */
export type ElementComponent = AnyComponent & {
  readonly init?: ((props: ElementProps) => unknown) | ((props: undefined) => unknown);
};

const registered = new WeakMap<AnyComponent, CustomElementConstructor>();

/**
 * Defines the custom element of a component; again for the same component it does nothing.
 *
 * @throws IsletError ISLET_ERR_REGISTER when the component has no name, or the name is another's; ISLET_ERR_COMPONENT
 *   for a state machine where `islet/client/machines` was not imported.
 * @example
 * register(rating); // <anime-rating value="7"></anime-rating>
 */
export function register(component: ElementComponent): CustomElementConstructor {
  const { name } = component;
  if (name === undefined) throw new IsletError('ISLET_ERR_REGISTER', "give the component a name, like 'anime-rating'");
  const present = customElements.get(name);
  if (present && (present === registered.get(component) || renewal.renew?.(component))) return present;
  if (present) {
    const problem = `<${name}> is defined already, by another component or another version of this one`;
    throw new IsletError('ISLET_ERR_REGISTER', problem);
  }
  logicOf(component); // a state machine may lack what runs it
  const element = toElement(component);
  registered.set(component, element);
  customElements.define(name, element);
  return element;
}

/** What a form control lets others ask of it. */
const forwarded = [
  'form',
  'labels',
  'validity',
  'validationMessage',
  'willValidate',
  'checkValidity',
  'reportValidity',
] as const;

const controls = 'input,select,textarea,button,[tabindex]';

/** @param first Its component, until another version of it is the one. */
function toElement(first: AnyComponent): CustomElementConstructor {
  let component = first;
  let Island = LocalIsland;
  const observed = attributesThatCount(component);
  const { properties = {}, contexts = {}, form, shadow } = component;
  renewal.defined?.(component, (next, island) => {
    component = next;
    Island = island;
  });
  const { mode, styles = 'page', delegatesFocus = false } = typeof shadow === 'object' ? shadow : { mode: shadow };

  return class ComponentElement extends HTMLElement implements LocalOwner {
    static readonly formAssociated = form !== undefined;
    static readonly observedAttributes = observed;

    readonly #internals = this.attachInternals();
    readonly #properties = new Map<string, unknown>();
    /** What happened while the element was in no page: the latest of each kind. */
    readonly #due = new Map<string, () => AnyMessage | undefined>();
    #consumer: ContextConsumer | undefined;
    #root: HTMLElement | ShadowRoot = this;
    #document: Document | undefined;
    #provide: Provide | undefined;
    #island: LocalIsland | undefined;
    #isLive = false;
    #shown: readonly string[] = [];
    #endStyles: (() => void) | undefined;

    static {
      for (const name of Object.keys(properties)) {
        Object.defineProperty(ComponentElement.prototype, name, {
          get(this: ComponentElement) {
            return this.#properties.get(name);
          },
          set(this: ComponentElement, value: unknown) {
            this.#properties.set(name, value);
            this.#tell(`.${name}`, () => component.properties?.[name]?.(value));
          },
        });
      }
      for (const name of form ? forwarded : []) {
        Object.defineProperty(ComponentElement.prototype, name, {
          get(this: ComponentElement) {
            const value = this.#internals[name];
            return typeof value === 'function' ? value.bind(this.#internals) : value;
          },
        });
      }
    }

    constructor() {
      super();
      // set before the element was defined, they hide the setters
      const own = this as unknown as Record<string, unknown>;
      for (const name of Object.keys(properties)) {
        if (!Object.hasOwn(own, name)) continue;
        const value = own[name];
        delete own[name];
        own[name] = value;
      }
    }

    // How the browser reports.

    connectedCallback(): void {
      const { ownerDocument } = this;
      // while the document is being parsed, what stands in the element is not all there yet
      if (ownerDocument.readyState !== 'loading') this.#connect();
      else ownerDocument.addEventListener('DOMContentLoaded', this.#connect, { once: true });
    }

    disconnectedCallback(): void {
      // moved or re-added at once, the element goes on
      queueMicrotask(() => {
        if (!this.isConnected && this.#isLive) this.#disconnect();
      });
    }

    /** Called instead of the two above by browsers that move nodes in one step. */
    connectedMoveCallback(): void {
      if (this.#isLive) this.#connect();
    }

    attributeChangedCallback(name: string, _: string | null, text: string | null): void {
      // those that are there at first are read when it starts
      if (this.#island) this.#tell(`@${name}`, toAttributeMessage(component, name, text));
    }

    formResetCallback(): void {
      this.#tell('reset', component.form?.onReset);
    }

    formDisabledCallback(isDisabled: boolean): void {
      this.#tell('disabled', () => component.form?.onDisabled?.(isDisabled));
    }

    formStateRestoreCallback(state: string | FormData, reason: 'restore' | 'autocomplete'): void {
      this.#tell('restore', () => component.form?.onRestore?.(fromFormState(state), reason));
    }

    // How the island reports.

    onEmit(name: string, detail: unknown, options?: EmitOptions): void {
      this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, ...options, detail }));
    }

    onProvide(key: string, value: unknown): void {
      this.#provide ??= createProvider(this);
      this.#provide(key, value);
    }

    prepare(model: unknown): () => void {
      const shown = component.states?.(model as never) ?? [];
      const value = component.form?.value(model as never) ?? null;
      const invalidity = component.form?.validity?.(model as never) || null;
      return () => {
        for (const state of this.#shown) if (!shown.includes(state)) this.#internals.states.delete(state);
        for (const state of shown) this.#internals.states.add(state);
        this.#shown = shown;
        if (form) this.#showInForm(value, invalidity);
      };
    }

    onState(state: 'live' | 'failed'): void {
      if (state === 'failed') this.#internals.states.add(state);
      else this.#internals.states.delete('failed');
      this.onEmit('islet:state', state === 'failed' ? { state, code: 'ISLET_ERR_ACTOR_FAILED' } : { state });
    }

    #showInForm(value: FormValue, invalidity: string | Invalidity | null): void {
      this.#internals.setFormValue(toFormState(value));
      const {
        message = '',
        flag = 'customError',
        anchor = controls,
      } = typeof invalidity === 'string' ? { message: invalidity } : (invalidity ?? {});
      const shownAt = this.#root.querySelector<HTMLElement>(anchor) ?? undefined;
      this.#internals.setValidity(message ? { [flag]: true } : {}, message, shownAt);
    }

    readonly #connect = (): void => {
      const { ownerDocument } = this;
      if (!this.isConnected) return;
      const isAdopted = this.#document !== undefined && this.#document !== ownerDocument;
      const isStarted = !this.#isLive;
      this.#document = ownerDocument;
      this.#isLive = true;
      if (isStarted) this.#start();
      else if (!isAdopted) this.#tell('move', component.onMove);
      if (isAdopted) this.#tell('adopt', component.onAdopt);
      if (isStarted || isAdopted) this.#adoptStyles();
      this.#consumer?.connect();
      if (isStarted) this.#tell('connect', () => component.onConnect?.(localClient));
    };

    #disconnect(): void {
      this.#tell('disconnect', () => component.onDisconnect?.(localClient));
      this.#isLive = false;
      this.#consumer?.disconnect();
      this.#endStyles?.();
      this.#island?.stop();
    }

    #start(): void {
      if (!this.#island) this.#begin();
      else this.#island.start();
      for (const [key, toMessage] of this.#due) this.#tell(key, toMessage);
      this.#due.clear();
    }

    #begin(): void {
      if (mode) this.#root = this.#internals.shadowRoot ?? this.attachShadow({ mode, delegatesFocus });
      const root = this.#root;
      // rendered by the server for those without scripts
      if (root.lastElementChild?.matches('style[data-islet]')) root.lastElementChild.remove();
      const all = Object.fromEntries(Array.from(this.attributes, ({ name, value }) => [name, value]));
      const given: ElementProps = pickAttributes(all, observed);
      if (component.contexts) {
        this.#consumer = new ContextConsumer(this, Object.keys(contexts), (key, value) => {
          this.#tell(key, () => component.contexts?.[key]?.(value));
        });
      }
      this.#island = new Island(component, given, root, this);
      this.#island.start(toAttributeMessages(component, given));
      // the server rendered what the attributes say and no more
      if (root.firstChild) this.#island.flush();
    }

    #adoptStyles(): void {
      this.#endStyles?.();
      const root = this.#root;
      // a document without a window has no styles
      if (root instanceof ShadowRoot && this.ownerDocument.defaultView)
        this.#endStyles = adoptStyles(root, ([] as string[]).concat(styles));
    }

    #tell(key: string, toMessage: (() => AnyMessage | undefined) | undefined): void {
      if (!toMessage) return;
      if (this.#isLive) this.#island?.tell(toMessage);
      else this.#due.set(key, toMessage);
    }
  };
}
