/** An own action that tells which of our variables it sees: as its module is loaded, as it runs, and in a child that it starts. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { z } from 'zod';
import { defineAction } from 'countersign/actions';

/** In one text: the stock CLI prints a list without items as null. */
const ours = (names: readonly string[]) =>
  names
    .filter((name) => name.startsWith('COUNTERSIGN_'))
    .sort()
    .join(' ');
const seen = () => ours(Object.keys(process.env));
const inChild = () =>
  ours(
    JSON.parse(
      execFileSync(process.execPath, ['-p', 'JSON.stringify(Object.keys(process.env))'], {
        encoding: 'utf8',
      }),
    ) as string[],
  );

const loaded = seen();
const file = process.env['ENVIRONMENT_TEST_FILE'];
if (file !== undefined) appendFileSync(file, `${JSON.stringify({ loaded, child: inChild() })}\n`);

export default [
  defineAction({
    name: 'environment',
    input: z.object({}),
    risk: 'low',
    preview: () => Promise.resolve({ seen: seen(), child: inChild() }),
    run: () => Promise.resolve({ loaded, seen: seen(), child: inChild(), own: file !== undefined }),
  }),
];
