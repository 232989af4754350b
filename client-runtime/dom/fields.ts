/*
 * Who says what a control shows. Input: what the model says of it, what its person does, which events report that, and
 * their outcomes. Output: controls that show what their person did until that has been reported and settled, and the
 * model then, also where the model refused it. A control that nobody reports belongs to the model. `docs/forms.md` says
 * it in words; remote and local islands have this one rule.
 */

import { caretOf, placeCaret } from './caret.ts';
import type { FieldsInside, Restore } from './carry.ts';
import {
  type Field,
  formOf,
  hasSentForm,
  hears,
  isBound,
  isChanged,
  isFocused,
  isReportable,
  isSame,
  isState,
  type Kind,
  kindOf,
  pathOf,
} from './controls.ts';
import { addEventListener, closest, contains, findAll, hasAttribute } from './native.ts';
import { repair, special } from './parts.ts';

/** An event that tells what controls hold. */
export interface Report {
  readonly controls: Field[];
  /** Where it happened. */
  readonly target: EventTarget | null;
}

export interface Fields {
  /** Takes what the model says; false if that is no state of a control. */
  set(node: Node, name: string, value: unknown): boolean;
  /** An event is heard, by a handler that wants data or not: what it tells is told, and waits for its outcome. */
  report(event: Event, wantsData: boolean): Report;
  /** Events have an outcome, or are lost: then what they told is still to be told. */
  settle(reports: readonly Report[], areLost?: boolean): void;
  /** Takes note of what its person did; returns what puts that into fields that were made anew since. */
  save(): Restore;
  /** From now on what the model says is only kept. */
  hold(): void;
  /**
   * Shows what was kept; returns what tells what has been lost.
   *
   * @param isNew There is another actor: what it does not know and a person has filled in is told to it.
   */
  release(isNew: boolean): () => unknown;
  /** Whether a person did something that no event has told. */
  readonly isBusy: boolean;
}

export interface Control {
  /** What it held when that was last told, or set by the model. */
  known: unknown;
  /** What it shows, its person did. */
  isOwn?: boolean;
  /** The model has something to say that is not shown yet. */
  isDue?: boolean;
  /** Events that told what it holds and have no outcome. */
  readonly reports: Set<Report>;
  last?: Report;
}

/** In place of what is known of a control: nobody has been told what it holds. */
const nothing = {};

/** What tells what controls hold, now or when it has been loaded. */
export interface Teller {
  readonly part?: { readonly tell: typeof import('./replay.ts').tell } | null | undefined;
  use(act: () => void): void;
}

