// Reads a Dockerfile as far as its tests need it: stages, and the instructions of each, with their words.

export interface Instruction {
  /** In capitals. */
  readonly name: string;
  /** What follows the name, on one line. */
  readonly text: string;
  /** The words of the text, without flags such as `--from=build`. */
  readonly words: readonly string[];
  readonly flags: { readonly [name: string]: string };
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function readDockerfile(content: string): { readonly args: Instruction[]; readonly stages: Stage[] } {
  const args: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  const lines = content
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  for (const line of lines.filter((each) => each.trim() !== '')) {
    const instruction = readInstruction(line.trim());
    const [image = '', , name] = instruction.words;
    if (instruction.name === 'FROM') stages.push({ image, name, instructions: [] });
    else (stages.at(-1)?.instructions ?? args).push(instruction);
  }
  return { args, stages };
}

/** The instructions of a stage that have this name. */
export function named({ instructions }: Stage, name: string): Instruction[] {
  return instructions.filter((instruction) => instruction.name === name);
}

/** The array of an instruction in exec form: `CMD ["node", "main.ts"]`. @throws SyntaxError for the shell's form */
export function commandOf({ text }: Instruction): string[] {
  return JSON.parse(text.slice(text.indexOf('[')));
}

/** The variables that a stage sets. */
export function environmentOf(stage: Stage): Record<string, string> {
  const pairs = named(stage, 'ENV').flatMap(({ words }) => words.map((word) => word.split('=', 2)));
  return Object.fromEntries(pairs);
}

function readInstruction(line: string): Instruction {
  const [name = '', ...words] = line.split(/\s+/);
  const flags = words.filter((word) => word.startsWith('--')).map((flag) => flag.slice(2).split('=', 2));
  return {
    name: name.toUpperCase(),
    text: line.slice(name.length).trim(),
    words: words.filter((word) => !word.startsWith('--')),
    flags: Object.fromEntries(flags),
  };
}
