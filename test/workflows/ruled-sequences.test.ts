/** Rules over ladders and plans: they force people whatever the confidence, let an agent act, and gate what takes a step back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Packet } from '../../src/client';
import { createRules, loadPolicies } from '../../src/providers/policy';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

const POLICY = `
policies:
  people:
    confirmation: CONFIRM
    levels: [{ name: HUMAN, approvers: { people: [ana, bo] }, respondWithin: 1 hour }]
  two:
    confirmation: CONFIRM
    levels: [{ name: BOARD, approvers: { people: [ana, bo, cy] }, quorum: 2, respondWithin: 1 hour }]
  notice:
    confirmation: INFO
    levels: [{ name: HUMAN, approvers: { people: [ana, bo] }, respondWithin: 1 hour }]
deny:
  - name: no thousands
    when: action == "ship" && args.units >= 1000
    because: nobody orders that many
rules:
  - name: single units
    when: action == "ship" && args.units == 1 && confidence > 0.8
    policy: notice
  - name: large orders
    when: action == "ship" && args.units >= 100
    policy: two
  - name: legal answers
    when: action == "answer" && sensitive == false && string(args.output).contains("contract")
    policy: people
default: people
`;

let env: WorkflowEnv;
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-rules-'));

beforeAll(async () => {
  writeFileSync(path.join(folder, 'policy.yaml'), POLICY);
  const rules = createRules(await loadPolicies('policy.yaml', folder));
  env = await startWorkflowEnv([], undefined, { rules });
});
afterAll(async () => {
  await env.stop();
  rmSync(folder, { recursive: true });
});

let started = 0;
async function start(type: string, argument: object): Promise<string> {
  const id = `ruled-${String(++started)}`;
  await env.countersign.start(type, { v: 1, requester: 'rita', ...argument }, id);
  return id;
}
async function asked(id: string, below: string): Promise<Packet> {
  await env.until(id, ({ waitingOn }) => waitingOn === `${id}/${below}`);
  return env.until(`${id}/${below}`, ({ status }) => status === 'open');
}
const says = ({ workflowId, digest }: Packet, reviewer: string, more: object = {}) =>
  env.countersign.send(workflowId, { digest: digest!, verdict: 'approve', reviewer, ...more });
const ship = (units: number, more: object = {}) => ({ ...SHIP, args: { order: 'A-7', units }, ...more });
const told = (proposal: object) => `propose: ${JSON.stringify(proposal)}`;

describe('a ladder', () => {
  test('a sure agent acts by itself where a rule asks nobody', async () => {
    const id = await start('escalation', { task: told(ship(1)) });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'executed',
      escalations: [],
      decisions: [],
    });
  });

  test('the same agent, less sure than the threshold: people are asked, though the rule would ask nobody', async () => {
    const id = await start('escalation', { task: told(ship(1)), confidenceThreshold: 0.95 });
    await says(await asked(id, 'HUMAN'), 'ana');
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'executed',
      escalations: [
        { from: 'AGENT', to: 'SENIOR_AGENT' },
        { from: 'SENIOR_AGENT', to: 'HUMAN', reason: 'confidence 0.9 < 0.95' },
      ],
    });
  });

  test('a rule forces its level, whatever the confidence, past the other agents', async () => {
    const id = await start('escalation', { task: told(ship(100, { confidence: 1 })) });
    const packet = await asked(id, 'BOARD');
    await says(packet, 'ana');
    await says(packet, 'bo');
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'executed',
      escalations: [{ from: 'AGENT', to: 'BOARD', reason: 'the rule large orders asks CONFIRM' }],
    });
  });

  test('an answer goes by itself where no rule matches it, and is forced by one that does', async () => {
    const free = await start('escalation', { task: 'answer: it ships on Monday\nconfidence: 0.9' });
    expect(await env.countersign.result(free)).toMatchObject({ outcome: 'approved', escalations: [] });
    const id = await start('escalation', { task: 'answer: the contract says so\nconfidence: 0.9' });
    await says(await asked(id, 'HUMAN'), 'bo');
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'approved',
      escalations: [{ from: 'AGENT', to: 'HUMAN', reason: 'the rule legal answers asks CONFIRM' }],
    });
  });

  test('what is denied is no answer: it climbs, and people are never asked to approve it', async () => {
    const id = await start('escalation', { task: told(ship(5000, { confidence: 1 })) });
    const packet = await asked(id, 'HUMAN');
    expect(packet.failure).toMatchObject({ code: 'DENIED' });
    await says(packet, 'ana', { verdict: 'reject', comment: 'no' });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'rejected',
      escalations: [
        { reason: expect.stringContaining('DENIED') },
        { reason: expect.stringContaining('DENIED') },
      ],
    });
  });

  test('a looser ladder than the rules ask is too weak', async () => {
    const ladder = [
      { kind: 'agent', name: 'BOT' },
      { name: 'ANY', approvers: { people: ['*'] }, respondWithin: '1 hour' },
    ];
    const id = await start('escalation', { task: told(ship(100)), ladder });
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('POLICY_TOO_WEAK'),
    });
  });
});

describe('what takes a step back', () => {
  const plan = (undo: object, first: object = { proposal: ship(2) }) => ({
    onReject: 'undo',
    steps: [
      { name: 'a', ...first, undo },
      { name: 'b', proposal: ship(3) },
    ],
  });
  const taken = async (id: string, signers: readonly string[] = ['ana']) => {
    const packet = await asked(id, 'a');
    for (const one of signers) await says(packet, one);
    await says(await asked(id, 'b'), 'ana', { verdict: 'reject', comment: 'no' });
  };

  test('runs unasked where its step was signed as the rules want it for the undo, too', async () => {
    const id = await start('multiStepApproval', plan({ action: 'ship', args: { order: 'back', units: 2 } }));
    await taken(id);
    expect(await env.countersign.result(id)).toMatchObject({
      steps: [{ undo: { outcome: 'executed' } }, {}],
    });
  });

  test('is asked about where the rules want more for it than its step was signed with', async () => {
    const id = await start(
      'multiStepApproval',
      plan({ action: 'ship', args: { order: 'back', units: 200 } }),
    );
    await taken(id);
    const back = await asked(id, 'undo/a');
    expect(back).toMatchObject({ level: 'BOARD', proposal: { args: { units: 200 } } });
    await says(back, 'ana');
    await says(back, 'cy');
    expect(await env.countersign.result(id)).toMatchObject({
      steps: [{ undo: { outcome: 'executed' } }, {}],
    });
  });

  test('is refused with its step where the rules deny it', async () => {
    const id = await start(
      'multiStepApproval',
      plan({ action: 'ship', args: { order: 'back', units: 1000 } }),
    );
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'failed',
      steps: [{ reason: expect.stringMatching(/^DENIED: undo: nobody orders that many/) }],
    });
  });

  test('may not bring a policy of its own that is looser', async () => {
    const policy = {
      confirmation: 'INFO',
      levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 hour' }],
    };
    const undo = { action: 'ship', args: { order: 'back', units: 200 }, policy };
    const id = await start('multiStepApproval', plan(undo));
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'failed',
      steps: [{ reason: expect.stringMatching(/^POLICY_TOO_WEAK: undo: /) }],
    });
  });
});
