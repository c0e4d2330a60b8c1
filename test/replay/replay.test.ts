/** Recorded histories of every path against today's workflow code: what is under way must be able to go on. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker, type WorkflowBundlePath } from '@temporalio/worker';
import { dataConverter } from '../../src/connection';
import { historyFromJson } from '../support/workflow-history';
import { workflowBundle } from '../support/workflow-bundle';

const FOLDER = path.join(__dirname, 'histories');
/** Written out, so that a path that loses its recording is missed. */
const RECORDED = [
  'agent-fails-answered',
  'agent-level',
  'agent-level-fails',
  'approve-agent',
  'approve-given',
  'cancel-by-requester',
  'confirm',
  'decided-for-outcome',
  'delegated-withdrawn-extended',
  'edit',
  'edit-refused',
  'escalated',
  'escalated-by-silence',
  'escalated-level',
  'execute-too-late',
  'expired',
  'failed-action',
  'feedback-called-off',
  'feedback-complete',
  'feedback-rolled-over',
  'feedback-sent-on',
  'feedback-window',
  'info',
  'ladder-acts',
  'ladder-called-off',
  'ladder-climbed',
  'ladder-in-vain',
  'ladder-level-lost',
  'ladder-sure',
  'late-honoured',
  'late-refused',
  'level-called-off',
  'level-edited',
  'level-revised',
  'level-terminated',
  'notified',
  'plan-called-off',
  'plan-completed',
  'plan-rolled-over',
  'plan-skipped',
  'plan-stopped',
  'plan-undone',
  'queued',
  'quorum-2',
  'reconciled',
  'refusals',
  'reject',
  'reminded',
  'remote-effect',
  'reviewed-output',
  'revised',
  'revised-in-vain',
  'rolled-over',
  'short-effect',
  'short-effect-later',
  'signed',
  'silence-approves',
  'step',
  'step-passed-up',
  'step-undone',
  'store-down',
  'temporal-cancel',
  'unregistered-action',
  'verify',
];

interface Recorded {
  events: Record<string, unknown>[];
}

let bundle: WorkflowBundlePath;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined), shutdownSignals: [] });
  bundle = await workflowBundle();
});

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8')) as Recorded;
}

/** The workflow id of a run is hashed into its digests, and only its start event knows it. */
function workflowIdOf({ events }: Recorded): string {
  const started = events[0]?.['workflowExecutionStartedEventAttributes'] as
    { workflowId?: string } | undefined;
  return started?.workflowId ?? '';
}

async function replay(names: readonly string[], histories: readonly Recorded[], workflows = bundle) {
  const given = histories.map((history) => ({
    workflowId: workflowIdOf(history),
    history: historyFromJson(history),
  }));
  const errors: Record<string, Error | undefined> = {};
  let index = 0;
  for await (const { error } of Worker.runReplayHistories(
    { workflowBundle: workflows, dataConverter },
    given,
  ))
    errors[names[index++] ?? ''] = error;
  expect(index).toBe(histories.length);
  return errors;
}

const attributes = (event: Record<string, unknown>) =>
  Object.keys(event).find((key) => key.endsWith('Attributes')) ?? '';

test('every path has its recording, and each recording its path', () => {
  const names = readdirSync(FOLDER).map((file) => path.basename(file, '.json'));
  expect(names.sort()).toEqual(RECORDED);
});

test('every recording replays', async () => {
  const errors = await replay(RECORDED, RECORDED.map(recorded));
  expect(errors).toEqual(Object.fromEntries(RECORDED.map((name) => [name, undefined])));
});

test('every recording replays where the worker traces', async () => {
  const traced = path.resolve(__dirname, '../../src/workflows/runtime/trace-interceptors.ts');
  const errors = await replay(RECORDED, RECORDED.map(recorded), await workflowBundle(undefined, [traced]));
  expect(errors).toEqual(Object.fromEntries(RECORDED.map((name) => [name, undefined])));
});

test('no recording tells of the machine it was made on', () => {
  for (const name of RECORDED) {
    const text = readFileSync(path.join(FOLDER, `${name}.json`), 'utf8');
    const payloads = [...text.matchAll(/"data": "([^"]+)"/g)].map(([, data]) =>
      Buffer.from(data ?? '', 'base64').toString(),
    );
    expect([text, ...payloads].join('\n')).not.toMatch(
      /\/(?:home|root|tmp|work|Users)\/|"[iI]dentity": "(?!identity")/,
    );
  }
});

describe('a seeded non-determinism fails', () => {
  test('a history whose effect was another activity', async () => {
    const history = recorded('approve-given');
    const event = history.events.find((one) => attributes(one) === 'activityTaskScheduledEventAttributes');
    const scheduled = event?.['activityTaskScheduledEventAttributes'] as { activityType: { name: string } };
    expect(scheduled.activityType.name).toBe('execute');
    scheduled.activityType.name = 'perform';
    const { changed } = await replay(['changed'], [history]);
    expect(String(changed)).toMatch(/[Nn]ondeterminism|non-?determinis/i);
  });

  test('a history whose timer was started before the search attributes were set', async () => {
    const history = recorded('expired');
    const at = (kind: string) => history.events.findIndex((one) => attributes(one) === kind);
    const timer = at('timerStartedEventAttributes');
    const upsert = at('upsertWorkflowSearchAttributesEventAttributes');
    expect(timer).toBe(upsert + 1);
    const [first, second] = [history.events[upsert]!, history.events[timer]!];
    history.events.splice(
      upsert,
      2,
      { ...second, eventId: first['eventId'] },
      { ...first, eventId: second['eventId'] },
    );
    const fired = history.events[at('timerFiredEventAttributes')]!;
    Object.assign(fired['timerFiredEventAttributes'] as object, { startedEventId: first['eventId'] });
    const { changed } = await replay(['changed'], [history]);
    expect(String(changed)).toMatch(/non-?determinis/i);
  });

  test('workflow code that sleeps before it asks', async () => {
    const differing = await workflowBundle(path.join(__dirname, '../support/workflow-other.ts'));
    const { given, edit } = await replay(
      ['given', 'edit'],
      [recorded('approve-given'), recorded('edit')],
      differing,
    );
    expect(String(given)).toMatch(/non-?determinis/i);
    expect(String(edit)).toMatch(/non-?determinis/i);
  });
});
