/*
 * A page that was visited: what a person does there, and what there is to see. Input: what the app answers, and the
 * islands. Output: each action resolves when the server has said what became of it, and what it changed is shown.
 */

import { serialize } from 'parse5';
import { toPath } from './addresses.ts';
import {
  checkForm,
  entriesOf,
  type FormEntries,
  formOf,
  isCheckable,
  isChecked,
  isDisabled,
  isTextField,
  optionsIn,
  optionValue,
  toFields,
  typeOf,
} from './controls.ts';
import { stateOf } from './drawing.ts';
import type { Emitted, Islands } from './islands.ts';
import { Locator } from './locator.ts';
import {
  attributeOf,
  describe,
  type Element,
  elementsAround,
  elementsIn,
  markupOf,
  ownTextOf,
  type Parent,
  textOf,
} from './nodes.ts';
import { controlOf, findByLabel, findByRole, findByTestId, findByText, type TextMatch } from './queries.ts';

/** Where pages come from. */
export interface PageSource {
  request(
    method: 'GET' | 'POST',
    path: string,
    fields?: FormEntries,
  ): Promise<{ readonly path: string; readonly status: number; readonly document: Parent }>;
  islandsOf(document: Parent): Islands;
}

/** An element: by what finds it, or by its name: the label of a control, the words of a button or a link. */
export type Target = Locator | TextMatch;

/** How long something may take that a test waits for. The machine may be busy. */
const patienceMs = 5_000;
const emptyDocument: Parent = { nodeName: '#document-fragment', childNodes: [] };

/** A page that somebody has open: what there is to see, and what a person can do. */
export class VisitedPage implements AsyncDisposable {
  /** The HTTP status of the page. */
  status = 0;
  /** Path and query of the page. */
  path = '';
  private readonly source: PageSource;
  private document: Parent = emptyDocument;
  private islands: Islands | undefined;

  constructor(source: PageSource) {
    this.source = source;
  }

  /** Goes to another page of the app. Resolves when its islands are joined. */
  async goto(path: string): Promise<void> {
    await this.open(this.source.request('GET', path));
  }

  /** Loads the page anew. */
  async reload(): Promise<void> {
    await this.goto(this.path);
  }

  /** The page's title. */
  get title(): string {
    const title = [...elementsIn(this.document)].find(({ tagName }) => tagName === 'title');
    return title ? ownTextOf(title).trim() : '';
  }

  /** Custom events that islands of this page fired (`effect.emit`), oldest first. */
  get emitted(): readonly Emitted[] {
    return this.islands?.emitted ?? [];
  }

  /** Whether something that was done is not stored yet, since the store does not answer (`:state(saving)`). */
  get isSaving(): boolean {
    return this.islands?.all.some(({ isSaving }) => isSaving) ?? false;
  }

  /** What can be read on the page, with single spaces. */
  text(): string {
    return textOf(this.root());
  }

  /** The markup of the body as it is now. */
  html(): string {
    const root = this.root();
    return markupOf([...elementsIn(root)].find(({ tagName }) => tagName === 'body') ?? root, serialize);
  }

  /** @param name What it is called: its label, its words. */
  byRole(role: string, name?: TextMatch): Locator {
    const said = name === undefined ? `role ${role}` : `role ${role} and name ${name}`;
    return new Locator(this, said, (scope) => findByRole(scope, this.root(), role, name));
  }

  /** A control, by its `<label>`, `aria-label` or `aria-labelledby`. */
  byLabel(label: TextMatch): Locator {
    return new Locator(this, `label ${label}`, (scope) => findByLabel(scope, this.root(), label));
  }

  /** The innermost element with this text. */
  byText(text: TextMatch): Locator {
    return new Locator(this, `text ${text}`, (scope) => findByText(scope, text));
  }

  /** By `data-testid`. */
  byTestId(id: TextMatch): Locator {
    return new Locator(this, `test id ${id}`, (scope) => findByTestId(scope, id));
  }

