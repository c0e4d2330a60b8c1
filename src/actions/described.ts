/** What an actions module and the built-in actions come to, in words for the record: nothing of it is a secret, and no code. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { configurationText } from '../domain/configuration';
import type { Action } from './action';
import type { Configured } from './configured';
import type { Registry } from './registry';

/** @param module as COUNTERSIGN_ACTIONS names it, absolute or relative to `cwd` */
export function registryText(
  registry: Registry,
  { databases, hosts, taskQueues }: Configured,
  module: string | undefined,
  cwd: string,
): string {
  const actions = registry.names().flatMap((name) => described(registry.find(name)));
  return configurationText({
    actions,
    databases: Object.keys(databases),
    // Their headers are credentials: named, and no more.
    hosts: hosts.map(({ headers, ...host }) => ({ ...host, headers: Object.keys(headers ?? {}) })),
    ...(taskQueues === undefined ? {} : { taskQueues }),
    ...(module === undefined ? {} : { module: { named: module, sha256: hashOf(path.resolve(cwd, module)) } }),
  });
}

function described(action: Action | undefined): object[] {
  if (action === undefined) return [];
  const { name, risk, input } = action;
  const runs = 'run' in action ? 'worker' : 'dispatch' in action ? 'queue' : 'nowhere';
  return [{ name, risk, runs, input: schemaOf(input) }];
}

/** As JSON Schema; a schema that has none is named for what it is. */
function schemaOf(input: z.ZodType): unknown {
  try {
    return JSON.parse(
      JSON.stringify(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })),
    ) as unknown;
  } catch {
    return 'a schema without a JSON Schema';
  }
}

/** Of the module alone, not of what it imports. */
function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
