/** What the executor goes through just before the effect: one thing is changed of an honest execution, and nothing runs. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Execution } from '../../src/activities/types';
import type { Packet } from '../../src/client';
import { append, openChain, type Fact } from '../../src/domain/audit';
import { evidenceHash, type Evidence } from '../../src/domain/gate/evidence';
import { digestOf, effectKey } from '../../src/domain/digest';
import type { Policy } from '../../src/domain/policy';
import type { Directory } from '../../src/domain/reviewers';
import { SEED } from '../support/forged';
import { DIRECTORY, placeOf, signed } from '../support/reviewers';
import { serverSays, type SaidRun } from '../support/server-says';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
let honest: Execution;
const AT = '2026-11-01T00:00:00.000Z';

beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
  const packet = await env.opened({
    policy: {
      confirmation: 'VERIFY',
      phrase: 'SHIP A-7',
      levels: [
        {
          kind: 'people',
          name: 'HUMAN',
          approvers: { people: ['ana', 'bo'] },
          quorum: 2,
          respondWithin: '1 hour',
        },
      ],
    },
  });
  for (const reviewer of ['ana', 'bo'])
    await env.countersign.send(packet.workflowId, approval(packet, reviewer));
  await env.countersign.result(packet.workflowId);
  honest = env.executions[0]!;
});
afterEach(() => {
  env.configured.reviewers = DIRECTORY;
});
afterAll(() => env.stop());

function approval(packet: Packet, reviewer: string) {
  const decision = {
    v: 1 as const,
    id: `${reviewer}-approves`,
    digest: packet.digest!,
    verdict: 'approve' as const,
    reviewer,
    phrase: 'SHIP A-7',
  };
  return signed(decision, placeOf(packet));
}

const mock = (workflowId: string, isLocal = false, runId = 'any', ...runs: SaidRun[]) =>
  new MockActivityEnvironment(
    { isLocal, workflowExecution: { workflowId, runId } },
    { logger: new DefaultLogger('ERROR'), client: serverSays(env.client, ...runs) },
  );
/** As if the server had said that it runs, and that this is its first run. */
const execute = (execution: Execution, { workflowId, firstRunId } = execution.root) =>
  mock(workflowId, false, firstRunId, { workflowId, firstRunId }).run(env.activities.execute, execution);

/** A run of its own on record, whose approval is of the execution as it was changed: a forger who could write the store. */
async function onRecord(change: Partial<Execution>, after: Fact[] = []): Promise<Execution> {
  const changed = { ...honest, ...change };
  const root = { workflowId: honest.root.workflowId, firstRunId: `run-${String(Math.random())}` };
  const digest = digestOf({ ...root, gate: 'main', revision: 1, action: changed.action, args: changed.args });
  const fact: Fact = {
    type: 'approved',
    gate: 'main',
    revision: 1,
    digest,
    level: 'HUMAN',
    signers: ['ana', 'bo'],
    action: changed.action,
    key: effectKey(root, 'main', digest),
    basis: 'signatures',
    evidence: evidenceHash(changed.approval),
  };
  const chain = [fact, ...after].reduce((on, one) => append(on, one, AT), openChain(root, SEED));
  await env.store.append(chain.pending.map((entry) => ({ ...root, ...entry })));
  const { seq, hash } = chain.pending[0]!;
  return { ...changed, root, digest, key: effectKey(root, 'main', digest), evidence: { seq, hash } };
}
/** The evidence, with something else in it. */
const claiming = (change: Partial<Evidence> = {}): Partial<Execution> => ({
  approval: { ...honest.approval, ...change },
});
const claimingPolicy = (change: Partial<Policy>): Partial<Execution> =>
  claiming({ policy: { ...honest.approval.policy, ...change } });
const [LEVEL] = [{ kind: 'people' as const, name: 'HUMAN', approvers: { people: ['ana', 'bo'] } }];
const levelOf = (change: object) => [
  { ...LEVEL, quorum: 2, rejections: 1, respondWithin: '1 hour', ...change },
];
/** The very decisions, as nobody has signed them. */
const bare = () => honest.approval.decisions.map(({ signature: _, ...rest }) => rest);

