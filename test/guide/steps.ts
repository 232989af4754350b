// What docs/guide.md tells its reader to do, step by step. Input: the page's text. Output: commands to run, files to
// write and to edit, and what is to be seen in a browser, in the order of the page.

export type Step =
  /** Commands of a shell, one a line. */
  | { readonly kind: 'run'; readonly commands: readonly string[] }
  /** The server that is developed with: it runs from here on. */
  | { readonly kind: 'serve'; readonly command: string }
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  | { readonly kind: 'edit'; readonly path: string; readonly changes: readonly Change[] }
  | { readonly kind: 'look'; readonly acts: readonly Act[] };

/** Lines that make way for others. Where there are none before, the new ones stand at the file's beginning. */
export interface Change {
  readonly before: string;
  readonly after: string;
}

/** Something that a person does on a page, or sees there: `click 'Add'`. */
export interface Act {
  readonly verb: string;
  readonly texts: readonly string[];
}

/** @throws Error for a block of code of which nobody knows what to do with it. */
export function readSteps(page: string): Step[] {
  const steps: Step[] = [];
  for (const [, info, code = '', look] of page.matchAll(/^```(.*)\n([\s\S]*?)^```$|^<!-- (.*) -->$/gm)) {
    if (look !== undefined) steps.push({ kind: 'look', acts: look.split(' ; ').map(readAct) });
    else if (info !== undefined) steps.push(...readBlock(info, code));
  }
  return steps;
}

function readBlock(info: string, code: string): Step[] {
  const lines = code.trimEnd().split('\n');
  const [, path] = /^(?:\/\/|#) (\S+)$/.exec(lines[0] ?? '') ?? [];
  const [language, what, edited = ''] = info.split(' ');
  if (language === 'sh' && what === 'serve') return [{ kind: 'serve', command: code.trim() }];
  // what needs Docker is not for every machine
  if (language === 'sh' && what === 'container') return [];
  if (language === 'sh' && what === undefined) return [{ kind: 'run', commands: lines }];
  if (what === 'edit') return [{ kind: 'edit', path: edited, changes: readChanges(lines) }];
  if (path !== undefined) return [{ kind: 'write', path, text: code }];
  throw new Error(`nobody knows what to do with the block \`\`\`${info}\n${code}`);
}

function readChanges(lines: readonly string[]): Change[] {
  const changes: { before: string[]; after: string[] }[] = [];
  for (const line of lines) {
    const last = changes.at(-1);
    const isNew = line.startsWith('+');
    const change = last && (isNew || last.after.length === 0) ? last : { before: [], after: [] };
    if (change !== last) changes.push(change);
    (isNew ? change.after : change.before).push(line.slice(1));
  }
  return changes.map(({ before, after }) => ({ before: toText(before), after: toText(after) }));
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

function readAct(text: string): Act {
  const [verb = ''] = text.split(' ', 1);
  const texts = [...text.slice(verb.length).matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
  return { verb, texts };
}
