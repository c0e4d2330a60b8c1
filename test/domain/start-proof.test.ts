/** The text that proves who has asked, whose key may sign it and when, and where every start takes it. */
import { createHash } from 'node:crypto';
import { parseEscalation } from '../../src/domain/escalation-start';
import { parsePlan } from '../../src/domain/plan-start';
import { Directory } from '../../src/domain/reviewers';
import { parseConfirm, parseGenerate, parseStart } from '../../src/domain/start';
import {
  Callback,
  inputHashOf,
  proofBy,
  provesStarts,
  startKey,
  startText,
  type StartProof,
} from '../../src/domain/start-proof';
import { testKey } from '../support/reviewer-keys';

const [SVC, PAGE, ANA] = [testKey(1).public, testKey(2).public, testKey(3).public];
const ARGUMENT = { v: 1, task: 'refund', requester: 'svc-orders' };
const HASH = '0b4f6d6c1a5a0cd2ad6d60ca2a3a6e7b9b5a3b1e9b6c7c5f2f3e2c8ea1b0d111';
const START = {
  deployment: 'shop',
  namespace: 'default',
  workflowId: 'refund-4711',
  type: 'proposeAndExecute',
  inputHash: HASH,
  requester: 'svc-orders',
};
const PROOF: StartProof = {
  by: 'requester',
  name: 'svc-orders',
  key: 'svc-1',
  issued: '2026-11-30T09:00:00.000Z',
  expires: '2026-11-30T09:05:00.000Z',
  value: `${'A'.repeat(86)}==`,
};
const BY_DOOR: StartProof = { ...PROOF, by: 'door', name: 'page', key: 'page-1' };

it('a requester signs the kind of text, a line feed and canonical JSON, to the byte', () => {
  expect(startText(START, PROOF)).toBe(
    'countersign/start/1\n' +
      `{"deployment":"shop","expires":"2026-11-30T09:05:00.000Z","inputHash":"${HASH}",` +
      '"issued":"2026-11-30T09:00:00.000Z","namespace":"default","requester":"svc-orders","signer":"svc-1",' +
      '"type":"proposeAndExecute","workflowId":"refund-4711"}',
  );
});

it('a door signs its own name with it', () => {
  expect(startText(START, BY_DOOR)).toBe(
    'countersign/start/1\n' +
      `{"deployment":"shop","door":"page","expires":"2026-11-30T09:05:00.000Z","inputHash":"${HASH}",` +
      '"issued":"2026-11-30T09:00:00.000Z","namespace":"default","requester":"svc-orders","signer":"page-1",' +
      '"type":"proposeAndExecute","workflowId":"refund-4711"}',
  );
});

it('the hash is that of the canonical argument, in whatever order, without its proof and nothing else', () => {
  const text = '{"requester":"svc-orders","task":"refund","v":1}';
  expect(inputHashOf(ARGUMENT)).toBe(createHash('sha256').update(text).digest('hex'));
  expect(inputHashOf(ARGUMENT)).toBe(inputHashOf({ requester: 'svc-orders', task: 'refund', v: 1 }));
  expect(inputHashOf({ ...ARGUMENT, proof: PROOF })).toBe(inputHashOf(ARGUMENT));
  expect(inputHashOf({ ...ARGUMENT, callback: 'https://x.example/' })).not.toBe(inputHashOf(ARGUMENT));
});

const directory = (key: object = {}) =>
  Directory.parse({
    people: [{ name: 'ana', keys: [{ id: 'ana-1', public: ANA }] }],
    requesters: [{ name: 'svc-orders', keys: [{ id: 'svc-1', public: SVC, ...key }] }],
    doors: [{ name: 'page', methods: ['oidc'], keys: [{ id: 'page-1', public: PAGE, ...key }] }],
  });
const AT = Date.parse('2026-11-30T09:01:00.000Z');
const LATER = Date.parse('2026-12-24T00:00:00.000Z');

