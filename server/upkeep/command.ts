/*
 * What `islet state` was asked for. Input: its arguments. Output: a command, or an error that says what is wrong.
 */

import { parseArgs } from 'node:util';

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'list'; readonly user: string | undefined; readonly isJson: boolean }
  | { readonly kind: 'show'; readonly key: string }
  | { readonly kind: 'export'; readonly keys: readonly string[]; readonly file: string | undefined }
  | { readonly kind: 'import'; readonly file: string; readonly replaces: boolean }
  | { readonly kind: 'tasks'; readonly keys: readonly string[] }
  | { readonly kind: 'retry' | 'drop'; readonly key: string; readonly tasks: readonly string[] }
  | { readonly kind: 'remove'; readonly keys: readonly string[] }
  | { readonly kind: 'removeUser'; readonly user: string };

export interface Request {
  /** `--store`: which store is meant. */
  readonly store: string | undefined;
  readonly command: Command;
}

/** @param program How it is called, such as `npx islet state`. @param where Which store it looks into. */
export function helpOf(program: string, where: string): string {
  return `What is kept of live components, in ${where}, also while the server runs.

  ${program} list [--user USER] [--json]     what there is, the oldest first; --json: one object a line
  ${program} show KEY                        one of them, as JSON
  ${program} export [KEY ...] [--out FILE]   these, or all, as one JSON object a line
  ${program} import FILE [--replace]         brings back what export wrote; what is there already stays, or is replaced
  ${program} tasks [KEY ...]                 tasks of these, or of all, that are not done: how often tried, and why not
  ${program} retry KEY [TASK ...]            has dead tasks tried again
  ${program} drop KEY TASK ...               removes tasks, done or not
  ${program} remove KEY ...                  removes these: who comes next finds the component as it begins
  ${program} remove --user USER              removes a user's own islands, and what tells that the user was there

Keys can be given as they are, or as a list shows them. A component that runs while its state is changed or removed goes on
from what is there then, at its next change or some seconds after a task is due, and pages that show it are brought along.`;
}

/** @throws Error with a message for a person. */
export function readCommand(args: readonly string[]): Request {
  const {
    values: { store, ...values },
    positionals,
  } = parse(args);
  return { store, command: toCommand(values, positionals) };
}

type Values = Omit<ReturnType<typeof parse>['values'], 'store'>;

function toCommand(values: Values, positionals: readonly string[]): Command {
  const { user, json, out, replace, help: wantsHelp } = values;
  const [kind, ...keys] = positionals;
  if (wantsHelp || (kind === undefined && Object.keys(values).length === 0)) return { kind: 'help' };
  const takes = (...names: string[]): void => {
    const other = Object.keys(values).find((name) => !names.includes(name));
    if (other !== undefined) throw new Error(`${kind ?? 'state'} takes no --${other}.`);
  };
  switch (kind) {
    case 'list':
      takes('user', 'json');
      if (keys.length > 0) throw new Error(`list takes no keys; got '${keys[0]}'. One state is shown by: show KEY`);
      return { kind, user, isJson: json ?? false };
    case 'show': {
      takes();
      const [key, ...more] = keys;
      if (key === undefined || more.length > 0) throw new Error('Which one? show KEY');
      return { kind, key };
    }
    case 'export':
      takes('out');
      return { kind, keys, file: out };
    case 'import': {
      takes('replace');
      const [file, ...more] = keys;
      if (file === undefined || more.length > 0) throw new Error('From where? import FILE');
      return { kind, file, replaces: replace ?? false };
    }
    case 'tasks':
      takes();
      return { kind, keys };
    case 'retry':
    case 'drop': {
      takes();
      const [key, ...tasks] = keys;
      if (key === undefined) throw new Error(`Of which state? ${kind} KEY ...`);
      if (kind === 'drop' && tasks.length === 0) throw new Error('Which tasks? drop KEY TASK ...');
      return { kind, key, tasks };
    }
    case 'remove':
      takes('user');
      if (user !== undefined && keys.length > 0) throw new Error('remove takes keys or --user, not both.');
      if (user !== undefined) return { kind: 'removeUser', user };
      if (keys.length === 0) throw new Error('Which ones? remove KEY ..., or remove --user USER');
      return { kind, keys };
    default:
      throw new Error(
        `'${kind ?? ''}' is no command: there are list, show, export, import, tasks, retry, drop and remove.`,
      );
  }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      user: { type: 'string' },
      json: { type: 'boolean' },
      out: { type: 'string' },
      replace: { type: 'boolean' },
      store: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
}
