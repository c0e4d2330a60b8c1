/** A release in three steps, told twice: the last step is refused and all is taken back; then everybody says yes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { approve, reject } from 'countersign/testing';
import type { PlanResult } from 'countersign/workflows';
import { say, story, table, title, type Story } from '../people';
import { columnsOfOrders, openDatabase } from './database';
import { startFleet } from './fleet';

const plan: unknown = JSON.parse(readFileSync(path.join(__dirname, 'plan.json'), 'utf8'));

async function play({ countersign, does }: Story): Promise<void> {
  title('release-1: migrate, deploy, traffic; what was done is taken back if a step is rejected');
  await countersign.start('multiStepApproval', plan, 'release-1');
  await does('ana', 'release-1/migrate', approve());
  await does('bo', 'release-1/deploy', approve());
  await does('bo', 'release-1/traffic', reject('2.4.0 answers every 25th request with an error'));
  told((await countersign.result('release-1')) as unknown as PlanResult);
  readBack();

  title('release-2: the same plan once more, after the fix');
  await countersign.start('multiStepApproval', plan, 'release-2');
  await does('ana', 'release-2/migrate', approve());
  await does('bo', 'release-2/deploy', approve());
  await does('bo', 'release-2/traffic', approve('no error in an hour', 'SWITCH eu-west'));
  await does('ana', 'release-2/traffic', approve('agreed', 'SWITCH eu-west'));
  told((await countersign.result('release-2')) as unknown as PlanResult);
  readBack();
}

function told({ outcome, reason, completed, steps, decisions }: PlanResult): void {
  say();
  table([
    ['step', 'outcome', 'said', 'taken back'],
    ...steps.map((step) => [
      step.name,
      step.outcome,
      decisions
        .filter(({ digest }) => digest === step.digest)
        .map(({ reviewer, verdict }) => `${reviewer}: ${verdict}`)
        .join(', '),
      step.undo?.outcome ?? '',
    ]),
  ]);
  say(`  the plan is ${completed ? 'completed' : 'not completed'}: ${reason ?? outcome}`);
}

/** What is there, whatever the results say. */
function readBack(): void {
  const database = openDatabase();
  const deployed = database
    .prepare('SELECT version, orders_had FROM deployments ORDER BY rowid')
    .all() as Record<string, string>[];
  const traffic = database.prepare('SELECT region, version FROM traffic').all() as Record<string, string>[];
  const orders = columnsOfOrders(database);
  database.close();
  say('\n  read back from the database:');
  say(`    orders has ${orders}`);
  for (const { version = '', orders_had: had = '' } of deployed)
    say(`    deployed ${version} while orders had ${had}`);
  for (const { region = '', version = '' } of traffic) say(`    traffic of ${region} goes to ${version}`);
}

async function main(): Promise<void> {
  const fleet = await startFleet();
  try {
    await story(play);
  } finally {
    await fleet.stop();
  }
}

void main();
