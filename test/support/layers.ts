// The import rules of the layers (design, "Layers") as one table, and a pure check of one file against them.
// Input: a file's path and text. Output: one sentence for each import or re-export that breaks a rule, types included.
// Used by test/layers.test.ts on every source file of the repository.

import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { readImports } from './imports.ts';

interface Layer {
  readonly name: string;
  /** Paths that begin like this belong to the layer; the first layer that fits has the file. */
  readonly paths: readonly string[];
  /** Layers whose files it may import, besides its own; `shared/*` is that folder and all in it. */
  readonly layers: readonly string[];
  /** The npm packages that it may import. */
  readonly packages: readonly string[] | 'any';
  readonly builtins: boolean;
}

/** A layer of a folder that has its name. */
function folder(name: string, layers: readonly string[], { packages, builtins }: Pick<Layer, 'packages' | 'builtins'>) {
  return { name, paths: [`${name}/`], layers, packages, builtins };
}

const pure = { packages: [], builtins: false };
const withActors = { packages: ['xstate'], builtins: false };
const onNode = { packages: 'any', builtins: true } as const;
const inBrowsers = { packages: 'any', builtins: false } as const;

/** What the tree of shared folders rests on, from the bottom up: each knows those before it. */
const [language, template, wire, tree] = ['shared/language', 'shared/template', 'shared/wire', 'shared/tree'];

/** Small files at the top of the server that know no layer above the store. */
const serverBase = {
  name: 'server (base)',
  paths: [
    'options',
    'system-clock',
    'when-ready',
    'waits',
    'few',
    'slices',
    'closing',
    'rights',
    'html-parser',
    'origin',
    'expected-people',
  ].map((name) => `server/${name}.ts`),
  layers: ['shared/*', 'server/store', 'server/inspect', 'server/limits', 'server/cluster'],
  ...onNode,
};
/** What carries frames, as the layers above see it: no socket. */
const transportInterface = {
  name: 'server/transport/transport.ts',
  paths: ['server/transport/transport.ts'],
  layers: [],
  ...onNode,
};

const layers: readonly Layer[] = [
  // types of machines
  folder(language, [], withActors),
  folder(template, [language], pure),
  folder(wire, [language, template], pure),
  folder(tree, [language, template, wire], pure),
  folder('shared/runtime', [language, template, wire, tree], withActors),
  folder('shared/browser', [language], pure),
  folder('shared/development', [language, template, wire, tree], pure),
  folder('shared', ['shared/*'], withActors),

  folder('components/schema', [], { packages: ['typebox'], builtins: false }),
  folder('components', ['components/schema', 'shared/*'], pure),

  transportInterface,
  serverBase,
  folder('server/transport', [transportInterface.name, serverBase.name, 'shared/*'], onNode),
  folder('server/inspect', ['shared/*'], onNode),
  folder('server/limits', ['shared/*'], onNode),
  folder('server/cluster', ['server/inspect', serverBase.name, 'shared/*'], onNode),
  folder('server/store', ['server/inspect', serverBase.name, 'shared/*'], onNode),
  folder(
    'server/actors',
    ['server/store', 'server/inspect', 'server/limits', transportInterface.name, serverBase.name, 'shared/*'],
    onNode,
  ),
  folder(
    'server/owners',
    [
      ...['server/actors', 'server/store', 'server/inspect', 'server/limits', 'server/cluster'],
      ...[transportInterface.name, serverBase.name, 'shared/*'],
    ],
    onNode,
  ),
  folder(
    'server/sessions',
    [
      ...['server/actors', 'server/cluster', 'server/inspect', 'server/limits'],
      ...[transportInterface.name, serverBase.name, 'shared/*'],
    ],
    onNode,
  ),
  folder('server/pages', ['server/actors', 'server/inspect', 'server/limits', serverBase.name, 'shared/*'], onNode),
  folder(
    'server/upkeep',
    ['server/actors', 'server/store', 'server/inspect', 'server/limits', serverBase.name, 'shared/*'],
    onNode,
  ),
  folder('server/testing', [serverBase.name, 'shared/*'], onNode),
  folder('server/anime', ['server/*', serverBase.name, 'components/*', 'shared/*'], onNode),
  {
    name: 'server',
    paths: ['server/'],
    layers: [
      ...['server/transport', 'server/inspect', 'server/limits', 'server/store', 'server/actors', 'server/sessions'],
      ...['server/pages', 'server/owners', 'server/cluster', transportInterface.name, serverBase.name, 'shared/*'],
    ],
    ...onNode,
  },

  // a page with islands of the server needs neither renderer nor actors
  folder('client-runtime/dom', [language, template, wire, 'shared/development'], inBrowsers),
  folder('client-runtime/element', ['client-runtime/dom', language, template, wire], inBrowsers),
  folder('client-runtime/development', [], inBrowsers),
  folder('client-runtime/app', ['client-runtime/dom', 'shared/*'], inBrowsers),
  folder('client-runtime/predict', ['client-runtime/dom', 'client-runtime/element', 'shared/*'], inBrowsers),
  folder('client-runtime/anime', ['client-runtime/*', 'components/*', 'shared/*'], inBrowsers),
  folder(
    'client-runtime',
    ['client-runtime/dom', 'client-runtime/element', 'client-runtime/app', 'client-runtime/predict', 'shared/*'],
    inBrowsers,
  ),
];

const faces = [
  'shared/index.ts',
  'server/index.ts',
  'server/testing/index.ts',
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
  const { all, reExports } = readImports(path, source);
  const violations: string[] = [];
  for (const specifier of all) {
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
    if (target === layer || (target !== undefined && layer.layers.some((name) => isNamed(target, name)))) {
      return undefined;
    }
    const allowed = [layer.name, ...layer.layers].join(', ');
    return `${layer.name} may import only ${allowed}${target === undefined ? '' : `, not ${target.name}`}`;
  }
  if (isBuiltin(specifier)) {
    return layer.builtins ? undefined : `${layer.name} runs in browsers too and may not import Node's own modules`;
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name === 'islet') return 'inside the repository files import each other by relative path';
  if (layer.packages === 'any' || layer.packages.includes(name)) return undefined;
  return `the npm packages that ${layer.name} may import are: ${layer.packages.join(', ') || 'none'}`;
}

function isNamed({ name }: Layer, pattern: string): boolean {
  return pattern.endsWith('/*') ? `${name}/`.startsWith(pattern.slice(0, -1)) : name === pattern;
}