test('an honest one runs, so that the refusals below have a reason', async () => {
  await expect(execute(honest)).resolves.toMatchObject({ v: 1, result: { done: 'A-7 × 2' } });
});

test.each<[string, () => Execution, string]>([
  [
    'other args under the approved digest',
    () => ({ ...honest, args: { order: 'A-7', units: 99 } }),
    'DIGEST_MISMATCH',
  ],
  ['another action under the approved digest', () => ({ ...honest, action: 'slow' }), 'DIGEST_MISMATCH'],
  ['another revision', () => ({ ...honest, revision: 2 }), 'DIGEST_MISMATCH'],
  ['a key of its own, for a second effect', () => ({ ...honest, key: 'f'.repeat(64) }), 'KEY_MISMATCH'],
  [
    'evidence that is not in the store',
    () => ({ ...honest, evidence: { seq: 4, hash: '0'.repeat(64) } }),
    'NO_EVIDENCE',
  ],
  [
    'an entry that is not an approval',
    () => ({ ...honest, evidence: { ...honest.evidence, seq: 1 } }),
    'NO_EVIDENCE',
  ],
  [
    'one signature fewer',
    () => ({ ...honest, approval: { ...honest.approval, signatures: honest.approval.signatures.slice(1) } }),
    'EVIDENCE_MISMATCH',
  ],
  [
    'a policy that asks less',
    () => ({
      ...honest,
      approval: { ...honest.approval, policy: { ...honest.approval.policy, authentication: 'open' } },
    }),
    'EVIDENCE_MISMATCH',
  ],
])('%s', async (_, forged, code) => {
  const runs = env.actions.runs['ship'];
  await expect(execute(forged())).rejects.toMatchObject({ type: code, nonRetryable: true });
  expect(env.actions.runs['ship']).toBe(runs);
});

describe('evidence of a forger’s own, who could write the store', () => {
  test.each<[string, () => Promise<Execution>, string]>([
    ['whose signatures were made for another run', () => onRecord({}), 'NOT_SIGNED'],
    ['with other args', () => onRecord({ args: { order: 'B-1', units: 1 } }), 'NOT_SIGNED'],
    ['that was taken back', () => onRecord({}, [{ type: 'closed', outcome: 'cancelled' }]), 'APPROVAL_VOID'],
    ['on notice, where the policy asks people', () => onRecord(claiming({ basis: 'notice' })), 'NOT_CONSENT'],
    [
      'on notice, under a policy that says INFO',
      () =>
        onRecord(claiming({ basis: 'notice', policy: { ...honest.approval.policy, confirmation: 'INFO' } })),
      'POLICY_TOO_WEAK',
    ],
    [
      'on silence, where the policy does not take it for consent',
      () => onRecord(claiming({ basis: 'silence' })),
      'NOT_CONSENT',
    ],
    [
      'on silence, under a policy that takes it',
      () =>
        onRecord(claiming({ basis: 'silence', policy: { ...honest.approval.policy, onSilence: 'approve' } })),
      'POLICY_TOO_WEAK',
    ],
    [
      'on silence, under a level that takes it',
      () =>
        onRecord(
          claiming({
            basis: 'silence',
            policy: { ...honest.approval.policy, levels: levelOf({ onSilence: 'approve' }) },
          }),
        ),
      'POLICY_TOO_WEAK',
    ],
    ['on a step that is not named', () => onRecord(claiming({ basis: 'step' })), 'NOT_CONSENT'],
    [
      'whose time to execute is up',
      () => onRecord(claiming({ executeBefore: '2026-01-01T00:00:00.000Z' })),
      'APPROVAL_EXPIRED',
    ],
    ['that nobody has signed', () => onRecord(claiming({ signatures: [], decisions: [] })), 'QUORUM_NOT_MET'],
    [
      'whose directory of its own calls eve by ana’s name',
      () =>
        onRecord(claiming({ reviewers: { people: [{ name: 'ana', aliases: ['eve'] }, { name: 'bo' }] } })),
      'NOT_SIGNED',
    ],
    [
      'that asks for no signatures',
      () => onRecord(claimingPolicy({ authentication: 'open' })),
      'POLICY_TOO_WEAK',
    ],
    [
      'that says nothing of signatures, and has none',
      () => {
        const { authentication: _, ...policy } = honest.approval.policy;
        return onRecord(claiming({ policy, decisions: bare() }));
      },
      'NOT_SIGNED',
    ],
  ])('%s', async (_, forged, code) => {
    const runs = env.actions.runs['ship'];
    const execution = await forged();
    await expect(execute(execution)).rejects.toMatchObject({ type: code, nonRetryable: true });
    expect(env.actions.runs['ship']).toBe(runs);
  });
});

