// What a module names: its imports, those of them that are evaluated with it, and what it exports of other modules.
// Input: a file's path and text. Used by the rules of the layers and by the search for circles.

import { parseSync, Visitor } from 'vite';

export interface ModuleImports {
  /** Every module that it names: also for types only, also by `import()`. */
  readonly all: ReadonlySet<string>;
  /** Modules that have to be evaluated before it. */
  readonly evaluated: ReadonlySet<string>;
  /** Each export of something that another module made, as a phrase. */
  readonly reExports: ReadonlySet<string>;
}

/** @throws SyntaxError when the file is no TypeScript. */
export function readImports(path: string, source: string): ModuleImports {
  const { program, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const all = new Set<string>();
  const evaluated = new Set<string>();
  const reExports = new Set<string>();
  const importedNames = new Map<string, string>();
  const add = (specifier: string, kind: 'type' | 'value'): void => {
    all.add(specifier);
    // `import { type A }` evaluates the module: only the names are erased
    if (kind === 'value') evaluated.add(specifier);
  };
  new Visitor({
    ImportDeclaration(node) {
      add(node.source.value, node.importKind ?? 'value');
      for (const { local } of node.specifiers) importedNames.set(local.name, node.source.value);
    },
    ImportExpression({ source: target }) {
      const isText = target.type === 'Literal' && typeof target.value === 'string';
      all.add(isText ? `${target.value}` : source.slice(target.start, target.end));
    },
    TSImportType(node) {
      all.add(node.source.value);
    },
    ExportAllDeclaration(node) {
      add(node.source.value, node.exportKind ?? 'value');
      reExports.add(`* from ${node.source.value}`);
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) add(node.source.value, node.exportKind ?? 'value');
      for (const { local } of node.specifiers) {
        const name = local.type === 'Literal' ? local.value : local.name;
        const from = node.source?.value ?? importedNames.get(name);
        if (from !== undefined) reExports.add(`${name} from ${from}`);
      }
    },
  }).visit(program);
  return { all, evaluated, reExports };
}
