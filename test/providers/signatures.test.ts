/** A signature is good for one decision at one place, as it was made; any single change makes it none. */
import { sign as signBytes } from 'node:crypto';
import type { Decision } from '../../src/domain/gate/decision';
import type { Directory } from '../../src/domain/reviewers';
import { decisionText, type Where } from '../../src/domain/gate/signature';
import { verifies, verifyBatch } from '../../src/providers/reviewers/verify';
import { sign } from '../../src/signing';
import { testKey } from '../support/reviewer-keys';

const ANA = testKey(1);
const BO = testKey(2);
const NEXT = testKey(3);
const ZERO = Buffer.alloc(32).toString('base64');

const ROOT = { workflowId: 'refund-4711', firstRunId: 'run-1' };
const WHERE: Where = { deployment: 'here', root: ROOT, gate: 'main', level: 'HUMAN' };
const UNSIGNED: Decision = {
  v: 1,
  id: 'd1',
  digest: 'a'.repeat(64),
  shown: 'c'.repeat(64),
  verdict: 'edit',
  reviewer: 'ana',
  comment: 'less — 20 €',
  args: { order: 'A-4711', amount: 20 },
};
const directory: Directory = {
  people: [
    {
      name: 'ana',
      aliases: ['ana@example.com'],
      keys: [
        { id: 'k1', public: ANA.public },
        { id: 'k2', public: NEXT.public },
      ],
    },
    { name: 'bo', keys: [{ id: 'k1', public: BO.public }] },
    { name: 'weak', keys: [{ id: 'k1', public: ZERO }] },
  ],
};
const issued = new Date('2026-03-02T09:00:00.000Z');
const expires = new Date('2026-03-02T09:15:00.000Z');
const SIGNED = sign(UNSIGNED, WHERE, { keyId: 'k1', privateKeyPem: ANA.pem, issued, expires });
const SIGNATURE = SIGNED.signature!;