const without = (
  name: string,
  change: (person: Directory['people'][number]) => Directory['people'][number],
) => ({
  ...DIRECTORY,
  people: DIRECTORY.people.map((person) => (person.name === name ? change(person) : person)),
});

test.each<[string, Directory | undefined, string]>([
  [
    'a key that has been revoked since',
    without('ana', (ana) => ({ ...ana, keys: [{ ...ana.keys![0]!, revoked: '2026-11-01T00:00:00.000Z' }] })),
    'KEY_REVOKED',
  ],
  [
    'a reviewer who is gone since',
    { people: DIRECTORY.people.filter(({ name }) => name !== 'ana') },
    'NOT_AN_APPROVER',
  ],
  [
    'another key under the same id',
    without('ana', (ana) => ({ ...ana, keys: [{ ...DIRECTORY.people[1]!.keys![0]!, id: 'ana-1' }] })),
    'BAD_SIGNATURE',
  ],
  ['no directory at all any more', undefined, 'UNAUTHENTICATED'],
])('%s', async (_, directory, code) => {
  const runs = env.actions.runs['ship'];
  env.configured.reviewers = directory;
  await expect(execute(honest)).rejects.toMatchObject({ type: code, nonRetryable: true });
  expect(env.actions.runs['ship']).toBe(runs);
});

test('another workflow’s approval is not executed by a workflow of one’s own', async () => {
  const runs = env.actions.runs['ship'];
  const other = { workflowId: 'somebody-else', firstRunId: 'its-first' };
  await expect(execute(honest, other)).rejects.toMatchObject({ type: 'NOT_ITS_WORKFLOW' });
  expect(env.actions.runs['ship']).toBe(runs);
});

test('nobody writes evidence but the worker’s own workflows: scheduled by another, nothing is recorded or run', async () => {
  const runs = env.actions.runs['ship'];
  const chain = append(openChain(honest.root, SEED), { type: 'closed', outcome: 'executed' }, AT);
  const root = { workflowId: 'forged', firstRunId: 'forged' };
  const refused = { type: 'NOT_LOCAL', nonRetryable: true };
  const scheduled = mock('forged');
  await expect(scheduled.run(env.activities.record, { root, entries: chain.pending })).rejects.toMatchObject(
    refused,
  );
  const request = { chain, execution: honest, at: AT };
  await expect(scheduled.run(env.activities.recordAndExecute, request)).rejects.toMatchObject(refused);
  expect(await env.store.entries('forged')).toEqual([]);
  expect(env.actions.runs['ship']).toBe(runs);
});

test('an approval whose text is not that of its hash is no entry, though it comes with the effect', async () => {
  const { root, gate } = honest;
  const args = { order: 'B-1', units: 1 };
  const digest = digestOf({ ...root, gate, revision: 1, action: SHIP.action, args });
  const closed = append(openChain(root, SEED), { type: 'closed', outcome: 'rejected' }, AT);
  const [entry] = closed.pending;
  const pending = [{ ...entry!, text: JSON.stringify({ type: 'approved', digest }) }];
  const key = effectKey(root, gate, digest);
  const execution = { ...honest, args, digest, key, evidence: { seq: 1, hash: entry!.hash } };
  const runs = env.actions.runs['ship'];
  await expect(
    mock(root.workflowId, true, root.firstRunId).run(env.activities.recordAndExecute, {
      chain: { ...closed, pending },
      execution,
      at: AT,
    }),
  ).rejects.toMatchObject({ type: 'NOT_AN_ENTRY', nonRetryable: true });
  expect(env.actions.runs['ship']).toBe(runs);
});