/** @param root What holds the island's controls. */
export function createFields(root: ParentNode & Node, teller: Teller = repair): Fields {
  const controls = new WeakMap<Node, Control>();
  const said = new WeakMap<Node, Record<string, unknown>>();
  /** Controls that do not show the model, as far as is known. */
  const open = new Set<Field>();
  let composing: unknown;
  let isHeld = false;
  let isListening = false;
  /** What was filled in before this script ran. */
  let early: readonly Node[] | undefined = findTyped(root);

  const kind = (field: Field): Kind => kindOf(field) as Kind;
  const stateOf = (field: Field): unknown => kind(field).stateOf(field);
  const get = (field: Node): Control => controls.get(field) as Control;

  const enter = (field: Field): Control => {
    if (!isListening) listen();
    const control: Control = { known: early?.includes(field) ? nothing : stateOf(field), reports: new Set() };
    controls.set(field, control);
    if (field.options)
      observer.observe(field, { childList: true, subtree: true, attributes: true, characterData: true });
    return control;
  };

  /** The control in which something happened, if the model has a say in it. */
  const controlAt = (target: EventTarget | null): Field | undefined => {
    if (!(target instanceof Element)) return undefined;
    const field = (controls.has(target) ? target : closest.call(target, 'select,[contenteditable]')) as Field | null;
    if (!field) return undefined;
    if (!controls.has(field) && partsOf(field).some((part) => said.has(part))) enter(field);
    return controls.has(field) ? field : undefined;
  };

  const all = (): Field[] => findAll<Field>(root, '*').filter((field) => controls.has(field));

  /** Radio buttons are one control together. */
  const groupOf = (field: Field, among: () => Iterable<Field>): Field[] =>
    kind(field).groupOf?.(field, among()) ?? [field];

  const isTyped = (field: Field): boolean => {
    const { known } = get(field);
    const { changesAlone, isChosen } = kind(field);
    return changesAlone ? known === nothing : isChosen?.(field) !== false && stateOf(field) !== known;
  };

  const isBusy = (field: Field): boolean =>
    groupOf(field, () => open).some(
      (each) => each === composing || get(each).reports.size > 0 || (isTyped(each) && isReportable(each, root)),
    );

  /** What it holds now is known. */
  const know = (field: Field): void => {
    get(field).known = stateOf(field);
  };

  /** Nobody knows what it holds now. */
  const lose = (field: Field): void => {
    get(field).known = nothing;
    open.add(field);
  };

  /** It is to show what the model says, when nothing else holds it back. */
  const owe = (field: Field): void => {
    get(field).isDue = true;
    open.add(field);
  };

  const partsOf = (field: Field): Field[] => kindOf(field)?.partsOf?.(field) ?? [];

  /** What the model says of it: of its parts first. */
  const saidOf = (field: Field): [node: Field, name: string, value: unknown][] =>
    [...partsOf(field), field].flatMap((node) =>
      Object.entries(said.get(node) ?? {}).map(([name, value]) => [node, name, value] as [Field, string, unknown]),
    );

  const shows = (node: Field, name: string, value: unknown): boolean =>
    isSame(node, name, value) || kindOf(node)?.isSame?.(node, value) === true;

  const isShown = (field: Field): boolean => saidOf(field).every((entry) => shows(...entry));

  const write = (field: Field, node: Field, name: string, value: unknown): void => {
    const { isOpaque, put, ...caret } = { caretOf, placeCaret, ...kind(field) };
    if (shows(node, name, value) && !isOpaque) return;
    const textOf = (): string => field.value ?? field.textContent;
    const before = textOf();
    const isText = typeof before === 'string' && /^(value|textContent)$/.test(name) && isFocused(field);
    if (isText && (field.validity?.badInput || before.trimEnd() === `${value}`.trimEnd())) {
      // it is put right when it is left
      owe(field);
      return;
    }
    const place = isText && caret.caretOf(field);
    try {
      if (put) put(node, name, value);
      else (node as unknown as Record<string, unknown>)[name] = value;
    } catch (error) {
      reportError(error); // it is that element's own
    }
    get(field).isOwn = false;
    if (!place) return;
    const after = textOf();
    const move = (at: number): number =>
      before.slice(0, at) === after.slice(0, at) ? at : Math.max(0, after.length - before.length + at);
    const [start, end, ...more] = place;
    caret.placeCaret(field, [move(start), move(end), ...more]);
  };

  const show = (field: Field): void => {
    for (const entry of saidOf(field)) write(field, ...entry);
    know(field);
  };

  /** @param isNew What was filled in for another actor stays for now, also where nobody tells it. */
  const refresh = (isNew?: boolean): void => {
    if (isHeld) return;
    for (const field of [...open]) {
      const control = get(field);
      if (contains.call(root, field) && (isBusy(field) || (isNew && control.known === nothing))) continue;
      open.delete(field);
      if (!control.isDue && (kind(field).stays || isReportable(field, root))) continue;
      control.isDue = false;
      show(field);
    }
  };

  /** Whether what the model says can be chosen. */
  const isOffered = (field: Field): boolean => {
    const values = saidOf(field).flatMap(([, , value]) => value);
    return [...field.options].some(({ value }) => values.includes(value));
  };

  const refreshSoon = (): void => void setTimeout(refresh);

  /** What it holds now is as it should be; what the model says is shown later. */
  const knowAndOwe = (field: Field): void => {
    know(field);
    owe(field);
  };

  const observer = new MutationObserver((records) => {
    const changed = new Set<Field>();
    for (const { target, type } of records) {
      const element = target instanceof Element ? target : target.parentElement;
      const field = controlAt(element?.closest('select') ?? target);
      // where its options are translated it stays what it is
      if (field && (type === 'attributes' || !element?.closest('option') || isOffered(field))) changed.add(field);
    }
    for (const field of changed) if (!isHeld && !isBusy(field)) show(field);
  });

  const hear = (type: string, act: (event: Event, field: Field | undefined) => void): void => {
    addEventListener.call(root, type, (event) => act(event, controlAt(event.target)), true);
  };

  const onReset = (event: Event): void => {
    // of an event in a shadow root that is over nobody says where it was
    const { target } = event;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      for (const field of all()) {
        if (formOf(field) === target) knowAndOwe(field);
      }
      refresh();
    });
  };

  const listen = (): void => {
    isListening = true;
    hear('input', (_, field) => {
      if (!field) return;
      if (kind(field).changesAlone) lose(field);
      for (const each of groupOf(field, all)) open.add(each);
    });
    hear('compositionstart', (_, field) => {
      composing = field;
    });
    hear('compositionend', () => {
      composing = undefined;
      refreshSoon();
    });
    hear('focusout', refreshSoon);
    hear('reset', onReset);
    // the form may be around the island, which must not live as long as its page
    const weak = new WeakRef(onReset);
    // nobody outside of a shadow root hears of what happens in it
    for (const target of [document, root.getRootNode()])
      target.addEventListener('reset', (event) => weak.deref()?.(event), true);
    // browsers fill in forms that one comes back to, and some do so late
    if (document.readyState !== 'complete') {
      addEventListener.call(
        window,
        'pageshow',
        () =>
          setTimeout(() => {
            // not what it does not show of the model: a browser makes something else of some values
            for (const field of all()) {
              if (!open.has(field) && !kind(field).isOpaque && stateOf(field) !== get(field).known) lose(field);
            }
            fields.release(false)();
          }),
        { once: true },
      );
    }
  };

  const inside: FieldsInside = {
    controls,
    isTyped,
    isShown,
    lose,
    replace(old, field) {
      const control = get(old);
      for (const { controls } of control.reports) controls.splice(controls.indexOf(old), 1, field);
      controls.delete(old);
      open.delete(old);
      controls.set(field, control);
      owe(field);
    },
  };

  const fields: Fields = {
    set(node, name, value) {
      const present = controls.get(node);
      // what it held, the browser may change with that: after the patch it is said again
      if (present && isBound(name) && !isBusy(node as Field))
        queueMicrotask(() => (isHeld ? knowAndOwe : show)(node as Field));
      if (!isState(node, name)) return false;
      const values = said.get(node) ?? {};
      const isNew = !(name in values) || values[name] !== value;
      if (value === undefined) delete values[name];
      else values[name] = value;
      said.set(node, values);
      const { ownerOf } = kind(node as Field);
      const field = ownerOf ? ownerOf(node as Field) : (node as Field);
      // an option that has yet to be put into its list is state of that later
      if (!field) return false;
      const known = controls.get(field);
      const control = known ?? enter(field);
      if (value === undefined) return true;
      const { wasEdited, stays } = kind(field);
      if (early && !known && wasEdited?.(field, value)) control.known = nothing;
      if (stays && known && !isNew) return true;
      control.isDue = true;
      if (isHeld || (known && isBusy(field))) open.add(field);
      else {
        write(field, node as Field, name, value);
        know(field);
        control.isDue = open.has(field);
      }
      return true;
    },

    report(event, wantsData) {
      const { type, target, currentTarget } = event;
      const field = controlAt(target);
      const form = type === 'submit' ? target : /^(input|change)$/.test(type) && currentTarget;
      const isForm = form instanceof HTMLFormElement;
      // what is disabled is not told with its form
      const told = new Set(isForm ? all().filter((each) => formOf(each) === form && !each.matches(':disabled')) : []);
      const isTold = field && (isForm || kind(field).tells(type, wantsData, field, currentTarget));
      if (isTold) for (const each of groupOf(field, all)) told.add(each);
      const report = { controls: [...told], target };
      for (const each of told) {
        const control = get(each);
        control.isOwn ||= isTyped(each);
        control.isDue ||= isForm || special.part?.isFinal(event, () => hasSentForm(each, root)) !== false;
        know(each);
        control.last = report;
        control.reports.add(report);
        open.add(each);
      }
      // a click that is prevented has changed nothing in the end
      if (type === 'click' && field) setTimeout(() => event.defaultPrevented && know(field));
      return report;
    },

    settle(reports, areLost) {
      for (const report of reports) {
        for (const each of report.controls) {
          const control = get(each);
          control.reports.delete(report);
          if (areLost && control.last === report) lose(each);
          else if (!control.reports.size && kind(each).isOpaque) know(each);
        }
      }
      if (reports[0]) refresh();
    },

    save: () => repair.part?.carryFields(root, inside) ?? (() => []),

    hold() {
      isHeld = true;
    },

    release(isNew) {
      isHeld = false;
      const due = new Set<Node>(isNew || early ? findTyped(root).filter((field) => !controls.has(field)) : []);
      early = undefined;
      for (const field of open) {
        const control = get(field);
        if (isNew && (control.isOwn || isTyped(field)) && !control.reports.size) lose(field);
        if (control.known !== nothing) continue;
        if (isShown(field)) know(field);
        else {
          due.add(field);
          control.isDue &&= !isNew;
        }
      }
      refresh(isNew);
      const found = findAll<Field>(root, '*').filter((field) => due.has(field));
      const tell = (): void =>
        teller.part?.tell(
          found.filter((field) => (controls.get(field)?.known ?? nothing) === nothing),
          root,
          hears,
        );
      return () => found[0] && teller.use(tell);
    },

    get isBusy() {
      return (
        all().some((field) => isTyped(field) && !kind(field).stays) ||
        findTyped(root).some((field) => !controls.has(field))
      );
    },
  };
  return fields;
}

/** Fields of an island that a person, or the browser on their behalf, has filled in. */
function findTyped(root: Node): Field[] {
  return findAll<Field>(root, 'input,textarea,select').filter(
    (field) =>
      isChanged(field) &&
      // what draws the field looks after it
      !pathOf(field, root).some(
        (node) =>
          node !== root && (`${node.nodeName}`.includes('-') || hasAttribute.call(node as Element, 'data-islet-own')),
      ),
  );
}
