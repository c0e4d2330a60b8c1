/** The registry as one text, so that a receipt can name which actions judged: another schema, risk or place is another text. */
import { z } from 'zod';
import { canonical } from '../domain/digest';
import type { Action } from './action';
import type { Registry } from './registry';

export function registryText(registry: Pick<Registry, 'names' | 'find'>): string {
  const actions = registry.names().flatMap((name) => {
    const action = registry.find(name);
    return action === undefined ? [] : [described(action)];
  });
  return canonical(actions);
}

function described(action: Action): object {
  const { name, risk, input } = action;
  return { name, risk, runs: placeOf(action), input: schemaOf(input) };
}

function placeOf(action: Action): object {
  if ('dispatch' in action) return { in: 'queue' };
  if ('effect' in action) return { in: 'nowhere' };
  const { attempts, timeout, short } = action;
  const fixed = typeof attempts === 'function' ? { attempts: 'by its args' } : { attempts: attempts ?? null };
  return { in: 'worker', ...fixed, timeout: timeout ?? null, short: short ?? false };
}

/** What has no JSON Schema is told by nothing but its action's name. */
function schemaOf(input: z.ZodType): unknown {
  try {
    return JSON.parse(JSON.stringify(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' })));
  } catch {
    return null;
  }
}
