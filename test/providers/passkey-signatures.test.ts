/** A decision that a passkey has signed: good as it was made, at its place, with the key that the directory lists for this reviewer. */
import type { Decision } from '../../src/domain/gate/decision';
import type { PasskeyEntry } from '../../src/domain/passkey';
import type { Directory } from '../../src/domain/reviewers';
import {
  decisionText,
  gradeOf,
  signatureFault,
  type DecisionSignature,
  type Where,
} from '../../src/domain/gate/signature';
import { genuine, verifies } from '../../src/providers/reviewers/verify';
import { sign } from '../../src/signing';
import { ALGS, assertionOf, NAMES, testPasskey, type Bent, type Passkey } from '../support/passkey';
import { testKey } from '../support/reviewer-keys';

const FILE = testKey(1);
const WHERE: Where = {
  deployment: 'here',
  root: { workflowId: 'refund-4711', firstRunId: 'run-1' },
  gate: 'main',
  level: 'HUMAN',
};
const DECISION: Decision = {
  v: 1,
  id: 'd1',
  digest: 'a'.repeat(64),
  shown: 'c'.repeat(64),
  verdict: 'approve',
  reviewer: 'ana',
};
const ISSUED = Date.parse('2026-03-02T09:00:00.000Z');
const MINUTE = 60_000;
const iso = (at: number) => new Date(at).toISOString();

const among = (ana: PasskeyEntry, more: object = {}): Directory => ({
  people: [
    { name: 'ana', keys: [ana, { id: 'file', public: FILE.public }] },
    { name: 'bo', keys: [] },
  ],
  ...more,
});

/** As a page does it: the text is made, and its hash is what the passkey is asked to sign. */
function touched(passkey: Passkey, change: { life?: number; bent?: Bent; said?: Decision } = {}): Decision {
  const { life = 10 * MINUTE, bent, said = DECISION } = change;
  const times = { key: passkey.entry.id, issued: iso(ISSUED), expires: iso(ISSUED + life) };
  return {
    ...said,
    signature: { ...times, ...assertionOf(passkey, decisionText(WHERE, said, times), bent) },
  };
}

describe.each(ALGS.map((alg) => [NAMES[alg], testPasskey(alg)] as const))('%s', (_, passkey) => {
  const directory = among(passkey.entry);
  const signed = touched(passkey);

  it('is good as it was made, and after the wire', () => {
    expect(genuine(directory, WHERE, signed)).toEqual({ signature: true });
    expect(verifies(directory, WHERE, JSON.parse(JSON.stringify(signed)) as Decision)).toBe(true);
    const graded = gradeOf(directory, signed, { confirmation: 'VERIFY', risk: 'high' }, ISSUED);
    expect(graded).toEqual({ grade: 'signed' });
  });

  it.each<[string, Partial<Where>]>([
    ['another deployment', { deployment: 'there' }],
    ['another workflow', { root: { ...WHERE.root, workflowId: 'refund-4712' } }],
    ['a later execution under the same id', { root: { ...WHERE.root, firstRunId: 'run-2' } }],
    ['another gate', { gate: 'undo' }],
    ['another level', { level: 'MANAGER' }],
  ])('is not good at %s', (__, where) => {
    expect(verifies(directory, { ...WHERE, ...where }, signed)).toBe(false);
  });

  it.each<[string, Partial<Decision>]>([
    ['another digest', { digest: 'b'.repeat(64) }],
    ['another hash of what was shown', { shown: 'd'.repeat(64) }],
    ['another verdict', { verdict: 'reject' }],
    ['a comment', { comment: 'gladly' }],
    ['another reviewer', { reviewer: 'bo' }],
    ['a longer life', { signature: { ...signed.signature!, expires: iso(ISSUED + 11 * MINUTE) } }],
    ['the key of a file', { signature: { ...signed.signature!, key: 'file' } }],
  ])('is not good with %s', (__, change) => {
    expect(verifies(directory, WHERE, { ...signed, ...change })).toBe(false);
  });
});