describe('a signature', () => {
  it('is good as it was made: after the wire, and again in a batch', () => {
    expect(verifies(directory, WHERE, SIGNED)).toBe(true);
    expect(verifies(directory, WHERE, JSON.parse(JSON.stringify(SIGNED)) as Decision)).toBe(true);
    const { args, v, ...rest } = SIGNED;
    expect(verifies(directory, { ...WHERE }, { args, ...rest, v })).toBe(true);
  });

  it('is good under an alias, where that is what was signed', () => {
    const aliased = sign({ ...UNSIGNED, reviewer: 'ana@example.com' }, WHERE, {
      keyId: 'k1',
      privateKeyPem: ANA.pem,
      issued,
      expires,
    });
    expect(verifies(directory, WHERE, aliased)).toBe(true);
    expect(verifies(directory, WHERE, { ...aliased, reviewer: 'ana' })).toBe(false);
  });

  it.each<[string, Partial<Where>]>([
    ['another deployment', { deployment: 'there' }],
    ['another workflow', { root: { ...ROOT, workflowId: 'refund-4712' } }],
    ['a later execution under the same id', { root: { ...ROOT, firstRunId: 'run-2' } }],
    ['another gate', { gate: 'undo' }],
    ['another level', { level: 'MANAGER' }],
    ['ids that only read alike together', { root: { workflowId: 'refund-471', firstRunId: '1run-1' } }],
  ])('is not good at %s', (_, where) => {
    expect(verifies(directory, { ...WHERE, ...where }, SIGNED)).toBe(false);
  });

  const flipped = Buffer.from(SIGNATURE.value, 'base64');
  flipped[63] = (flipped[63] ?? 0) ^ 1;
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar =
    BigInt(`0x${Buffer.from(SIGNATURE.value, 'base64').subarray(32).reverse().toString('hex')}`) + order;
  const second = Buffer.concat([
    Buffer.from(SIGNATURE.value, 'base64').subarray(0, 32),
    Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex').reverse(),
  ]);

  it.each<[string, Partial<Decision>]>([
    ['another id', { id: 'd2' }],
    ['another digest', { digest: 'b'.repeat(64) }],
    ['another hash of what was shown', { shown: 'b'.repeat(64) }],
    ['no hash of what was shown', { shown: undefined }],
    ['another verdict', { verdict: 'approve' }],
    ['other args', { args: { order: 'A-4711', amount: 2000 } }],
    ['args that say more', { args: { order: 'A-4711', amount: 20, to: 'eve' } }],
    ['a number told as text', { args: { order: 'A-4711', amount: '20' } }],
    ['another comment', { comment: 'less — 200 €' }],
    ['no comment', { comment: undefined }],
    ['a phrase that was not signed', { phrase: 'DELETE orders-eu' }],
    ['an answer that was not signed', { answer: null }],
    ['a delegate that was not signed', { to: 'eve' }],
    ['a time that was not signed', { until: '2026-03-03T00:00:00Z' }],
    ['another reviewer, who has a key of that id', { reviewer: 'bo' }],
    ['a reviewer whom nobody knows', { reviewer: 'eve' }],
    [
      'a reviewer with a weak key',
      { reviewer: 'weak', signature: { ...SIGNATURE, value: `${'A'.repeat(86)}==` } },
    ],
    ['a later issue', { signature: { ...SIGNATURE, issued: '2026-03-02T09:00:01.000Z' } }],
    ['a longer life', { signature: { ...SIGNATURE, expires: '2026-03-02T10:15:00.000Z' } }],
    ['the same instant in other words', { signature: { ...SIGNATURE, expires: '2026-03-02T09:15:00Z' } }],
    ['the id of another key of the same person', { signature: { ...SIGNATURE, key: 'k2' } }],
    ['the id of no key', { signature: { ...SIGNATURE, key: 'k3' } }],
    ['a value cut short', { signature: { ...SIGNATURE, value: SIGNATURE.value.slice(0, 40) } }],
    ['no value', { signature: { ...SIGNATURE, value: '' } }],
    ['zeros for a value', { signature: { ...SIGNATURE, value: `${'A'.repeat(86)}==` } }],
    ['one bit flipped', { signature: { ...SIGNATURE, value: flipped.toString('base64') } }],
    [
      'a second scalar that satisfies the equation, too',
      { signature: { ...SIGNATURE, value: second.toString('base64') } },
    ],
    ['no signature', { signature: undefined }],
  ])('is not good with %s', (_, change) => {
    expect(verifies(directory, WHERE, { ...SIGNED, ...change })).toBe(false);
  });

  it('is not good with another key of that name, nor without a directory', () => {
    const forged = sign(UNSIGNED, WHERE, { keyId: 'k1', privateKeyPem: BO.pem, issued, expires });
    expect(verifies(directory, WHERE, forged)).toBe(false);
    expect(verifies(undefined, WHERE, SIGNED)).toBe(false);
    expect(verifies({ people: [] }, WHERE, SIGNED)).toBe(false);
  });

  it('of what has no canonical form, or with a key that is none, is not good, and nothing is thrown', () => {
    const broken: Directory = { people: [{ name: 'ana', keys: [{ id: 'k1', public: 'x' }] }] };
    expect(verifies(broken, WHERE, SIGNED)).toBe(false);
    const odd = [
      { args: { a: Number.NaN } },
      { comment: '\ud83d' },
      { args: { a: () => 1 } },
    ] as unknown as Partial<Decision>[];
    expect(
      verifyBatch(
        directory,
        WHERE,
        odd.map((change) => ({ ...SIGNED, ...change })),
      ),
    ).toEqual(Array.from({ length: 3 }, () => ({ signature: false })));
  });

  it('in a batch: each gets its own answer, in order', () => {
    const bos = sign({ ...UNSIGNED, reviewer: 'bo' }, WHERE, {
      keyId: 'k1',
      privateKeyPem: BO.pem,
      issued,
      expires,
    });
    const next = sign(UNSIGNED, WHERE, { keyId: 'k2', privateKeyPem: NEXT.pem, issued, expires });
    expect(
      verifyBatch(directory, WHERE, [
        SIGNED,
        { ...SIGNED, verdict: 'reject' },
        bos,
        next,
        { ...bos, id: 'd9' },
      ]),
    ).toEqual([true, false, true, true, false].map((signature) => ({ signature })));
    expect(verifyBatch(directory, WHERE, [])).toEqual([]);
  });

  it('covers the very text that the domain says', () => {
    const { value, ...rest } = SIGNATURE;
    const text = Buffer.from(decisionText(WHERE, UNSIGNED, rest), 'utf8');
    expect(signBytes(null, text, ANA.key).toString('base64')).toBe(value);
  });
});
