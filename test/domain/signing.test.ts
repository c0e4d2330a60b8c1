/** What a signature covers, to the byte, and every way in which its key or its time is not good. */
import fc from 'fast-check';
import type { Decision } from '../../src/domain/gate/decision';
import { canonical } from '../../src/domain/digest';
import type { Directory } from '../../src/domain/reviewers';
import {
  DecisionSignature,
  decisionText,
  keyOf,
  signatureFault,
  type Vouch,
  type Where,
} from '../../src/domain/gate/signature';
import { HOUR, OPENED, ROOT } from './given';

const SEED = 20_260_302;
const MINUTE = 60_000;
const iso = (at: number) => new Date(at).toISOString();

const WHERE: Where = { deployment: 'here', root: ROOT, gate: 'main', level: 'HUMAN' };
const DECISION: Decision = {
  v: 1,
  id: 'd1',
  digest: 'a'.repeat(64),
  shown: 'c'.repeat(64),
  verdict: 'edit',
  reviewer: 'ana',
  args: { b: 1, a: 'ü' },
};
const SIGNATURE: DecisionSignature = {
  key: 'k1',
  issued: iso(OPENED),
  expires: iso(OPENED + 15 * MINUTE),
  value: `${'A'.repeat(86)}==`,
};

const TOUCH = { authenticatorData: 'AAAA', clientDataJSON: 'AAAA' };
const VOUCH: Vouch = {
  door: 'web',
  key: 'web-1',
  person: 'ana',
  method: 'oidc',
  issuer: 'https://id.example',
  subject: '4711',
  authTime: iso(OPENED - HOUR),
  session: 'b'.repeat(64),
  issued: iso(OPENED),
  expires: iso(OPENED + 5 * MINUTE),
  value: `${'A'.repeat(86)}==`,
};

