/** `countersign/permit`: one thing is changed of a call that was approved, and it is refused with its code, wherever the change was made. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { activityInfo } from '@temporalio/activity';
import { canonical } from '../../src/domain/digest';
import type { Json } from '../../src/domain/json';
import { permitText, receiptText, type Permit } from '../../src/domain/permit';
import {
  permitCheck,
  PermitError,
  withReceipt,
  type RemoteCall,
  type RunningActivity,
} from '../../src/permit';
import { generateKey } from '../../src/signing';
import { ownKey } from '../../src/signing/own-key';
import { testPermits } from '../../src/testing';

const NOW = Date.parse('2026-11-30T12:00:00.000Z');
const HOUR = 60 * 60_000;
const at = (milliseconds: number) => new Date(NOW + milliseconds).toISOString();
const permits = testPermits({ now: () => NOW });
const RUNS: RunningActivity = {
  activityType: 'unknown',
  taskQueue: 'test',
  namespace: 'test',
  workflowExecution: { workflowId: 'test' },
};
const good = permits.call({ input: { order: 1042, parts: [1.5, 'ü', null] } });

function codeOf(call: unknown, runs: RunningActivity = RUNS, check = permits.check): string {
  try {
    check(call, runs);
    return 'holds';
  } catch (error) {
    return error instanceof PermitError ? error.code : String(error);
  }
}

test('what was approved comes back as it came', () => {
  expect(permits.check(good, RUNS)).toEqual(good);
});

test('as the mock environment of the SDK has it, it holds', async () => {
  const mock = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
  const pay = async (call: unknown) =>
    permitCheck({ ...permits, now: () => NOW }).check<{ order: number }>(call, activityInfo()).input.order;
  await expect(mock.run(pay, good)).resolves.toBe(1042);
  await expect(mock.run(pay, { ...good, permit: null })).rejects.toThrow('NO_PERMIT');
});

test('the text that is signed: the kind, a line feed, canonical JSON of everything but the value', () => {
  const { value: _, ...holds } = good.permit;
  expect(permitText(good.permit)).toBe(`countersign/permit/1\n${canonical(holds)}`);
  expect(Object.keys(holds).sort()).toEqual(
    [
      ...[
        'action',
        'audience',
        'basis',
        'deployment',
        'digest',
        'effectKey',
        'expires',
        'gate',
        'input',
        'issued',
      ],
      ...['namespace', 'revision', 'root', 'signer', 'workflowId'],
    ].sort(),
  );
});

/** Changed after it was signed, or in the call beside it. */
test.each<[string, unknown, string]>([
  ['no argument', undefined, 'NO_PERMIT'],
  ['null', null, 'NO_PERMIT'],
  ['a text', 'permit', 'NO_PERMIT'],
  ['no permit', { ...good, permit: undefined }, 'NO_PERMIT'],
  ['null for a permit', { ...good, permit: null }, 'NO_PERMIT'],
  ['an empty permit', { ...good, permit: {} }, 'MALFORMED_PERMIT'],
  ['no input', { ...good, input: undefined }, 'NO_PERMIT'],
  ['another input', { ...good, input: { order: 1043 } }, 'OTHER_CALL'],
  ['another key', { ...good, key: '0'.repeat(64) }, 'OTHER_CALL'],
  ['another digest', { ...good, digest: '0'.repeat(64) }, 'OTHER_CALL'],
  ['another workflow id', { ...good, workflowId: 'other' }, 'OTHER_CALL'],
  ['a field more', { ...good, permit: { ...good.permit, more: 1 } }, 'MALFORMED_PERMIT'],
])('%s', (_, call, code) => {
  expect(codeOf(call)).toBe(code);
});

describe('each field of the permit', () => {
  const fields = Object.keys(good.permit) as (keyof Permit)[];
  test.each(fields)('%s left out', (field) => {
    const { [field]: _, ...rest } = good.permit;
    expect(codeOf({ ...good, permit: rest })).toBe('MALFORMED_PERMIT');
  });
  test.each(fields)('%s null, or a number', (field) => {
    for (const value of [null, -1, [], {}])
      expect(codeOf({ ...good, permit: { ...good.permit, [field]: value } })).toBe('MALFORMED_PERMIT');
  });
  const OTHERS: { readonly [Field in keyof Permit]: [change: Permit[Field], code: string] } = {
    deployment: ['other', 'OTHER_CALL'],
    namespace: ['other', 'OTHER_CALL'],
    workflowId: ['other', 'OTHER_CALL'],
    root: [{ workflowId: 'test', firstRunId: 'other' }, 'BAD_SIGNATURE'],
    gate: ['other', 'BAD_SIGNATURE'],
    revision: [2, 'BAD_SIGNATURE'],
    digest: ['0'.repeat(64), 'OTHER_CALL'],
    effectKey: ['0'.repeat(64), 'OTHER_CALL'],
    action: ['http', 'BAD_SIGNATURE'],
    input: ['0'.repeat(64), 'OTHER_CALL'],
    audience: [{ taskQueue: 'test', activity: 'other' }, 'OTHER_CALL'],
    basis: ['silence', 'BAD_SIGNATURE'],
    issued: [at(-HOUR), 'BAD_SIGNATURE'],
    expires: [at(48 * HOUR), 'BAD_SIGNATURE'],
    signer: ['other', 'UNKNOWN_KEY'],
    value: [`${'A'.repeat(86)}==`, 'BAD_SIGNATURE'],
  };
  test.each(fields)('%s changed after it was signed', (field) => {
    const [change, code] = OTHERS[field];
    expect(codeOf({ ...good, permit: { ...good.permit, [field]: change } })).toBe(code);
  });
});