  /** Clicks: what hears it, and then what a browser does (a form is sent, a link followed, a box ticked). */
  async click(target: Target): Promise<void> {
    return this.find(target, ['button', 'link', 'checkbox', 'radio', 'option', 'tab', 'menuitem']).click();
  }

  /** Types into a field, in place of what it holds. */
  async type(target: Target, text: string): Promise<void> {
    return this.find(target).type(text);
  }

  /** Chooses an option of a `<select>`, by its text or value, or a radio button. */
  async choose(target: Target, option?: string): Promise<void> {
    return this.find(target).choose(option);
  }

  async check(target: Target): Promise<void> {
    return this.find(target).check();
  }

  async uncheck(target: Target): Promise<void> {
    return this.find(target).uncheck();
  }

  /** Presses a key in an element: `Enter`, `Escape`, `a`, `Ctrl+s`. */
  async press(target: Target, key: string): Promise<void> {
    return this.find(target).press(key);
  }

  /** Sends a form: the only one of the page, or the one that is found, or that a found control belongs to. */
  async submit(target?: Target): Promise<void> {
    if (target !== undefined) return this.find(target).submit();
    const forms = [...elementsIn(this.root())].filter(({ tagName }) => tagName === 'form');
    const [form] = forms;
    if (!form || forms.length > 1) throw new Error(`The page has ${forms.length} forms. Say which one.`);
    await this.submitForm(form, undefined);
  }

  /**
   * Waits until something can be read on the page, or until it is true.
   *
   * @throws Error with the page, after five seconds.
   */
  async until(condition: TextMatch | (() => boolean)): Promise<void> {
    const holds = (): boolean => {
      if (typeof condition === 'function') return condition();
      const text = this.text();
      return typeof condition === 'string' ? text.includes(condition) : condition.test(text);
    };
    const said = typeof condition === 'function' ? 'The condition' : `The text ${condition}`;
    await this.waitFor(holds, () => `${said} did not come. The page:\n${this.html()}`);
  }

  /** Resolves when the server has read all that the page sent, and what it sent at once is shown. */
  async settled(): Promise<void> {
    if (this.islands && !this.islands.isEmpty) await this.islands.probed();
    await this.followRedirect();
  }

  /** Loses the connection, as in a tunnel. What is done meanwhile waits; the actions resolve after `restore`. */
  cut(): void {
    this.islands?.cut();
  }

  /** Comes back. Resolves when the islands are joined again. */
  async restore(): Promise<void> {
    this.islands?.restore();
    await this.joined();
  }