const passkey = testPasskey(-7);
const directory = among(passkey.entry);
const faultOf = (decision: Decision, of = directory, at = ISSUED) => signatureFault(of, decision, at)?.code;

it.each([
  { said: 'ten minutes', life: 10 * MINUTE, code: undefined },
  { said: 'longer', life: 10 * MINUTE + 1, code: 'SIGNATURE_TIMES' },
])('a touch is good for $said: $code', ({ life, code }) => {
  expect(faultOf(touched(passkey, { life }))).toBe(code);
});

it('a key file beside it is good for a day', () => {
  const [issued, expires] = [new Date(ISSUED), new Date(ISSUED + 24 * 60 * MINUTE)];
  const signed = sign(DECISION, WHERE, { keyId: 'file', privateKeyPem: FILE.pem, issued, expires });
  expect(faultOf(signed)).toBeUndefined();
  expect(verifies(directory, WHERE, signed)).toBe(true);
});

it('what a passkey adds has no place beside a key file’s signature', () => {
  const [issued, expires] = [new Date(ISSUED), new Date(ISSUED + MINUTE)];
  const signed = sign(DECISION, WHERE, { keyId: 'file', privateKeyPem: FILE.pem, issued, expires });
  const { authenticatorData, clientDataJSON } = touched(passkey).signature!;
  const signature = { ...signed.signature!, authenticatorData, clientDataJSON } as DecisionSignature;
  expect(verifies(directory, WHERE, { ...signed, signature })).toBe(false);
});

it.each<[string, (signature: DecisionSignature) => Partial<DecisionSignature>]>([
  ['no authenticatorData', () => ({ authenticatorData: undefined })],
  ['no clientDataJSON', () => ({ clientDataJSON: undefined })],
  ['nothing of either', () => ({ authenticatorData: undefined, clientDataJSON: undefined })],
  ['zeros for a value', () => ({ value: `${'A'.repeat(86)}==` })],
])('with %s it is not good, and nothing is thrown', (_, change) => {
  const signed = touched(passkey);
  const signature = { ...signed.signature!, ...change(signed.signature!) };
  expect(verifies(directory, WHERE, { ...signed, signature })).toBe(false);
});

it.each<[string, Bent]>([
  ['asked for another text', { challenge: 'AAAA' }],
  ['on another origin', { origin: 'https://evil.example' }],
  ['inside another page', { more: ',"crossOrigin":true' }],
  ['without its owner verified', { flags: 0x01 }],
])('signed %s it is not good', (_, bent) => {
  expect(verifies(directory, WHERE, touched(passkey, { bent }))).toBe(false);
});

it.each([
  { synced: undefined, eligible: true, code: undefined },
  { synced: 'allow', eligible: true, code: undefined },
  { synced: 'refuse', eligible: true, code: 'KEY_NOT_VALID' },
  { synced: 'refuse', eligible: false, code: undefined },
])('where synced passkeys are to be $synced, one that may be synced ($eligible): $code', (row) => {
  const own = testPasskey(-7, { backupEligible: row.eligible });
  const of = among(own.entry, row.synced === undefined ? {} : { passkeys: { synced: row.synced } });
  expect(faultOf(touched(own), of)).toBe(row.code);
});

it('a revoked one, and one before or after its time, is no key', () => {
  const at = (more: Partial<PasskeyEntry>) => faultOf(touched(passkey), among({ ...passkey.entry, ...more }));
  expect([
    at({ revoked: iso(ISSUED) }),
    at({ until: iso(ISSUED) }),
    at({ from: iso(ISSUED + 1) }),
    at({ revoked: iso(ISSUED + 1), until: iso(ISSUED + 1), from: iso(ISSUED) }),
  ]).toEqual(['KEY_REVOKED', 'KEY_NOT_VALID', 'KEY_NOT_VALID', undefined]);
});
