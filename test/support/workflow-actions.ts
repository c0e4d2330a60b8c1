/** Actions for tests: a keyed effect in a real database, and ones that fail, wait or take their time. */
import path from 'node:path';
import { createClient } from '@libsql/client';
import { z } from 'zod';
import type { Action } from '../../src/actions/action';
import { defineAction, PermanentError } from '../../src/actions/action';
import type { Json } from '../../src/domain/json';

function circular(): unknown {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  return circle;
}

export interface TestActions {
  readonly actions: readonly Action[];
  /** The rows that `ship` and the others have left, one a key. */
  effects(): Promise<{ key: string; what: string }[]>;
  /** How often each action was run, by name. */
  readonly runs: Record<string, number>;
  /** Lets every waiting and every later run of `slow` end. */
  release(): void;
  close(): void;
}

export async function testActions(directory: string): Promise<TestActions> {
  const database = createClient({ url: `file:${path.join(directory, 'effects.db')}` });
  await database.execute('CREATE TABLE effects (key TEXT PRIMARY KEY, what TEXT NOT NULL)');
  const runs: Record<string, number> = {};
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const ran = (name: string) => (runs[name] = (runs[name] ?? 0) + 1);
  const keep = async (key: string, what: string) => {
    await database.execute({
      sql: 'INSERT INTO effects VALUES (?, ?) ON CONFLICT DO NOTHING',
      args: [key, what],
    });
    return { done: what };
  };
  const ship = defineAction({
    name: 'ship',
    input: z.object({ order: z.string().min(1), units: z.int().positive() }),
    risk: 'low',
    preview: ({ order }) => Promise.resolve({ order, stock: 7 }),
    run: async ({ order, units }, { key }) => {
      ran('ship');
      return keep(key, `${order} × ${String(units)}`);
    },
  });
  const flaky = defineAction({
    name: 'flaky',
    input: z.object({ failures: z.int() }),
    risk: 'low',
    run: async ({ failures }, { key }) => {
      if (ran('flaky') <= failures) throw new Error('the warehouse does not answer');
      return keep(key, 'flaky');
    },
  });
  const broken = defineAction({
    name: 'broken',
    input: z.object({}),
    risk: 'low',
    run: () => {
      ran('broken');
      throw new PermanentError('the warehouse refuses order 7');
    },
  });
  const slow = defineAction({
    name: 'slow',
    input: z.object({}),
    risk: 'low',
    run: async (_, { key }) => {
      ran('slow');
      await released;
      return keep(key, 'slow');
    },
  });
  const quick = defineAction({
    name: 'quick',
    input: z.object({ failures: z.int().default(0), refused: z.boolean().default(false) }),
    risk: 'low',
    short: true,
    run: async ({ failures, refused }, { key }) => {
      if (refused) throw new PermanentError('the warehouse refuses order 8');
      if (ran('quick') <= failures) throw new Error('the warehouse does not answer');
      return keep(key, 'quick');
    },
  });
  /** Its one attempt is cut off before it ends. */
  const stuck = defineAction({
    name: 'stuck',
    input: z.object({}),
    risk: 'low',
    attempts: () => 1,
    timeout: '1 second',
    run: async () => {
      ran('stuck');
      await released;
      return {};
    },
  });
  /** Its effect is there; what it returns, or says of its failure, cannot be carried on. */
  const strange = defineAction({
    name: 'strange',
    input: z.object({ returns: z.enum(['bigint', 'circle', 'depth', 'megabytes', 'error']) }),
    risk: 'low',
    attempts: () => 1,
    run: async ({ returns }, { key }) => {
      ran('strange');
      await keep(key, `strange ${returns}`);
      if (returns === 'error') throw new Error(`it was: ${'E'.repeat(3_000_000)}`);
      const made: Record<typeof returns, () => unknown> = {
        bigint: () => ({ rows: 10n }),
        circle: circular,
        depth: () => Array.from({ length: 5_000 }).reduce((inner) => ({ inner }), {}),
        megabytes: () => 'x'.repeat(3_000_000),
      };
      return made[returns]() as Json;
    },
  });
  return {
    actions: [ship, flaky, broken, slow, quick, stuck, strange],
    async effects() {
      const { rows } = await database.execute('SELECT key, what FROM effects ORDER BY what');
      return rows.map((row) => ({ key: row['key'] as string, what: row['what'] as string }));
    },
    runs,
    release,
    close: () => {
      database.close();
    },
  };
}
