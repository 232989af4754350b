// The import rules of the layers (design, "Layers") as one table, and a pure check of one file against them.
// Input: a file's path and text. Output: one sentence for each import or re-export that breaks a rule, types included.
// Used by test/layers.test.ts on every source file of the repository.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { parseSync, Visitor } from 'vite';

interface Layer {
  name: string;
  /** Paths that begin like this belong to the layer; the first layer that fits has the file. */
  paths: string[];
  /** The names of the other layers it may import. */
  layers: string[];
  /** The npm packages it may import. */
  packages: string[] | 'any';
  builtins: boolean;
}

const layers: Layer[] = [
  { name: 'shared', paths: ['shared/'], layers: [], packages: ['xstate'], builtins: false },
  { name: 'components/schema', paths: ['components/schema/'], layers: [], packages: ['typebox'], builtins: false },
  {
    name: 'components',
    paths: ['components/'],
    layers: ['components/schema', 'shared'],
    packages: [],
    builtins: false,
  },
  {
    name: 'server/anime',
    paths: ['server/anime/'],
    layers: ['server', 'components', 'components/schema', 'shared'],
    packages: 'any',
    builtins: true,
  },
  { name: 'server', paths: ['server/'], layers: ['shared'], packages: 'any', builtins: true },
  {
    name: 'client-runtime/anime',
    paths: ['client-runtime/anime/'],
    layers: ['client-runtime', 'components', 'components/schema', 'shared'],
    packages: 'any',
    builtins: false,
  },
  { name: 'client-runtime', paths: ['client-runtime/'], layers: ['shared'], packages: 'any', builtins: false },
];

const faces = [
  'shared/index.ts',
  'shared/testing.ts',
  'server/index.ts',
  'client-runtime/index.ts',
  'client-runtime/index-development.ts',
  'client-runtime/spa.ts',
];

/** The folders whose files have rules. */
export const layerFolders = ['shared', 'components', 'server', 'client-runtime'];

/** What one file does against the rules, as sentences that name the file and the import. */
export function layerViolations(path: string, source: string): string[] {
  const layer = layerOf(path);
  if (layer === undefined) return [`${path} belongs to no layer`];
  const { imports, reExports } = readModule(path, source);
  const violations: string[] = [];
  for (const specifier of imports) {
    const reason = refusal(layer, path, specifier);
    if (reason !== undefined) violations.push(`${path} imports ${specifier}: ${reason}`);
  }
  if (!faces.includes(path)) {
    for (const what of reExports)
      violations.push(`${path} re-exports ${what}: only the faces do (${faces.join(', ')})`);
  }
  return violations;
}

function layerOf(path: string): Layer | undefined {
  return layers.find((layer) => layer.paths.some((start) => path.startsWith(start)));
}

/** Why the layer may not import this, or nothing if it may. */
function refusal(layer: Layer, path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) {
    const target = layerOf(posix.join(posix.dirname(path), specifier));
    if (target === layer || (target !== undefined && layer.layers.includes(target.name))) return undefined;
    const allowed = [layer.name, ...layer.layers].map((name) => `${name}/`);
    return `${layer.name}/ may import only ${allowed.join(', ')}${target === undefined ? '' : `, not ${target.name}/`}`;
  }
  if (isBuiltin(specifier)) {
    return layer.builtins ? undefined : `${layer.name}/ runs in browsers too and may not import Node's own modules`;
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name === 'islet') return 'inside the repository files import each other by relative path';
  if (layer.packages === 'any' || layer.packages.includes(name)) return undefined;
  return `the npm packages that ${layer.name}/ may import are: ${layer.packages.join(', ') || 'none'}`;
}

/** Every module a file names (also for types only, also by `import()`), and what it exports of other modules. */
function readModule(path: string, source: string): { imports: string[]; reExports: string[] } {
  const { program, errors } = parseSync(path, source);
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const imports = new Set<string>();
  const reExports = new Set<string>();
  const importedNames = new Map<string, string>();
  new Visitor({
    ImportDeclaration(node) {
      imports.add(node.source.value);
      for (const { local } of node.specifiers) importedNames.set(local.name, node.source.value);
    },
    ImportExpression({ source: target }) {
      const isText = target.type === 'Literal' && typeof target.value === 'string';
      imports.add(isText ? `${target.value}` : source.slice(target.start, target.end));
    },
    TSImportType(node) {
      imports.add(node.source.value);
    },
    ExportAllDeclaration(node) {
      imports.add(node.source.value);
      reExports.add(`* from ${node.source.value}`);
    },
    ExportNamedDeclaration(node) {
      if (node.source !== null) imports.add(node.source.value);
      for (const { local } of node.specifiers) {
        const name = local.type === 'Literal' ? local.value : local.name;
        const from = node.source?.value ?? importedNames.get(name);
        if (from !== undefined) reExports.add(`${name} from ${from}`);
      }
    },
  }).visit(program);
  return { imports: [...imports], reExports: [...reExports] };
}
