/**
 * Loads the module that COUNTERSIGN_ACTIONS names, in TypeScript or JavaScript, CommonJS or ESM, whether or not this
 * process already runs under tsx, so that adding an action takes a file and no build.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ActionsModule, type Configured, type DatabaseConfig, NOTHING_CONFIGURED } from './configured';
import { sentences } from './check';

export type { Configured, DatabaseConfig } from './configured';

const EXAMPLE = `  import { defineAction } from 'countersign/actions';
  import { z } from 'zod';
  export const databases = { orders: 'file:orders.db' };
  const input = z.object({ order: z.string() });
  export default [defineAction({ name: 'ship', input, risk: 'low', run: async ({ order }) => ({ shipped: order }) })];`;

const KINDS = ['.ts', '.mts', '.js', '.mjs', '.cjs'];

/**
 * @param modulePath as COUNTERSIGN_ACTIONS gives it, absolute or relative to `cwd`; undefined: nothing is configured
 * @throws Error that names the file, and every field that is wrong
 */
export async function loadActions(modulePath: string | undefined, cwd: string): Promise<Configured> {
  if (modulePath === undefined) return NOTHING_CONFIGURED;
  const file = path.resolve(cwd, modulePath);
  if (!existsSync(file) || !KINDS.includes(path.extname(file))) {
    const problem = existsSync(file) ? `is none of ${KINDS.join(', ')}` : 'is not there';
    throw new Error(
      `COUNTERSIGN_ACTIONS names the module with your own actions, but ${file} ${problem}.\n` +
        `Unset it to use the built-in actions alone, or name a file such as:\n${EXAMPLE}`,
    );
  }
  const exported = await imported(file).catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`the actions module ${file} cannot be loaded: ${message}`, { cause: error });
  });
  const checked = ActionsModule.safeParse(exported);
  if (!checked.success) {
    throw new Error(
      `the actions module ${file} is not right:\n  ${sentences(checked.error.issues, '').join('\n  ')}`,
    );
  }
  const { default: actions, databases, hosts, taskQueues } = checked.data;
  const folder = path.dirname(file);
  return {
    actions,
    databases: Object.fromEntries(
      Object.entries(databases).map(([name, config]) => [name, resolved(config, folder)]),
    ),
    hosts,
    taskQueues,
  };
}

/** The exports that we know. A CommonJS module's may arrive one `default` deeper, and twice. */
async function imported(file: string): Promise<Record<string, unknown>> {
  const namespace = await evaluated(file);
  const inner = namespace['default'];
  const wrapped = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && 'default' in inner;
  const exports = wrapped ? (inner as Record<string, unknown>) : namespace;
  const known = ['default', 'databases', 'hosts', 'taskQueues'].filter((key) => exports[key] !== undefined);
  return Object.fromEntries(known.map((key) => [key, exports[key]]));
}

async function evaluated(file: string): Promise<Record<string, unknown>> {
  try {
    const { tsImport } = await import('tsx/esm/api');
    return (await tsImport(pathToFileURL(file).href, pathToFileURL(__filename).href)) as Record<
      string,
      unknown
    >;
  } catch (error) {
    if (!withoutImport(error)) throw error;
    // A sandbox without dynamic import, such as jest, brings a `require` that compiles TypeScript itself.
    return createRequire(__filename)(file) as Record<string, unknown>;
  }
}

/** tsx itself could not be used; the user's module has not been touched. */
function withoutImport(error: unknown): boolean {
  const { code, message = '' } = error as { code?: string; message?: string };
  return (
    code?.startsWith('ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING') === true ||
    /module\.register\(\) is not supported|tsx[\\/]dist[\\/]/.test(message)
  );
}

function resolved(config: DatabaseConfig, folder: string): DatabaseConfig {
  const { url, preview } = config;
  if (preview === undefined) return { url: absolute(url, folder) };
  return {
    url: absolute(url, folder),
    preview: preview === false ? false : { url: absolute(preview.url, folder) },
  };
}

/** A relative `file:` URL is relative to the module, wherever the worker was started. */
function absolute(url: string, folder: string): string {
  const relative = /^file:(?!\/)(.+)$/i.exec(url)?.[1];
  if (relative === undefined)
    return /^file:/i.test(url) ? pathToFileURL(fileURLToPath(new URL(url))).href : url;
  return pathToFileURL(path.resolve(folder, decodeURIComponent(relative))).href;
}
