/** How many open gates a revocation hits, as doctor counts them by the decisions that the server has. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Packet } from '../../src/client';
import { readConfig } from '../../src/config';
import { checkRevoked } from '../../src/doctor/revoked';
import type { Directory } from '../../src/domain/reviewers';
import { until } from '../support/app';
import { DIRECTORY, placeOf, signed } from '../support/reviewers';
import { SHIP, startWorkflowEnv, within, type WorkflowEnv } from '../support/workflow-env';

let env: WorkflowEnv;
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-revoked-'));
beforeAll(async () => {
  env = await startWorkflowEnv([], undefined, { reviewers: DIRECTORY });
});
afterAll(async () => {
  await env.stop();
  rmSync(folder, { recursive: true });
});

const revoking = (...ids: string[]): Directory => ({
  ...DIRECTORY,
  people: DIRECTORY.people.map((person) => ({
    ...person,
    keys: (person.keys ?? []).map((key) => {
      const { revoked: _, ...rest } = key;
      return ids.includes(key.id) ? { ...rest, revoked: '2026-01-01T00:00:00Z' } : rest;
    }),
  })),
});

function check(directory: Directory) {
  const file = path.join(folder, 'reviewers.yaml');
  writeFileSync(file, JSON.stringify(directory));
  const server = { connection: env.connection, address: 'here', namespace: 'default' };
  return checkRevoked(server, readConfig({ HOME: folder, COUNTERSIGN_REVIEWERS: file }));
}

let nth = 0;
function approval(packet: Packet, reviewer: string) {
  const decision = {
    v: 1 as const,
    id: `${reviewer}-${String(++nth)}`,
    digest: packet.digest!,
    verdict: 'approve' as const,
    reviewer,
  };
  const keyId = `${reviewer.split('@')[0]!}-1`;
  return signed(decision, placeOf(packet), { keyId });
}

const policy = { ...within('1 hour', { quorum: 3 }) };

test('as far as they were signed by it, by whichever name and on whichever way it came', async () => {
  const [first, second, third, done] = [
    await env.opened({ policy }),
    await env.opened({ policy }),
    await env.opened({ policy }),
    await env.opened({ policy: within('1 hour') }),
  ];
  await env.countersign.send(first.workflowId, approval(first, 'ana'));
  await env.countersign.send(first.workflowId, approval(first, 'bo'));
  await env.countersign.decide(second.workflowId, approval(second, 'ana@example.com'));
  await env.countersign.send(third.workflowId, approval(third, 'bo'));
  await env.countersign.send(done.workflowId, approval(done, 'ana'));
  await env.countersign.result(done.workflowId);
  // Visibility is a moment behind.
  const query = `CountersignState = 'open' AND ExecutionStatus = 'Running'`;
  for (let open = 0; open !== 3; open = (await env.client.workflow.count(query)).count);

  expect(await check(revoking())).toEqual({
    name: 'revoked',
    status: 'ok',
    says: 'no key of a person is revoked',
  });
  expect(await check(revoking('cy-1'))).toEqual({
    name: 'revoked',
    status: 'ok',
    says: '1 revoked key; none of 3 open gates has a decision by one',
  });
  const hit = await check(revoking('ana-1', 'ana-old'));
  expect(hit).toMatchObject({
    status: 'warn',
    says: '2 revoked keys; 2 of 3 open gates have decisions that count no more',
  });
  expect([...(hit.mend ?? [])].sort()).toEqual(
    [first, second].map(
      ({ workflowId }) => `${workflowId}: signed with ana-1 of ana, which is to be signed again`,
    ),
  );
  expect(await check(revoking('ana-1', 'bo-1'))).toMatchObject({
    says: '2 revoked keys; 3 of 3 open gates have decisions that count no more',
  });
});

test('what somebody sent that is no decision, under an id of two lines, hides nothing and says nothing of its own', async () => {
  const workflowId = 'split\nok    reviewers  decisions are signed';
  const argument = { v: 1, requester: 'svc-orders', task: 'ship it', proposal: SHIP, policy };
  const { taskQueue } = env;
  const handle = await env.client.workflow.start('proposeAndExecute', {
    taskQueue,
    workflowId,
    args: [argument],
  });
  const packet = await env.until(workflowId, ({ status }) => status === 'open');
  await env.connection.workflowService.signalWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId },
    signalName: 'decide',
    input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{') }] },
  });
  await env.countersign.send(workflowId, approval(packet, 'ana'));
  const found = await until(
    () => check(revoking('ana-1')),
    ({ mend = [] }) => mend.some((line) => line.startsWith('split')),
  );
  expect(found.status).toBe('warn');
  expect(found.mend).toContain(
    'split‹U+000A›ok    reviewers  decisions are signed: signed with ana-1 of ana, which is to be signed again',
  );
  await handle.terminate();
});
