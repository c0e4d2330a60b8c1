// The layers as a lint rule: arrows point inward, `cli → app → client → workflows/messages → domain` and
// `worker → activities → providers, store, actions → domain`. A rule of our own because the whole table fits on one
// screen, and because it sees every way to import: static, re-exported, dynamic, required, and `import('…')` types.
import path from 'node:path';

const inside = path.resolve(import.meta.dirname, '../src');

/** What a front door stands on; keys are where the person is. */
const door = ['app', 'host', 'client', 'connection', 'config', 'domain', 'signing'];

/**
 * For each area of src: the areas and packages it may import. `types` may be imported as types only; without
 * `packages`, any package will do. A longer name ('workflows/messages') opens one file of an area.
 */
export const layers = {
  domain: { areas: [], packages: ['zod', 'canonicalize', '@noble/hashes', 'ms', 'fast-json-patch', 'diff'] },
  workflows: {
    areas: ['domain'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
    types: ['activities', 'zod'],
  },
  client: {
    areas: ['workflows/messages', 'domain', 'visibility'],
    packages: ['@temporalio/client', '@temporalio/common', '@opentelemetry/api', 'node:crypto'],
    // What those workflow types end with: it is told in one place.
    types: ['zod', 'workflows/types/multi-step-approval', 'workflows/types/generate-and-review'],
  },
  // The use cases, which every front door shares. What they stand on is a port; of a store they know what it promises.
  app: {
    areas: ['client', 'config', 'connection', 'domain', 'store/audit-store'],
    packages: ['@temporalio/common', 'fast-json-patch', 'node:crypto', 'node:timers/promises'],
    types: ['store'],
  },
  // What a front door's process opens for them, so that a door imports no store and no provider.
  host: {
    areas: [
      ...['app', 'client', 'config', 'connection', 'domain'],
      ...['store', 'providers', 'search-attributes', 'telemetry/traces'],
    ],
  },
  // What the package exports to services and to a person's own tests.
  index: { areas: ['client', 'connection', 'signing-start'], types: ['domain'] },
  testing: {
    areas: [
      'client',
      'domain',
      'permit',
      'signing',
      'signing-start',
      'store/audit-store',
      'store/configurations',
      'store/effects',
    ],
  },
  // Keys and signatures, where the reviewer is.
  signing: { areas: ['domain'], packages: ['node:crypto', 'node:fs'] },
  'signing-start': { areas: ['domain'], packages: ['node:crypto'] },
  // A front door: it parses, asks, calls a use case, renders.
  cli: { areas: door },
  // What runs a worker, and a server for it, rather than talking to one.
  'cli/commands/dev': { areas: [...door, 'worker', 'search-attributes'] },
  'cli/commands/worker': { areas: [...door, 'worker', 'health'] },
  'cli/commands/doctor': { areas: [...door, 'doctor'] },
  'cli/dev-server': { areas: [...door, 'worker', 'search-attributes', 'store/directory'] },
  'cli/worker-module': { areas: [...door, 'worker'] },
  // The messages' names: how an activity finds a decision in the history.
  activities: {
    areas: ['providers', 'store', 'actions', 'domain', 'workflows/messages', 'visibility', 'time-limit'],
  },
  actions: { areas: ['domain', 'time-limit'] },
  providers: { areas: ['domain', 'time-limit'] },
  // What a worker of one's own imports: keys in, no network.
  permit: { areas: ['domain', 'providers/reviewers/public-key'], packages: ['zod', 'node:crypto'] },
  store: { areas: ['domain', 'signing'], types: ['config'] },
  config: { areas: ['domain'] },
  connection: { areas: ['config'] },
  telemetry: { areas: ['config', 'domain', 'visibility'], types: ['workflows/runtime/tracing'] },
  'search-attributes': { areas: ['workflows/messages', 'domain'] },
  health: { areas: [] },
  'time-limit': { areas: [], packages: [] },
  visibility: { areas: [] },
  // The messages' names: how a decision is found in a history.
  doctor: {
    areas: [
      ...['config', 'connection', 'store', 'actions', 'providers', 'search-attributes', 'domain'],
      'workflows/messages',
      'time-limit',
    ],
  },
  bundle: { areas: ['connection'] },
  worker: {
    areas: [
      'activities',
      'providers',
      'store',
      'actions',
      'domain',
      'config',
      'connection',
      'telemetry',
      'health',
      'search-attributes',
      'bundle',
    ],
  },
};

const within = (name, areas) => areas.some((area) => name === area || name.startsWith(`${area}/`));

/** Why `from` may not import `source`, or undefined. Both as file paths inside src without extension. */
export function trespass(from, source, typeOnly) {
  const area = Object.hasOwn(layers, from) ? from : from.split('/')[0];
  const layer = layers[area];
  if (layer === undefined)
    return `src/${area} has no row in scripts/fences.mjs: say there what it may import`;
  const may = typeOnly ? (layer.types ?? []) : [];
  if (!source.startsWith('.')) {
    if (layer.packages === undefined || within(source, [...layer.packages, ...may])) return undefined;
    return `src/${area} may import only ${layer.packages.join(', ')}; not '${source}'`;
  }
  const target = path.posix.join(path.posix.dirname(from), source);
  if (target === '../package.json') return undefined; // the version
  if (target === '..' || target.startsWith('../'))
    return `src may not import from outside itself: '${source}'`;
  if (within(target, [area.split('/')[0], ...layer.areas, ...may])) return undefined;
  const asType = within(target, layer.types ?? []) ? ' except as a type' : '';
  const allowed = layer.areas.length > 0 ? layer.areas.join(', ') : 'nothing outside itself';
  return `src/${area} may import from src only ${allowed}; not '${target}'${asType}`;
}

const rule = {
  meta: { type: 'problem', schema: [], messages: { trespass: '{{why}}.' } },
  create(context) {
    const file = path.relative(inside, context.filename).split(path.sep).join('/');
    const from = file.replace(/\.ts$/, '');
    const check = (node, source, typeOnly) => {
      if (typeof source !== 'string') return;
      const why = trespass(from, source, typeOnly);
      if (why !== undefined) context.report({ node, messageId: 'trespass', data: { why } });
    };
    const onlyTypes = (specifiers, kind) =>
      specifiers?.length > 0 && specifiers.every((specifier) => specifier[kind] === 'type');
    return {
      ImportDeclaration: (n) =>
        check(n, n.source.value, n.importKind === 'type' || onlyTypes(n.specifiers, 'importKind')),
      ExportNamedDeclaration: (n) =>
        check(n, n.source?.value, n.exportKind === 'type' || onlyTypes(n.specifiers, 'exportKind')),
      ExportAllDeclaration: (n) => check(n, n.source.value, n.exportKind === 'type'),
      ImportExpression: (n) => check(n, n.source.value, false),
      TSImportType: (n) => check(n, n.source?.value ?? n.argument?.literal?.value, true),
      TSExternalModuleReference: (n) => check(n, n.expression.value, false),
      "CallExpression[callee.name='require']": (n) => check(n, n.arguments[0]?.value, false),
    };
  },
};

export default { rules: { layers: rule } };
