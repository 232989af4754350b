/*
 * Where what is only said in development joins in: hooks that production leaves empty, so that it pays a look at them.
 * `shared/development/` fills them: for a page by `client-runtime/dom/development.ts`, on a server by the plugin.
 */

export interface DevelopmentHooks {
  /** A tag was evaluated: the stack says now where its literal stands. */
  literal?(strings: readonly string[]): void;
  /** ` at file:line:column`, or nothing if it is not known. */
  site?(strings: readonly string[]): string;
  /** A literal was compiled. `holes` are those of its events. */
  events?(holes: readonly EventHole[]): void;
  /** Something of a view is hardly meant. `where` says in which hole. */
  warn?(problem: string, where: string): void;
  /** A keyed list is compared: items that are what they were will not be viewed again. @param old Their instances. */
  list?(old: readonly unknown[], oldItems: readonly unknown[], list: ViewedList, where: () => string): void;
}

export interface ViewedList {
  readonly items: readonly unknown[];
  readonly view: (item: never, deps: never) => unknown;
  readonly deps: object;
}

export interface EventHole {
  readonly name: string;
  readonly element: string;
  readonly where: string;
}

export const development: DevelopmentHooks = {};
