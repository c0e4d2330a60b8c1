/** Who has asked, proven by the start that the server has: each way that it holds, and each thing that is changed of an honest one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Directory } from '../../src/domain/reviewers';
import { createRules, loadPolicies } from '../../src/providers/policy';
import { signStart, type StartedAs, type StartSigning } from '../../src/signing-start';
import { MINUTE, pair } from '../support/reviewers';
import { SHIP, startWorkflowEnv, type WorkflowEnv } from '../support/workflow-env';

/** Proven requesters are asked about at another level, and a plan's first step wants one. */
const POLICY = `policies:
  known: { confirmation: CONFIRM, levels: [{ name: KNOWN, approvers: { people: ['*'] }, respondWithin: 1 hour }] }
  unknown: { confirmation: CONFIRM, levels: [{ name: UNKNOWN, approvers: { people: ['*'] }, respondWithin: 1 hour }] }
  proven:
    confirmation: CONFIRM
    separation: { proven: true }
    levels: [{ name: KNOWN, approvers: { people: ['*'] }, respondWithin: 1 hour }]
rules:
  - { name: strict, when: action == "ship" && args.units > 50.0, policy: proven }
  - { name: known, when: requesterProven && requester == "svc-orders", policy: known }
default: unknown
`;

const key = (id: string) => ({ id, public: pair(id).public });
const DIRECTORY: Directory = {
  deployment: 'shop',
  people: [{ name: 'ana' }],
  requesters: [
    { name: 'svc-orders', keys: [key('svc-1'), { ...key('svc-old'), revoked: '2026-01-01T00:00:00Z' }] },
    { name: 'svc-stock', keys: [key('stock-1')] },
  ],
  doors: [{ name: 'page', methods: ['oidc'], keys: [key('page-1')] }],
};
const OPEN: Directory = { people: [{ name: 'ana' }] };

let env: WorkflowEnv;
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-proven-'));
beforeAll(async () => {
  writeFileSync(path.join(folder, 'policy.yaml'), POLICY);
  const rules = createRules(await loadPolicies('policy.yaml', folder));
  env = await startWorkflowEnv([], undefined, { rules, reviewers: DIRECTORY });
});
afterEach(() => {
  env.configured.reviewers = DIRECTORY;
});
afterAll(async () => {
  await env.stop();
  rmSync(folder, { recursive: true });
});

let named = 0;
const newId = () => `proven-${String(++named)}`;
const ARGUMENT = { task: 'ship it', requester: 'svc-orders', proposal: SHIP };

const as = (more: Partial<StartSigning> = {}): StartSigning => ({
  by: 'requester',
  name: 'svc-orders',
  keyId: 'svc-1',
  privateKeyPem: pair(more.keyId ?? 'svc-1').private,
  issued: new Date(Date.now() - MINUTE),
  expires: new Date(Date.now() + 5 * MINUTE),
  ...more,
});
const BY_DOOR = { by: 'door', name: 'page', keyId: 'page-1' } as const;
const where = (workflowId: string, more: Partial<StartedAs> = {}): StartedAs => ({
  deployment: 'shop',
  namespace: 'default',
  type: 'proposeAndExecute',
  workflowId,
  ...more,
});

/** What the worker has said of the first proposal, and at which level people are asked. */
async function asked(type: string, argument: object, workflowId: string, below = '') {
  const before = env.assessments.length;
  await env.countersign.start(type, argument, workflowId);
  const packet = await env.until(`${workflowId}${below}`, ({ status }) => status === 'open');
  const found = env.assessments[before];
  if (found?.ok !== true) throw new Error(JSON.stringify(found));
  return { proof: found.requesterProof, deployment: found.deployment, level: packet.level };
}

const KNOWN = (proof: string) => ({ proof, deployment: 'shop', level: 'KNOWN' });
const UNKNOWN = { proof: 'claimed', deployment: 'shop', level: 'UNKNOWN' };

describe('proven', () => {
  it.each([
    { said: 'by the requester', signing: {}, proof: 'signed' },
    { said: 'by a door', signing: BY_DOOR, proof: 'vouched' },
  ])('$said, and the rules go by it', async ({ signing, proof }) => {
    const id = newId();
    const argument = signStart(ARGUMENT, where(id), as(signing));
    expect(await asked('proposeAndExecute', argument, id)).toEqual(KNOWN(proof));
  });

  it.each<[string, object, string]>([
    ['generateAndReview', { task: 'answer: hello', requester: 'svc-orders' }, ''],
    ['confirm', { action: 'Delete orders-eu', level: 'CONFIRM', requester: 'svc-orders' }, ''],
    ['multiStepApproval', { requester: 'svc-orders', steps: [{ name: 'one', proposal: SHIP }] }, '/one'],
    [
      'escalation',
      { task: 'nothing that a rule knows', requester: 'svc-orders', confidenceThreshold: 1 },
      '/KNOWN',
    ],
  ])('%s', async (type, argument, below) => {
    const id = newId();
    const signed = signStart(argument as typeof ARGUMENT, where(id, { type }), as());
    expect(await asked(type, signed, id, below)).toEqual(KNOWN('signed'));
  });

  it('the argument of the client is the one that was signed', async () => {
    const id = newId();
    const before = env.assessments.length;
    await env.countersign.propose(signStart(ARGUMENT, where(id), as()), id);
    await env.until(id, ({ status }) => status === 'open');
    expect(env.assessments[before]).toMatchObject({ ok: true, requesterProof: 'signed' });
  });
});

