/**
 * `tsx scripts/record-history.ts`: runs every path once on a dev server and writes its history to
 * test/replay/histories. Replaying them shows whether a change of workflow code breaks what is under way. Record anew
 * only what a new path needs: a history that no longer replays is a finding, not a file to refresh.
 *
 * With names it records those alone: `tsx scripts/record-history.ts expired edit`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { historyToJson } from '../test/support/workflow-history';
import { PATHS } from '../test/support/workflow-paths';
import { startWorkflowEnv } from '../test/support/workflow-env';

const FOLDER = path.join(__dirname, '..', 'test', 'replay', 'histories');

async function main(wanted: readonly string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const env = await startWorkflowEnv();
  try {
    for (const [name, one] of Object.entries(PATHS)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue;
      const workflowId = await one.walk(env);
      const result = await env.countersign.result(workflowId);
      const outcome = (result as Partial<typeof result>).outcome;
      if (outcome !== one.outcome)
        throw new Error(`${name} ended ${String(outcome)}, not ${String(one.outcome)}`);
      const history = await env.client.workflow.getHandle(workflowId).fetchHistory();
      const text = JSON.stringify(scrubbed(historyToJson(history), ''), undefined, 1);
      const leak = leaked(text);
      if (leak !== undefined) throw new Error(`${name} holds ${leak}`);
      writeFileSync(path.join(FOLDER, `${name}.json`), `${text}\n`);
      process.stdout.write(`${name}: ${String(history.events?.length ?? 0)} events, ${String(outcome)}\n`);
    }
  } finally {
    await env.stop();
  }
}

/** Replay needs neither who did it nor where in the code it failed. */
function scrubbed(value: unknown, key: string): unknown {
  if (typeof value === 'string') {
    if (/identity$/i.test(key)) return 'identity';
    if (key === 'stackTrace') return '';
    return value;
  }
  if (Array.isArray(value)) return value.map((one) => scrubbed(one, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, scrubbed(one, name)]));
}

/** What tells of the machine, also inside of encoded payloads. */
function leaked(text: string): string | undefined {
  const decoded = [...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g)].map(([, one]) =>
    Buffer.from(one ?? '', 'base64').toString('utf8'),
  );
  const everything = [text, ...decoded].join('\n');
  const own = [os.hostname(), os.homedir(), os.tmpdir(), process.cwd(), path.join(__dirname, '..')];
  return own.find((one) => one.length > 3 && everything.includes(one));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