describe('the text that is signed', () => {
  it('is this one, for good: keys are kept that have signed it', () => {
    expect(decisionText(WHERE, DECISION, SIGNATURE)).toBe(
      `countersign/decision/1\n{"decision":{"args":{"a":"ü","b":1},"digest":"${'a'.repeat(64)}","id":"d1","reviewer":"ana",` +
        `"shown":"${'c'.repeat(64)}","v":1,"verdict":"edit"},"deployment":"here","expires":"2026-03-02T09:15:00.000Z","gate":"main",` +
        '"issued":"2026-03-02T09:00:00.000Z","level":"HUMAN","root":{"firstRunId":"run-1","workflowId":"refund-4711"},"signer":"k1"}',
    );
  });

  it('has nothing of the signature itself, nor of what is passed along', () => {
    const text = decisionText(WHERE, DECISION, SIGNATURE);
    expect(decisionText(WHERE, { ...DECISION, signature: SIGNATURE, vouch: VOUCH }, SIGNATURE)).toBe(text);
    const where = { ...WHERE, root: { ...ROOT, runId: 'run-9' }, runId: 'run-9' } as Where;
    expect(decisionText(where, { ...DECISION, comment: undefined }, SIGNATURE)).toBe(text);
  });

  const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
  const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<never>;
  const fields = fc.record({
    deployment: text,
    workflowId: text,
    firstRunId: text,
    gate: text,
    level: text,
    key: text,
    issued: text,
    expires: text,
    id: text,
    digest: text,
    shown: fc.option(text, { nil: undefined }),
    verdict: text,
    reviewer: text,
    comment: fc.option(text, { nil: undefined }),
    args: fc.option(fc.dictionary(text, json, { maxKeys: 3 }), { nil: undefined }),
    phrase: fc.option(text, { nil: undefined }),
    answer: fc.option(json, { nil: undefined }),
    to: fc.option(text, { nil: undefined }),
    until: fc.option(text, { nil: undefined }),
  });
  type Fields = typeof fields extends fc.Arbitrary<infer F> ? F : never;
  const textOf = (fields: Fields) => {
    const { deployment, workflowId, firstRunId, gate, level, key, issued, expires, ...decision } = fields;
    const where = { deployment, root: { workflowId, firstRunId }, gate, level };
    return decisionText(where, { v: 1, ...decision }, { key, issued, expires });
  };
  const NAMES = Object.keys(fc.sample(fields, { numRuns: 1, seed: SEED })[0] ?? {}) as (keyof Fields)[];

  it('is another one with any field changed', () => {
    const changed = new Map<string, number>();
    fc.assert(
      fc.property(fields, fields, fc.constantFrom(...NAMES), (one, other, name) => {
        fc.pre(canonical([one[name] ?? '-none-']) !== canonical([other[name] ?? '-none-']));
        changed.set(name, (changed.get(name) ?? 0) + 1);
        return textOf({ ...one, [name]: other[name] }) !== textOf(one);
      }),
      { seed: SEED, numRuns: 3_000 },
    );
    expect([...changed.keys()].sort()).toEqual([...NAMES].sort());
  });

  it('is another one with two neighbours swapped, or a letter moved from one to the next', () => {
    fc.assert(
      fc.property(fields, fc.nat(NAMES.length - 2), (one, nth) => {
        const [left, right] = [NAMES[nth], NAMES[nth + 1]] as ['gate', 'level'];
        fc.pre(
          typeof one[left] === 'string' &&
            typeof one[right] === 'string' &&
            one[right] !== '' &&
            one[left] !== one[right],
        );
        return (
          textOf({ ...one, [left]: one[right], [right]: one[left] }) !== textOf(one) &&
          textOf({ ...one, [left]: one[left] + one[right], [right]: '' }) !== textOf(one)
        );
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  it('is the same in whatever order its parts are given', () => {
    const reversed = <T extends object>(value: T) => Object.fromEntries(Object.entries(value).reverse()) as T;
    fc.assert(
      fc.property(
        fields,
        (one) => textOf(reversed({ ...one, args: one.args && reversed(one.args) })) === textOf(one),
      ),
      { seed: SEED, numRuns: 500 },
    );
  });
});

it.each<[string, object, boolean]>([
  ['a whole one', {}, true],
  ['one cut short', { value: 'AAAA' }, false],
  ['one with bits to spare', { value: `${'A'.repeat(85)}B==` }, false],
  ['one in base64url', { value: `${'_'.repeat(86)}==` }, false],
  ['one with a day for an instant', { issued: '2026-03-02' }, false],
  ['one of another algorithm', { alg: 'none' }, false],
  ['one without a key', { key: '' }, false],
  ['a whole one of a passkey', { ...TOUCH, value: 'MEUCIQ==' }, true],
  ['one of a passkey as long as a key file’s', { ...TOUCH }, true],
  ['one of a passkey in base64url', { ...TOUCH, value: 'MEUCIQ' }, false],
  ['one of a passkey whose data has padding', { ...TOUCH, authenticatorData: 'AA==' }, false],
  ['half of one of a passkey', { authenticatorData: 'AAAA' }, false],
  ['the other half', { clientDataJSON: 'AAAA' }, false],
  ['one of a passkey without its value', { ...TOUCH, value: '' }, false],
])('a signature is %s', (_, change, good) => {
  expect(DecisionSignature.safeParse({ ...SIGNATURE, ...change }).success).toBe(good);
});

const PUBLIC = 'Bwf6/w4H0yBWJhFNVdyJtaK6DRUKCYxQpC9WvkRYZz4=';
const directory: Directory = {
  people: [
    {
      name: 'ana',
      aliases: ['ana@example.com'],
      keys: [
        { id: 'k1', public: PUBLIC },
        { id: 'old', public: PUBLIC, until: iso(OPENED) },
        { id: 'new', public: PUBLIC, from: iso(OPENED + HOUR) },
        { id: 'gone', public: PUBLIC, revoked: iso(OPENED + 5 * MINUTE) },
      ],
    },
    { name: 'bo', keys: [{ id: 'bo-1', public: PUBLIC }] },
    { name: 'cy' },
  ],
};

describe('signatureFault', () => {
  const signed = (reviewer: string, change: Partial<DecisionSignature> = {}) => ({
    reviewer,
    signature: { ...SIGNATURE, ...change },
  });
  const times = (issued: number, expires: number) =>
    signed('ana', { issued: iso(OPENED + issued), expires: iso(OPENED + expires) });
  const DAY = 24 * HOUR;

  it.each([
    { said: 'a good one', sent: signed('ana'), after: 0, code: undefined },
    { said: 'under an alias', sent: signed('ana@example.com'), after: 0, code: undefined },
    { said: 'none at all', sent: { reviewer: 'ana' }, after: 0, code: 'UNAUTHENTICATED' },
    { said: 'a key that nobody has', sent: signed('ana', { key: 'k9' }), after: 0, code: 'UNKNOWN_KEY' },
    { said: "somebody else's key", sent: signed('ana', { key: 'bo-1' }), after: 0, code: 'UNKNOWN_KEY' },
    { said: 'a person without keys', sent: signed('cy'), after: 0, code: 'UNKNOWN_KEY' },
    { said: 'a stranger', sent: signed('eve'), after: 0, code: 'UNKNOWN_KEY' },
    {
      said: 'before it was revoked',
      sent: signed('ana', { key: 'gone' }),
      after: 5 * MINUTE - 1,
      code: undefined,
    },
    {
      said: 'as it was revoked',
      sent: signed('ana', { key: 'gone' }),
      after: 5 * MINUTE,
      code: 'KEY_REVOKED',
    },
    { said: 'before its key ends', sent: signed('ana', { key: 'old' }), after: -1, code: undefined },
    { said: 'as its key ends', sent: signed('ana', { key: 'old' }), after: 0, code: 'KEY_NOT_VALID' },
    {
      said: 'before its key begins',
      sent: { ...times(0, 2 * HOUR), signature: { ...times(0, 2 * HOUR).signature, key: 'new' } },
      after: HOUR - 1,
      code: 'KEY_NOT_VALID',
    },
    {
      said: 'as its key begins',
      sent: { ...times(0, 2 * HOUR), signature: { ...times(0, 2 * HOUR).signature, key: 'new' } },
      after: HOUR,
      code: undefined,
    },
    { said: 'in its last millisecond', sent: signed('ana'), after: 15 * MINUTE - 1, code: undefined },
    { said: 'as it expires', sent: signed('ana'), after: 15 * MINUTE, code: 'SIGNATURE_EXPIRED' },
    { said: 'long expired', sent: signed('ana'), after: DAY, code: 'SIGNATURE_EXPIRED' },
    { said: 'good for a day', sent: times(0, DAY), after: DAY - 1, code: undefined },
    { said: 'good for longer', sent: times(0, DAY + 1), after: 0, code: 'SIGNATURE_TIMES' },
    { said: 'good for no time', sent: times(0, 0), after: 0, code: 'SIGNATURE_TIMES' },
    { said: 'expired before it was issued', sent: times(1, 0), after: 0, code: 'SIGNATURE_TIMES' },
    {
      said: 'by a clock that is ahead as far as clocks may be',
      sent: times(5 * MINUTE, HOUR),
      after: 0,
      code: undefined,
    },
    {
      said: 'by a clock further ahead',
      sent: times(5 * MINUTE + 1, HOUR),
      after: 0,
      code: 'SIGNATURE_TIMES',
    },
    {
      said: 'with times that are none',
      sent: signed('ana', { issued: 'now', expires: 'then' }),
      after: 0,
      code: 'SIGNATURE_TIMES',
    },
  ])('$said: $code', ({ sent, after, code }) => {
    const found = signatureFault(directory, sent, OPENED + after);
    expect(found?.code).toBe(code);
    expect(found?.message ?? 'good').not.toMatch(/undefined|NaN/);
  });

  it('is everything without a directory', () => {
    expect(signatureFault(undefined, signed('ana'), OPENED)?.code).toBe('UNKNOWN_KEY');
  });
});

it("keyOf finds a reviewer's own key alone", () => {
  const found = (reviewer: string, key: string) =>
    keyOf(directory, { reviewer, signature: { ...SIGNATURE, key } })?.id;
  expect([
    found('ana', 'k1'),
    found('ana@example.com', 'k1'),
    found('bo', 'bo-1'),
    found('bo', 'k1'),
    found('eve', 'k1'),
  ]).toEqual(['k1', 'k1', 'bo-1', undefined, undefined]);
  expect(keyOf(directory, { reviewer: 'ana' })).toBeUndefined();
});