describe('not proven, and the rules ask the others', () => {
  it.each<{
    said: string;
    signing?: Partial<StartSigning>;
    signedFor?: Partial<StartedAs>;
    change?: object;
    type?: string;
  }>([
    { said: 'nothing signed', change: { proof: undefined } },
    { said: 'signed for another workflow id', signedFor: { workflowId: 'another' } },
    { said: 'signed for another type', signedFor: { type: 'generateAndReview' } },
    { said: 'signed for another namespace', signedFor: { namespace: 'production' } },
    { said: 'signed for another deployment', signedFor: { deployment: 'bank' } },
    { said: 'another task', change: { task: 'ship everything' } },
    { said: 'another proposal', change: { proposal: { ...SHIP, args: { order: 'A-7', units: 3 } } } },
    { said: 'a callback that was not signed', change: { callback: 'https://evil.example/' } },
    { said: 'another requester', change: { requester: 'svc-stock' } },
    { said: "another requester's own key", signing: { name: 'svc-stock', keyId: 'stock-1' } },
    { said: "another's key under the name", signing: { privateKeyPem: pair('stock-1').private } },
    { said: 'a key that was revoked', signing: { keyId: 'svc-old' } },
    { said: 'a key that is not listed', signing: { keyId: 'svc-9' } },
    { said: 'a door that is not listed', signing: { ...BY_DOOR, name: 'api' } },
    { said: "a requester's key as a door's", signing: { by: 'door', name: 'svc-orders', keyId: 'svc-1' } },
    {
      said: 'expired before it was started',
      signing: { issued: new Date(Date.now() - 2 * MINUTE), expires: new Date(Date.now() - MINUTE) },
    },
    {
      said: 'issued after it was started',
      signing: { issued: new Date(Date.now() + 60 * MINUTE), expires: new Date(Date.now() + 61 * MINUTE) },
    },
  ])('$said', async ({ signing, signedFor, change = {} }) => {
    const id = newId();
    const signed = signStart(ARGUMENT, where(id, signedFor), as(signing));
    const sent = JSON.parse(JSON.stringify({ ...signed, ...change })) as object;
    expect(await asked('proposeAndExecute', sent, id)).toEqual(UNKNOWN);
  });

  it("a proof that was another start's", async () => {
    const [one, other] = [newId(), newId()];
    const signed = signStart(ARGUMENT, where(one), as());
    expect(await asked('proposeAndExecute', signed, one)).toEqual(KNOWN('signed'));
    expect(await asked('proposeAndExecute', signed, other)).toEqual(UNKNOWN);
  });

  it('a proof in a directory without requesters and doors', async () => {
    env.configured.reviewers = OPEN;
    const id = newId();
    const argument = signStart(ARGUMENT, where(id, { deployment: 'default' }), as());
    expect(await asked('proposeAndExecute', argument, id)).toEqual({ ...UNKNOWN, deployment: 'default' });
  });
});

describe('separation.proven', () => {
  const MANY = { ...ARGUMENT, proposal: { ...SHIP, args: { order: 'A-7', units: 99 } } };

  it('an unproven start ends before people are asked', async () => {
    const id = newId();
    await env.countersign.start('proposeAndExecute', { v: 1, ...MANY }, id);
    expect(await env.countersign.result(id)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(
        /^REQUESTER_UNPROVEN: .* nothing proves that svc-orders has started this/,
      ),
    });
    expect((await env.audit(id)).map(({ type }) => type)).not.toContain('opened');
  });

  it('a proven one is asked about', async () => {
    const id = newId();
    expect(await asked('proposeAndExecute', signStart(MANY, where(id), as()), id)).toEqual(KNOWN('signed'));
  });
});

it('each answer has a seed of its own', () => {
  const seeds = env.assessments.flatMap((one) => (one.ok ? [one.seed] : []));
  expect(seeds.length).toBeGreaterThan(20);
  expect(new Set(seeds).size).toBe(seeds.length);
  for (const seed of seeds) expect(seed).toMatch(/^[0-9a-f]{32}$/);
});
