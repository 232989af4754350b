/*
 * Who says what a control shows. Input: what the model says of it, what its person does, which events report that, and
 * their outcomes. Output: controls that show what their person did until that has been reported and settled, and the
 * model then, also where the model refused it. A control that nobody reports belongs to the model. `docs/forms.md` says
 * it in words; remote and local islands have this one rule.
 */

import type { Listener } from '../../shared/wire/listener.ts';
import { caretOf, placeCaret } from './caret.ts';
import type { FieldsInside } from './carry.ts';
import {
  changesAlone,
  type Field,
  fieldOf,
  formOf,
  isBound,
  isCustom,
  isDisclosure,
  isFinal,
  isFocused,
  isReportable,
  isSame,
  stateOf,
  tells,
  textOf,
} from './controls.ts';
import { carry } from './repairs.ts';
import { findTyped, tell } from './replay.ts';

/** An event that tells what controls hold. */
export interface Report {
  readonly controls: readonly Element[];
  /** Where it happened. */
  readonly target: EventTarget | null;
}

export interface Fields {
  /** Takes what the model says; false if that is no state of a control. */
  set(node: Node, name: string, value: unknown): boolean;
  /**
   * An event is heard: what it tells is told, and waits for its outcome.
   *
   * @param place Names the listener: an event that waits there is replaced by this one.
   */
  report(event: Event, listener: Pick<Listener, 'data'>, place: string): Report;
  /** The event of a report is on its way: no later event of its listener replaces it any more. */
  send(place: string): void;
  /** Events have an outcome, or are lost: then what they told is still to be told. */
  settle(reports: readonly Report[], areLost?: boolean): void;
  /** Takes note of what its person did; returns what puts that into fields that were made anew since. */
  save(): () => void;
  /** From now on what the model says is only kept. */
  hold(): void;
  /**
   * Shows what was kept; returns what tells what has been lost.
   *
   * @param isNew There is another actor: what it does not know and a person has filled in is told to it.
   */
  release(isNew: boolean): () => void;
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

/**
 * @param root What holds the island's controls.
 * @param flush Sends what waits.
 */
export function createFields(root: ParentNode & Node, flush: () => void): Fields {
  const controls = new WeakMap<Node, Control>();
  const said = new WeakMap<Node, Record<string, unknown>>();
  /** Controls that do not show the model, as far as is known. */
  const open = new Set<Field>();
  /** Reports that wait with their listener. */
  const waiting = new Map<string, Report>();
  let composing: unknown;
  let isHeld = false;
  let isListening = false;
  /** What was filled in before this script ran. */
  let early: readonly Node[] | undefined = findTyped(root);

  const enter = (field: Field): Control => {
    if (!isListening) listen();
    const known = early?.includes(field) ? nothing : stateOf(field);
    const control: Control = { known, reports: new Set() };
    controls.set(field, control);
    if (field.options)
      observer.observe(field, { childList: true, subtree: true, attributes: true, characterData: true });
    return control;
  };

  const get = (field: Node): Control => controls.get(field) as Control;

  /** The control in which something happened, if the model has a say in it. */
  const controlAt = (target: EventTarget | null): Field | undefined => {
    if (!(target instanceof Element) || target instanceof HTMLFormElement) return undefined;
    const field = (controls.has(target) ? target : target.closest('select,[contenteditable]')) as Field | null;
    if (!field || controls.has(field)) return field ?? undefined;
    if (![...(field.options ?? [])].some((option) => said.has(option))) return undefined;
    enter(field);
    return field;
  };

  const all = (): Field[] => ([...root.querySelectorAll('*')] as Field[]).filter((field) => controls.has(field));

  /** Radio buttons are one control together. */
  const isWith = (field: Field, other: Field): boolean =>
    field === other ||
    (field.type === 'radio' &&
      !!field.name &&
      field.type === other.type &&
      field.name === other.name &&
      field.form === other.form);

  const groupOf = (field: Field): Field[] =>
    field.type === 'radio' ? all().filter((other) => isWith(field, other)) : [field];

  const isTyped = (field: Field): boolean => {
    const { known } = get(field);
    // those are heard of: a radio button is let go of as well when another one is chosen
    return changesAlone(field)
      ? known === nothing
      : (field.type !== 'radio' || field.checked) && stateOf(field) !== known;
  };

  const isBusyAlone = (field: Field): boolean =>
    field === composing || get(field).reports.size > 0 || (isTyped(field) && isReportable(field, root));

  const isBusy = (field: Field): boolean =>
    isBusyAlone(field) ||
    (field.type === 'radio' && [...open].some((other) => isWith(field, other) && isBusyAlone(other)));

  /** What it holds now is known. */
  const know = (field: Field): void => {
    get(field).known = stateOf(field);
  };

  /** Nobody knows what it holds now. */
  const lose = (field: Field): void => {
    get(field).known = nothing;
    open.add(field);
  };

  /** What the model says of it: of its options first. */
  const saidOf = (field: Field): [node: Field, name: string, value: unknown][] =>
    ([...(field.options ?? []), field] as Field[]).flatMap((node) =>
      Object.entries(said.get(node) ?? {}).map(([name, value]) => [node, name, value] as [Field, string, unknown]),
    );

  const isShown = (field: Field): boolean => saidOf(field).every((entry) => isSame(...entry));

  const write = (field: Field, node: Field, name: string, value: unknown): void => {
    if (isSame(node, name, value) && !isCustom(field)) return;
    // a browser lets nobody choose a file but its person
    if (field.type === 'file' && value) return;
    const isText = typeof textOf(field) === 'string' && /^(value|textContent)$/.test(name) && isFocused(field);
    const before = textOf(field);
    if (isText && (field.validity?.badInput || before.trimEnd() === `${value}`.trimEnd())) {
      // it is put right when it is left
      get(field).isDue = true;
      open.add(field);
      return;
    }
    const caret = isText && caretOf(field);
    try {
      if (Array.isArray(value) && node.options) {
        for (const option of node.options) option.selected = value.includes(option.value);
      } else (node as unknown as Record<string, unknown>)[name === 'textContent' ? 'innerText' : name] = value;
    } catch (error) {
      reportError(error); // it is that element's own
    }
    get(field).isOwn = false;
    if (!caret) return;
    const after = textOf(field);
    const move = (at: number): number =>
      before.slice(0, at) === after.slice(0, at) ? at : Math.max(0, after.length - before.length + at);
    placeCaret(field, [move(caret[0]), move(caret[1]), caret[2], caret[3]]);
  };

  const show = (field: Field): void => {
    for (const entry of saidOf(field)) write(field, ...entry);
    know(field);
  };

  /** @param isNew What was filled in for another actor stays for now, also where nobody tells it. */
  const refresh = (isNew?: boolean): void => {
    for (const field of [...open]) {
      const control = get(field);
      if (root.contains(field) && (isBusy(field) || (isNew && control.known === nothing))) continue;
      open.delete(field);
      // what somebody opened stays open until the model says something else
      if (control.isDue || !(isDisclosure(field) || isReportable(field, root))) {
        control.isDue = false;
        show(field);
      }
    }
  };

  const refreshSoon = (): void => void setTimeout(() => refresh());

  const sayAgain = (field: Field): void => {
    if (!isHeld) show(field);
    else {
      know(field);
      get(field).isDue = true;
      open.add(field);
    }
  };

  const observer = new MutationObserver((records) => {
    for (const field of new Set(
      records.map(({ target }) => controlAt(target.parentElement?.closest('select') ?? target)),
    )) {
      if (field && !isHeld && !isBusy(field)) show(field);
    }
  });

  const hear = (type: string, act: (event: Event, field: Field | undefined) => void): void => {
    root.addEventListener(type, (event) => act(event, controlAt(event.target)), true);
  };

  const onReset = (event: Event): void => {
    const { target } = event;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      for (const field of all()) {
        if (formOf(field) !== target) continue;
        know(field);
        get(field).isDue = true;
        open.add(field);
      }
      refresh();
    });
  };

  const findRestored = (): void => {
    for (const field of all()) if (!open.has(field) && !isShown(field)) lose(field);
    fields.release(false)();
  };

  const listen = (): void => {
    isListening = true;
    hear('input', (_, field) => {
      if (!field) return;
      if (changesAlone(field)) lose(field);
      for (const each of groupOf(field)) open.add(each);
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
    document.addEventListener('reset', (event) => weak.deref()?.(event), true);
    // browsers fill in forms that one comes back to, and some do so late
    if (document.readyState !== 'complete')
      addEventListener('pageshow', () => setTimeout(findRestored), { once: true });
  };

  const inside: FieldsInside = {
    controls,
    isTyped,
    isShown,
    lose,
    share(field, control) {
      controls.set(field, Object.assign(control, { isDue: true }));
      open.add(field);
    },
  };

  const fields: Fields = {
    set(node, name, value) {
      // what it held, the browser may change with that: after the patch it is said again
      if (isBound(name) && controls.has(node) && !isBusy(node as Field)) queueMicrotask(() => sayAgain(node as Field));
      const field = fieldOf(node as Element, name);
      const values = said.get(node) ?? {};
      // an option that has yet to be put into its list is state of that later
      if (!field && name === 'selected') said.set(node, { ...values, selected: value });
      if (!field) return false;
      if (value === undefined) {
        delete values[name];
        return true;
      }
      const isNew = !(name in values) || values[name] !== value;
      values[name] = value;
      said.set(node, values);
      const present = controls.get(field);
      const control = present ?? enter(field);
      // a text that is no field's is found where it should be
      if (early && !present && name === 'textContent' && field.textContent && !isSame(field, name, value))
        control.known = nothing;
      if (isDisclosure(field) && present && !isNew) return true;
      control.isDue = true;
      if (isHeld || (present && isBusy(field))) open.add(field);
      else {
        write(field, node as Field, name, value);
        know(field);
        control.isDue = open.has(field);
      }
      return true;
    },

    report(event, { data }, place) {
      const { type, target, currentTarget } = event;
      const field = controlAt(target);
      const isForm = type === 'submit' || (currentTarget instanceof HTMLFormElement && /^(input|change)$/.test(type));
      const form = type === 'submit' ? target : currentTarget;
      const told = new Set(isForm ? all().filter((each) => formOf(each) === form) : []);
      const isTold = isForm || (field && tells(field, currentTarget, type, data === 1));
      if (field && isTold) for (const each of groupOf(field)) told.add(each);
      const report = { controls: [...told], target };
      // a later event replaces one that waits only where it says the same of the same field
      if ((waiting.get(place)?.target ?? target) !== target) flush();
      for (const each of told) {
        const control = get(each);
        control.isOwn ||= isTyped(each);
        control.isDue ||= isForm || isFinal(each, root, event);
        know(each);
        control.last = report;
        control.reports.add(report);
        open.add(each);
      }
      // a click that is prevented has changed nothing in the end
      if (type === 'click' && field) setTimeout(() => event.defaultPrevented && know(field));
      const before = waiting.get(place);
      if (before) for (const each of before.controls) get(each).reports.delete(before);
      waiting.set(place, report);
      return report;
    },

    send: (place) => void waiting.delete(place),

    settle(reports, areLost) {
      for (const report of reports) {
        for (const each of report.controls as readonly Field[]) {
          const control = get(each);
          control.reports.delete(report);
          if (areLost && control.last === report) lose(each);
          else if (!control.reports.size && isCustom(each)) know(each);
        }
      }
      if (reports[0]) refresh();
    },

    save: () => carry?.(root, inside) ?? (() => undefined),

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
      const found = [...root.querySelectorAll<Field>('*')].filter((field) => due.has(field));
      return () =>
        tell(
          found.filter((field) => (controls.get(field)?.known ?? nothing) === nothing),
          root,
        );
    },

    get isBusy() {
      return (
        all().some((field) => isTyped(field) && !isDisclosure(field)) ||
        findTyped(root).some((field) => !controls.has(field))
      );
    },
  };
  return fields;
}
