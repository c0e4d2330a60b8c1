/** A vouch is good for one decision of one person at one place, as the door made it; any single change makes it none. */
import type { Decision } from '../../src/domain/gate/decision';
import type { Directory } from '../../src/domain/reviewers';
import type { Vouch, Where } from '../../src/domain/gate/signature';
import { genuine, verifies } from '../../src/providers/reviewers/verify';
import { sign, vouch } from '../../src/signing';
import { testKey } from '../support/reviewer-keys';

const ANA = testKey(1);
const WEB = testKey(2);
const OTHER = testKey(3);

const ROOT = { workflowId: 'refund-4711', firstRunId: 'run-1' };
const WHERE: Where = { deployment: 'here', root: ROOT, gate: 'main', level: 'HUMAN' };
const DECISION: Decision = {
  v: 1,
  id: 'd1',
  digest: 'a'.repeat(64),
  shown: 'c'.repeat(64),
  verdict: 'approve',
  reviewer: 'ana',
};
const directory: Directory = {
  people: [
    { name: 'ana', keys: [{ id: 'ana-1', public: ANA.public }] },
    { name: 'bo', keys: [{ id: 'web-1', public: OTHER.public }] },
  ],
  doors: [
    { name: 'web', methods: ['oidc'], keys: [{ id: 'web-1', public: WEB.public }] },
    { name: 'back', methods: ['oidc'], keys: [{ id: 'web-1', public: OTHER.public }] },
  ],
};
const WORDS: Omit<Vouch, 'value'> = {
  door: 'web',
  key: 'web-1',
  person: 'ana',
  method: 'oidc',
  issuer: 'https://id.example',
  subject: '4711',
  authTime: '2026-03-02T08:00:00.000Z',
  session: 'b'.repeat(64),
  issued: '2026-03-02T09:00:00.000Z',
  expires: '2026-03-02T09:05:00.000Z',
};
const VOUCHED = vouch(DECISION, WHERE, WORDS, WEB.pem);
const times = { issued: new Date(WORDS.issued), expires: new Date(WORDS.expires) };
const signed = (decision: Decision) =>
  sign(decision, WHERE, { keyId: 'ana-1', privateKeyPem: ANA.pem, ...times });

it('is good as it was made, alone and beside a signature, whichever came first', () => {
  expect(verifies(directory, WHERE, VOUCHED)).toBe(true);
  expect(verifies(directory, WHERE, JSON.parse(JSON.stringify(VOUCHED)) as Decision)).toBe(true);
  expect(genuine(directory, WHERE, VOUCHED)).toEqual({ vouch: true });
  for (const both of [signed(VOUCHED), vouch(signed(DECISION), WHERE, WORDS, WEB.pem)]) {
    expect(genuine(directory, WHERE, both)).toEqual({ signature: true, vouch: true });
    expect(verifies(directory, WHERE, both)).toBe(true);
  }
});

it.each<[string, Partial<Where>]>([
  ['another deployment', { deployment: 'there' }],
  ['another workflow', { root: { ...ROOT, workflowId: 'refund-4712' } }],
  ['a later execution under the same id', { root: { ...ROOT, firstRunId: 'run-2' } }],
  ['another gate', { gate: 'undo' }],
  ['another level', { level: 'MANAGER' }],
])('is not good at %s', (_, where) => {
  expect(verifies(directory, { ...WHERE, ...where }, VOUCHED)).toBe(false);
});

it.each<[string, Partial<Decision>]>([
  ['another id', { id: 'd2' }],
  ['another digest', { digest: 'b'.repeat(64) }],
  ['another hash of what was shown', { shown: 'd'.repeat(64) }],
  ['no hash of what was shown', { shown: undefined }],
  ['another verdict', { verdict: 'reject' }],
  ['another reviewer', { reviewer: 'bo' }],
  ['a comment', { comment: 'gladly' }],
  ...(
    [
      ['another person', { person: 'bo' }],
      ['another door, with a key of that id', { door: 'back' }],
      ['no such door', { door: 'front' }],
      ['another key', { key: 'web-2' }],
      ['another method', { method: 'saml' }],
      ['another issuer', { issuer: 'https://evil.example' }],
      ['another subject', { subject: '4712' }],
      ['a later authentication', { authTime: '2026-03-02T08:59:00.000Z' }],
      ['a strength that was not said', { acr: 'mfa' }],
      ['another session', { session: 'c'.repeat(64) }],
      ['a later issue', { issued: '2026-03-02T09:01:00.000Z' }],
      ['a longer life', { expires: '2026-03-02T09:06:00.000Z' }],
      ['zeros for a value', { value: `${'A'.repeat(86)}==` }],
    ] satisfies [string, Partial<Vouch>][]
  ).map(([said, change]): [string, Partial<Decision>] => [said, { vouch: { ...VOUCHED.vouch!, ...change } }]),
])('is not good with %s', (_, change) => {
  expect(verifies(directory, WHERE, { ...VOUCHED, ...change })).toBe(false);
});

it('each thing that stands there must hold: a signature does not make up for a vouch that is none, nor the other way round', () => {
  const both = signed(VOUCHED);
  const bad = { ...both, vouch: { ...VOUCHED.vouch!, value: `${'A'.repeat(86)}==` } };
  expect(genuine(directory, WHERE, bad)).toEqual({ signature: true, vouch: false });
  const worse = { ...both, signature: { ...both.signature!, value: `${'A'.repeat(86)}==` } };
  expect(genuine(directory, WHERE, worse)).toEqual({ signature: false, vouch: true });
  expect([bad, worse].map((one) => verifies(directory, WHERE, one))).toEqual([false, false]);
});

it('a door signs no decision, and a person vouches for nobody', () => {
  const asPerson = sign(DECISION, WHERE, { keyId: 'web-1', privateKeyPem: WEB.pem, ...times });
  expect(verifies(directory, WHERE, asPerson)).toBe(false);
  const asDoor = vouch(DECISION, WHERE, { ...WORDS, key: 'ana-1' }, ANA.pem);
  expect(verifies(directory, WHERE, asDoor)).toBe(false);
  // The very bytes of one are none of the other.
  const swapped = { ...DECISION, signature: { ...signed(DECISION).signature!, value: VOUCHED.vouch!.value } };
  expect(verifies(directory, WHERE, swapped)).toBe(false);
});

it.each([
  ['of more than five minutes', { expires: '2026-03-02T09:05:00.001Z' }],
  ['of no time', { expires: WORDS.issued }],
])('one %s is not made', (_, change) => {
  expect(() => vouch(DECISION, WHERE, { ...WORDS, ...change }, WEB.pem)).toThrow(RangeError);
});