test.each<[string, Partial<RunningActivity>]>([
  ['of another activity', { activityType: 'other' }],
  ['on another task queue', { taskQueue: 'other' }],
  ['in another namespace', { namespace: 'other' }],
  ['of another workflow', { workflowExecution: { workflowId: 'other' } }],
  ['of no workflow', { workflowExecution: undefined }],
])('a genuine permit for a call %s', (_, change) => {
  expect(codeOf(good, { ...RUNS, ...change })).toBe('OTHER_CALL');
});

test.each<[string, Partial<Permit>, string]>([
  ['expired', { issued: at(-2 * HOUR), expires: at(0) }, 'PERMIT_EXPIRED'],
  ['not yet issued', { issued: at(HOUR), expires: at(2 * HOUR) }, 'PERMIT_EXPIRED'],
  ['that ends before it begins', { issued: at(0), expires: at(-1) }, 'PERMIT_EXPIRED'],
  ['issued by a clock that is four minutes ahead', { issued: at(4 * 60_000), expires: at(HOUR) }, 'holds'],
  ['in its last millisecond', { issued: at(-HOUR), expires: at(1) }, 'holds'],
  ['for a tool', { audience: { tool: 'unknown' } }, 'OTHER_CALL'],
  ['of another deployment', { deployment: 'staging' }, 'OTHER_CALL'],
])('a permit that the worker signed, %s', (_, change, code) => {
  expect(codeOf(permits.call({ input: 1 }, change))).toBe(code);
});

describe('the keys of Countersign’s workers', () => {
  const [key] = permits.keys;
  const checked = (...keys: object[]) =>
    permitCheck({ keys: keys as never, deployment: 'test', now: () => NOW }).check;
  const other = { id: 'other', public: generateKey().public };

  test.each<[string, object[], string]>([
    ['none of the configured ones', [other], 'UNKNOWN_KEY'],
    ['another under the same id', [{ ...other, id: key!.id }], 'BAD_SIGNATURE'],
    ['one of two under the same id', [{ ...other, id: key!.id }, key!], 'holds'],
    ['revoked', [{ ...key, revoked: at(-1) }], 'KEY_REVOKED'],
    ['to be revoked', [{ ...key, revoked: at(HOUR) }], 'holds'],
    ['replaced before it signed', [{ ...key, until: at(-1) }], 'KEY_NOT_VALID'],
    ['replaced since', [{ ...key, until: at(1) }, other], 'holds'],
    ['not valid yet', [{ ...key, from: at(1) }], 'KEY_NOT_VALID'],
    ['valid since', [{ ...key, from: at(-1) }], 'holds'],
  ])('%s', (_, keys, code) => {
    expect(codeOf(good, RUNS, checked(...keys))).toBe(code);
  });

  test('what is no key is refused as the check is made', () => {
    expect(() => checked()).toThrow('name at least one public key');
    expect(() => checked({ id: 'k', public: 'AAAA' })).toThrow(/32 bytes/);
    // Under a point of small order anybody can sign.
    expect(() => checked({ id: 'k', public: `${'A'.repeat(43)}=` })).toThrow('small order');
  });

  test('the deployment is the namespace where none is named', () => {
    const check = permitCheck({ keys: permits.keys, now: () => NOW }).check;
    expect(codeOf(good, RUNS, check)).toBe('holds');
    expect(codeOf(permits.call({ input: 1 }, { deployment: 'orders' }), RUNS, check)).toBe('OTHER_CALL');
  });
});

test('inputs of every kind are named by their canonical form', () => {
  const inputs: Json[] = [
    null,
    0,
    -0,
    1e21,
    1e-7,
    'ü\u0000\u2028',
    [],
    {},
    { b: 1, a: [true, { z: 0.1 }] },
    '1',
  ];
  for (const input of inputs) {
    const call = permits.call({ input });
    const sent = JSON.parse(JSON.stringify(call)) as RemoteCall;
    expect(codeOf(sent)).toBe('holds');
    for (const another of inputs)
      if (canonical(another) !== canonical(input))
        expect(codeOf({ ...sent, input: another })).toBe('OTHER_CALL');
  }
});

test('a receipt: over the key, the digest and the result, by the key that is named', () => {
  const pair = generateKey();
  const answer = withReceipt(good, { paid: true }, { keyId: 'payments-1', privateKeyPem: pair.private });
  const { value, ...said } = answer.receipt;
  expect(answer).toMatchObject({ v: 1, result: { paid: true } });
  expect(said).toEqual({
    effectKey: good.key,
    digest: good.digest,
    result: expect.stringMatching(/^[0-9a-f]{64}$/),
    signer: 'payments-1',
  });
  expect(value).toBe(ownKey(pair.private).sign(receiptText(said)));
});