describe('the key that has to have signed', () => {
  it.each<{
    said: string;
    proof?: Partial<StartProof>;
    requester?: string;
    key?: object;
    startedAt?: number;
    now?: number;
    is?: string;
  }>([
    { said: "the requester's", is: SVC },
    { said: "a door's", proof: BY_DOOR, is: PAGE },
    { said: "a door's, whoever asks", proof: BY_DOOR, requester: 'ana', is: PAGE },
    { said: "of another requester than the argument's", requester: 'svc-stock' },
    { said: 'a requester that is not listed', proof: { name: 'ana' }, requester: 'ana' },
    { said: "a person's, which is no requester's", proof: { name: 'ana', key: 'ana-1' }, requester: 'ana' },
    { said: 'another id', proof: { key: 'svc-2' } },
    { said: "a door's id in the requester's name", proof: { key: 'page-1' } },
    { said: 'a door that is not listed', proof: { ...BY_DOOR, name: 'api' } },
    { said: 'at the very moment of issue', startedAt: Date.parse(PROOF.issued), is: SVC },
    { said: 'before it was issued', startedAt: Date.parse(PROOF.issued) - 1 },
    { said: 'just before it expires', startedAt: Date.parse(PROOF.expires) - 1, is: SVC },
    { said: 'when it expires', startedAt: Date.parse(PROOF.expires) },
    { said: 'long after, since it was started in time', now: LATER, is: SVC },
    { said: 'valid from then', key: { from: new Date(AT).toISOString() }, is: SVC },
    { said: 'not valid yet', key: { from: new Date(AT + 1).toISOString() } },
    { said: 'valid until later', key: { until: new Date(AT + 1).toISOString() }, is: SVC },
    { said: 'valid no more', key: { until: new Date(AT).toISOString() } },
    {
      said: 'ended since, which changes nothing',
      key: { until: new Date(AT + 1).toISOString() },
      now: LATER,
      is: SVC,
    },
    { said: 'revoked before', key: { revoked: new Date(AT).toISOString() } },
    { said: 'revoked since', key: { revoked: new Date(AT + 60_000).toISOString() }, now: LATER },
    { said: 'to be revoked later', key: { revoked: new Date(LATER + 1).toISOString() }, now: LATER, is: SVC },
  ])('$said: $is', ({ proof, requester = 'svc-orders', key, startedAt = AT, now = AT, is }) => {
    const found = startKey(directory(key), requester, { ...PROOF, ...proof }, { startedAt, now });
    expect(found?.public).toBe(is);
  });

  it('is nobody’s without a directory', () => {
    expect(startKey(undefined, 'svc-orders', PROOF, { startedAt: AT, now: AT })).toBeUndefined();
  });
});

it('a requester signs, a door vouches', () => {
  expect([PROOF, BY_DOOR].map(proofBy)).toEqual(['signed', 'vouched']);
});

it('nobody proves a start where neither requesters nor doors are listed', () => {
  const people = [{ name: 'ana', keys: [{ id: 'ana-1', public: ANA }] }];
  const { requesters, doors } = directory();
  expect(
    [undefined, { people }, { people, requesters }, { people, doors }, { people, doors: [] }].map((one) =>
      provesStarts(one),
    ),
  ).toEqual([false, false, true, true, false]);
});

const step = {
  action: 'ship',
  args: {},
  title: 'Ship',
  rationale: 'paid',
  confidence: 1,
  sensitive: false,
};
const STARTS: [string, (argument: unknown) => { readonly ok: boolean; readonly start?: object }, object][] = [
  ['proposeAndExecute', parseStart, { task: 'x' }],
  ['generateAndReview', parseGenerate, { task: 'x' }],
  ['confirm', parseConfirm, { action: 'Delete orders-eu', level: 'CONFIRM' }],
  ['multiStepApproval', parsePlan, { steps: [{ name: 'one', proposal: step }] }],
  ['escalation', parseEscalation, { task: 'x' }],
  ['escalation with a ladder', parseEscalation, { task: 'x', ladder: [{ kind: 'agent', name: 'AGENT' }] }],
];

describe.each(STARTS)('%s', (_, parse, own) => {
  const argument = { v: 1, requester: 'svc-orders', ...own };

  it('takes a proof and a callback, and carries them', () => {
    const besides = { proof: PROOF, callback: 'https://hooks.example/done?id=7' };
    expect(parse({ ...argument, ...besides })).toMatchObject({ ok: true, start: besides });
    const { start } = parse(argument);
    expect(Object.keys(start ?? {})).not.toEqual(expect.arrayContaining(['proof']));
  });

  it.each([
    [{ proof: 'me' }, 'proof: expected object, received string'],
    [{ proof: { ...PROOF, by: 'ana' } }, 'proof.by: '],
    [
      { proof: { ...PROOF, value: 'AAAA' } },
      'proof.value: must be the 64 bytes of an Ed25519 signature in base64',
    ],
    [{ proof: { ...PROOF, issued: 'now' } }, 'proof.issued: '],
    [{ proof: { ...PROOF, role: 'x' } }, 'proof.role: unknown key'],
    [{ callback: 'http://hooks.example/' }, 'callback: must be an https URL'],
    [{ callback: ['https://hooks.example/'] }, 'callback: '],
  ])('refuses %j', (besides, problem) => {
    expect(parse({ ...argument, ...besides })).toEqual({
      ok: false,
      problem: expect.stringContaining(problem),
    });
  });
});

it.each([
  ['https://hooks.example', true],
  ['https://hooks.example/', true],
  ['https://hooks.example:8443/a/b?c=d&e=%20', true],
  ['https://127.0.0.1/x', true],
  ['https://[::1]:8443/x', true],
  ['HTTPS://hooks.example/', false],
  ['http://hooks.example/', false],
  ['https://', false],
  ['https:///x', false],
  ['https://user@hooks.example/', false],
  ['https://user:secret@hooks.example/', false],
  ['https://hooks.example/#part', false],
  ['https://hooks.example/a b', false],
  ['https://hooks.example/a\nb', false],
  ['https://hooks.example\\@evil.example/', false],
  ['https://hοoks.example/', false],
  [`https://hooks.example/${'x'.repeat(2_000)}`, false],
  ['javascript:alert(1)', false],
])('the callback %s: %s', (url, taken) => {
  expect(Callback.safeParse(url).success).toBe(taken);
  if (taken) expect(new URL(url).protocol).toBe('https:');
});
