/*
 * Finds one element of a page, anew each time that it is used. Input: a page, and what to look for. Output: what there
 * is to know of the element, and what a person can do with it.
 */

import { serializeOuter } from 'parse5';
import { fieldValue, isChecked, isDisabled } from './controls.ts';
import { attributeOf, describe, type Element, markupOf, type Parent, textOf } from './nodes.ts';
import type { VisitedPage } from './page.ts';
import { isMatch, nameOf, type TextMatch } from './queries.ts';

/** Elements of a page, as they are when something is asked of them. */
export class Locator {
  private readonly page: VisitedPage;
  private readonly said: string;
  private readonly search: (scope: Parent) => readonly Element[];
  private readonly scope: Locator | undefined;

  constructor(page: VisitedPage, said: string, search: (scope: Parent) => readonly Element[], scope?: Locator) {
    this.page = page;
    this.said = said;
    this.search = search;
    this.scope = scope;
  }

  /** How many there are. */
  get count(): number {
    return this.all().length;
  }

  get text(): string {
    return textOf(this.element());
  }

  /** The texts of all there are. */
  get texts(): readonly string[] {
    return this.all().map((each) => textOf(each));
  }

  /** Its markup, with its own tag. */
  get html(): string {
    return markupOf(this.element(), serializeOuter);
  }

  /** What a control holds. */
  get value(): string {
    return fieldValue(this.element());
  }

  get isChecked(): boolean {
    return isChecked(this.element());
  }

  get isDisabled(): boolean {
    return isDisabled(this.element());
  }

  /** What a person hears it called. */
  get name(): string {
    return nameOf(this.element(), this.page.root());
  }

  attribute(name: string): string | null {
    return attributeOf(this.element(), name) ?? null;
  }

  byRole(role: string, name?: TextMatch): Locator {
    return this.within(this.page.byRole(role, name));
  }

  byLabel(label: TextMatch): Locator {
    return this.within(this.page.byLabel(label));
  }

  byText(text: TextMatch): Locator {
    return this.within(this.page.byText(text));
  }

  byTestId(id: TextMatch): Locator {
    return this.within(this.page.byTestId(id));
  }

  /** Those in which a text can be read. */
  having(text: TextMatch): Locator {
    const isThere = (each: Element): boolean =>
      typeof text === 'string' ? textOf(each).includes(text) : isMatch(textOf(each), text);
    return new Locator(
      this.page,
      `${this.said} having ${text}`,
      (scope) => this.search(scope).filter(isThere),
      this.scope,
    );
  }

  async click(): Promise<void> {
    return this.page.clickElement(this.element());
  }

  async type(text: string): Promise<void> {
    return this.page.typeInto(this.element(), text);
  }

  async choose(option?: string): Promise<void> {
    return this.page.chooseIn(this.element(), option);
  }

  async check(): Promise<void> {
    return this.page.setChecked(this.element(), true);
  }

  async uncheck(): Promise<void> {
    return this.page.setChecked(this.element(), false);
  }

  async press(key: string): Promise<void> {
    return this.page.pressIn(this.element(), key);
  }

  async submit(): Promise<void> {
    return this.page.submitFrom(this.element());
  }

  private within(inner: Locator): Locator {
    return new Locator(this.page, `${inner.said} in ${this.said}`, inner.search, this);
  }

  private all(): readonly Element[] {
    const scopes: readonly Parent[] = this.scope ? this.scope.all() : [this.page.root()];
    return [...new Set(scopes.flatMap((scope) => this.search(scope)))];
  }

  /** @throws Error with the page, unless there is exactly one. */
  private element(): Element {
    const found = this.all();
    const [element] = found;
    if (element && found.length === 1) return element;
    const many = `There are ${found.length} elements with ${this.said}: ${found.map((each) => describe(each)).join(', ')}`;
    throw new Error(element ? many : `There is no element with ${this.said}. The page:\n${this.page.html()}`);
  }
}