  /** Leaves the page. */
  async close(): Promise<void> {
    await this.islands?.end();
    this.islands = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  // For `Locator`.

  /** The document as it is now. */
  root(): Parent {
    this.islands?.update();
    return this.document;
  }

  async clickElement(element: Element): Promise<void> {
    if (isDisabled(element)) throw new Error(`${describe(element)} is disabled.`);
    const control = element.tagName === 'label' ? controlOf(element, this.root()) : undefined;
    const before = isChecked(element);
    if (isCheckable(element)) this.tick(element, typeOf(element) === 'radio' ? true : !before);
    const { heard, isPrevented } = await this.fire(element, 'click');
    if (isPrevented) {
      if (isCheckable(element)) this.tick(element, before);
      return;
    }
    if (isCheckable(element)) {
      await this.tell(element, isChecked(element) !== before ? ['input', 'change'] : []);
      return;
    }
    if (control) return this.clickElement(control);
    const around = [element, ...elementsAround(element)];
    const link = around.find((each) => each.tagName === 'a' && attributeOf(each, 'href') !== undefined);
    const button = around.find(({ tagName }) => tagName === 'button' || tagName === 'input');
    const form = button && ['submit', 'image'].includes(typeOf(button)) ? formOf(button, this.elements()) : undefined;
    if (form) await this.submitForm(form, button);
    else if (link) await this.follow(attributeOf(link, 'href') as string);
    else if (heard === 0) throw new Error(`Nothing hears a click on ${describe(element)}: it has no @click.`);
  }

  async typeInto(element: Element, text: string): Promise<void> {
    if (!isTextField(element)) throw new Error(`${describe(element)} is no field to type into.`);
    if (isDisabled(element)) throw new Error(`${describe(element)} is disabled.`);
    stateOf(element).properties.set('value', text);
    await this.tell(element, ['input', 'change']);
  }

  async chooseIn(element: Element, option: string | undefined): Promise<void> {
    if (typeOf(element) === 'radio') return this.setChecked(element, true);
    if (element.tagName !== 'select') throw new Error(`${describe(element)} is nothing to choose from.`);
    if (isDisabled(element)) throw new Error(`${describe(element)} is disabled.`);
    const options = optionsIn(element);
    const found = options.find((each) => textOf(each) === option || optionValue(each) === option);
    if (!found) throw new Error(`There is no option ${option} among: ${options.map(textOf).join(', ')}.`);
    if (isDisabled(found)) throw new Error(`The option ${option} is disabled.`);
    for (const each of options) stateOf(each).properties.delete('selected');
    stateOf(element).properties.set('value', optionValue(found));
    await this.tell(element, ['input', 'change']);
  }

  async setChecked(element: Element, wanted: boolean): Promise<void> {
    if (!isCheckable(element)) throw new Error(`${describe(element)} is nothing to tick.`);
    if (isChecked(element) !== wanted) await this.clickElement(element);
  }

  async pressIn(element: Element, keys: string): Promise<void> {
    const { key, ...held } = keysOf(keys);
    const extra = { key, ...held };
    const { isPrevented } = await this.fire(element, 'keydown', extra);
    const form = formOf(element, this.elements());
    // Enter in a field sends its form
    if (key === 'Enter' && !isPrevented && element.tagName === 'input' && form) await this.submitForm(form, undefined);
    await this.fire(element, 'keyup', extra);
  }

  async submitFrom(element: Element): Promise<void> {
    const form = element.tagName === 'form' ? element : formOf(element, this.elements());
    if (!form) throw new Error(`${describe(element)} is no form, and in none.`);
    const isButton = ['submit', 'image'].includes(typeOf(element));
    await this.submitForm(form, isButton ? element : undefined);
  }

  /** Finds one element. */
  find(target: Target, roles: readonly string[] = []): Locator {
    if (target instanceof Locator) return target;
    return new Locator(this, `name ${target}`, (scope) => {
      const byRole = roles.flatMap((role) => findByRole(scope, this.root(), role, target));
      if (byRole.length > 0) return byRole;
      const byLabel = findByLabel(scope, this.root(), target);
      return byLabel.length > 0 || roles.length === 0 ? byLabel : findByText(scope, target);
    });
  }

  private elements(): readonly Element[] {
    return [...elementsIn(this.root())];
  }

  private async open(answered: ReturnType<PageSource['request']>): Promise<void> {
    const { path, status, document } = await answered;
    await this.close();
    this.path = path;
    this.status = status;
    this.document = document;
    const islands = this.source.islandsOf(document);
    if (islands.isEmpty) return;
    this.islands = islands;
    await this.joined();
  }

  private async joined(): Promise<void> {
    const { islands } = this;
    if (!islands) return;
    const isDone = (): boolean => {
      if (islands.faults.length > 0) throw new Error(islands.faults.join('\n'));
      const refused = islands.all.find(({ error }) => error?.code === 'ISLET_ERR_JOIN_UNKNOWN_ROUTE');
      if (refused) throw new Error(`${refused.error?.code}: no component has the route '${refused.route}'.`);
      return islands.all.every(({ isJoined, error }) => isJoined || error !== undefined);
    };
    await this.waitFor(isDone, () => {
      const missing = islands.all.filter(({ isJoined, error }) => !isJoined && !error).map(({ route }) => route);
      return `These islands were not joined: ${missing.join(', ')}.`;
    });
  }

  private async waitFor(condition: () => boolean, explain: () => string): Promise<void> {
    const end = performance.now() + patienceMs;
    await this.followRedirect();
    while (!condition()) {
      const left = end - performance.now();
      if (left <= 0) throw new Error(explain());
      let timer: NodeJS.Timeout | undefined;
      const time = new Promise((resolve) => {
        timer = setTimeout(resolve, Math.min(left, 50));
      });
      await (this.islands ? Promise.race([this.islands.change(), time]) : time);
      clearTimeout(timer);
      await this.followRedirect();
    }
  }

  /** Goes where `revoke` sends the page; a browser goes at once, and here it is when something is waited for. */
  private async followRedirect(): Promise<void> {
    const redirect = this.islands?.redirect;
    if (redirect !== undefined) await this.goto(toPath(redirect, this.path));
  }

  private async fire(element: Element, name: string, extra = {}): Promise<{ isPrevented: boolean; heard: number }> {
    return (await this.islands?.fire(element, name, extra)) ?? { isPrevented: false, heard: 0 };
  }

  /**
   * Tells the events of a control, and then checks that it was worth telling: no form and no handler is a dead field.
   */
  private async tell(element: Element, names: readonly string[]): Promise<void> {
    let heard = 0;
    for (const name of names) heard += (await this.fire(element, name)).heard;
    const isDead = names.length > 0 && heard === 0 && !this.islands?.isHeard(element, 'click');
    if (isDead && !formOf(element, this.elements()))
      throw new Error(`Nothing hears ${names.join(' or ')} of ${describe(element)}, and it is in no form.`);
  }

  private tick(element: Element, wanted: boolean): void {
    if (typeOf(element) === 'radio' && wanted) {
      const group = attributeOf(element, 'name');
      const form = formOf(element, this.elements());
      for (const each of this.elements()) {
        const isSame = typeOf(each) === 'radio' && attributeOf(each, 'name') === group;
        if (isSame && formOf(each, this.elements()) === form) stateOf(each).properties.set('checked', false);
      }
    }
    stateOf(element).properties.set('checked', wanted);
  }

  private async submitForm(form: Element, submitter: Element | undefined): Promise<void> {
    checkForm(form, submitter, this.elements());
    const entries = entriesOf(form, submitter, this.elements());
    const { heard } = await this.fire(form, 'submit', { fields: toFields(entries) });
    if (heard > 0) return;
    const method = (attributeOf(submitter ?? form, 'formmethod') ?? attributeOf(form, 'method') ?? 'get').toUpperCase();
    const action = (submitter && attributeOf(submitter, 'formaction')) ?? attributeOf(form, 'action');
    if (action === undefined && this.isInIsland(form))
      throw new Error(`Nothing hears submit of ${describe(form)}, and it has no action.`);
    if (method === 'POST')
      await this.open(this.source.request('POST', toPath(action ?? this.path, this.path), entries));
    else {
      const [path = ''] = toPath(action ?? this.path, this.path).split('?');
      await this.goto(`${path}?${new URLSearchParams(entries)}`);
    }
  }

  private isInIsland(element: Element): boolean {
    return [...elementsAround(element)].some(({ tagName }) => tagName === 'server-component');
  }

  private async follow(href: string): Promise<void> {
    if (!href.startsWith('#')) await this.goto(toPath(href, this.path));
  }
}

const modifiers = { Ctrl: 'ctrlKey', Alt: 'altKey', Shift: 'shiftKey', Meta: 'metaKey' } as const;

/** A key and what is held meanwhile, as its event has them. @throws Error for a modifier that no keyboard has. */
function keysOf(text: string): { readonly key: string; readonly [held: string]: string | boolean } {
  const names = text.split(/\+(?=.)/);
  const key = names.pop() as string;
  const unknown = names.find((name) => !Object.hasOwn(modifiers, name));
  if (unknown !== undefined)
    throw new Error(`'${unknown}' is no key to hold: ${Object.keys(modifiers).join(', ')} are.`);
  const held = Object.entries(modifiers).map(([name, property]) => [property, names.includes(name)]);
  return { key, ...Object.fromEntries(held) };
}
