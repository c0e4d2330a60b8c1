/**
 * Lets a person's own module import `countersign/…` and `zod` wherever it lies: beside no node_modules at all, or beside
 * a clone that was never built. `countersign/…` is always the copy that runs; zod is theirs where they have one.
 */
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

type Resolve = (request: string, ...rest: unknown[]) => string;

let done = false;

/** For this process, once. */
export function resolveOurs(): void {
  if (done) return;
  done = true;
  const ours: Readonly<Record<string, string>> = {
    countersign: require.resolve('../index'),
    'countersign/actions': require.resolve('./index'),
  };
  required(ours);
  imported(ours);
}

/** `require`, and TypeScript that tsx turns into it. */
function required(ours: Readonly<Record<string, string>>): void {
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = function (this: unknown, request, ...rest) {
    const own = ours[request];
    if (own !== undefined) return own;
    if (request !== 'zod') return resolve.call(this, request, ...rest);
    try {
      return resolve.call(this, request, ...rest);
    } catch {
      return require.resolve('zod');
    }
  };
}

/** `import`, whose hooks Node.js runs in a thread of their own. */
function imported(ours: Readonly<Record<string, string>>): void {
  const urls = Object.fromEntries(
    Object.entries(ours).map(([name, file]) => [name, pathToFileURL(file).href]),
  );
  const from = pathToFileURL(path.join(__dirname, 'ours.js')).href;
  const hooks = `
    const urls = ${JSON.stringify(urls)};
    export async function resolve(specifier, context, next) {
      if (Object.hasOwn(urls, specifier)) return { url: urls[specifier], format: 'commonjs', shortCircuit: true };
      if (specifier !== 'zod') return next(specifier, context);
      return next(specifier, context).catch(() => next(specifier, { ...context, parentURL: ${JSON.stringify(from)} }));
    }`;
  Module.register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
