/** What a front door's vouch covers, to the byte; every way in which it is not good; and how surely a decision's sender is known by it. */
import fc from 'fast-check';
import type { Occasion } from '../../src/domain/confirmation';
import type { Decision } from '../../src/domain/gate/decision';
import { canonical } from '../../src/domain/digest';
import { Directory } from '../../src/domain/reviewers';
import {
  canProve,
  decisionText,
  forgery,
  gradeOf,
  isToBeVerified,
  Vouch,
  vouchFault,
  vouchText,
  type DecisionSignature,
  type Proven,
  type Where,
} from '../../src/domain/gate/signature';
import { HOUR, keyOf, OPENED, ROOT } from './given';

const SEED = 20_260_302;
const MINUTE = 60_000;
const iso = (at: number) => new Date(at).toISOString();
const WHERE: Where = { deployment: 'here', root: ROOT, gate: 'main', level: 'HUMAN' };
const VALUE = `${'A'.repeat(86)}==`;
const VOUCH: Vouch = {
  door: 'web',
  key: 'web-1',
  person: 'ana',
  method: 'oidc',
  issuer: 'https://id.example',
  subject: '4711',
  authTime: iso(OPENED - HOUR),
  acr: 'mfa',
  session: 'b'.repeat(64),
  issued: iso(OPENED),
  expires: iso(OPENED + 5 * MINUTE),
  value: VALUE,
};
const SIGNATURE: DecisionSignature = {
  key: 'ana-1',
  issued: iso(OPENED),
  expires: iso(OPENED + 15 * MINUTE),
  value: VALUE,
};
const DECISION: Decision = { v: 1, id: 'd1', digest: 'a'.repeat(64), verdict: 'approve', reviewer: 'ana' };

const key = (name: string, more: object = {}) => ({ id: `${name}-1`, public: keyOf(name).public, ...more });
const PEOPLE = [
  {
    name: 'ana',
    aliases: ['ana@example.com'],
    roles: ['security'],
    identities: [{ method: 'oidc', issuer: 'https://id.example', subject: '4711' }],
  },
  {
    name: 'bo',
    identities: [
      { method: 'oidc', issuer: 'https://id.example', subject: '4712' },
      { method: 'token', issuer: 'countersign', subject: 'person:bo' },
    ],
  },
];
const DOOR = {
  name: 'web',
  methods: ['oidc'],
  keys: [key('web'), key('next', { from: iso(OPENED + HOUR) })],
};
/** People without keys, and one door. */
const DOORS = Directory.parse({ people: PEOPLE, doors: [DOOR] });
/** The same, and ana holds a key. */
const BOTH = Directory.parse({
  people: [{ ...PEOPLE[0], keys: [key('ana')] }, PEOPLE[1]],
  doors: [DOOR],
});
const CONFIRM: Occasion = { confirmation: 'CONFIRM', risk: 'medium' };

describe('the text that a door signs', () => {
  it('is this one, for good: keys are kept that have signed it', () => {
    expect(vouchText(WHERE, DECISION, VOUCH)).toBe(
      `countersign/vouch/1\n{"acr":"mfa","authTime":"2026-03-02T08:00:00.000Z","decision":{"digest":"${'a'.repeat(64)}","id":"d1",` +
        '"reviewer":"ana","v":1,"verdict":"approve"},"deployment":"here","door":"web","expires":"2026-03-02T09:05:00.000Z",' +
        '"gate":"main","issued":"2026-03-02T09:00:00.000Z","issuer":"https://id.example","level":"HUMAN","method":"oidc",' +
        `"person":"ana","root":{"firstRunId":"run-1","workflowId":"refund-4711"},"session":"${'b'.repeat(64)}","signer":"web-1",` +
        '"subject":"4711"}',
    );
  });

  it('has nothing of what stands on the decision already', () => {
    const text = vouchText(WHERE, DECISION, VOUCH);
    expect(vouchText(WHERE, { ...DECISION, signature: SIGNATURE, vouch: VOUCH }, VOUCH)).toBe(text);
  });

  it('is never that of a signature, whatever is in it', () => {
    const { key: signer, issued, expires } = VOUCH;
    expect(vouchText(WHERE, DECISION, VOUCH).split('\n')[0]).toBe('countersign/vouch/1');
    expect(decisionText(WHERE, DECISION, { key: signer, issued, expires }).split('\n')[0]).toBe(
      'countersign/decision/1',
    );
  });

  it('is another one with any field changed', () => {
    const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
    const { value: _, ...words } = VOUCH;
    const names = Object.keys(words) as (keyof typeof words)[];
    type Arbitraries = Record<keyof typeof words, fc.Arbitrary<string>>;
    const fields = fc.record(Object.fromEntries(names.map((name) => [name, text])) as Arbitraries);
    const changed = new Set<string>();
    fc.assert(
      fc.property(fields, fields, fc.constantFrom(...names), (one, other, name) => {
        fc.pre(canonical(one[name]) !== canonical(other[name]));
        changed.add(name);
        const first = vouchText(WHERE, DECISION, one);
        return vouchText(WHERE, DECISION, { ...one, [name]: other[name] }) !== first;
      }),
      { seed: SEED, numRuns: 2_000 },
    );
    expect([...changed].sort()).toEqual([...names].sort());
    expect(vouchText(WHERE, DECISION, { ...words, acr: undefined })).not.toContain('acr');
  });
});

it.each<[string, object, boolean]>([
  ['a whole one', {}, true],
  ['one without the strength of it', { acr: undefined }, true],
  ['one of no door', { door: '' }, false],
  ['one of no person', { person: undefined }, false],
  ['one of no subject', { subject: '' }, false],
  ['one whose session is no hash', { session: 'secret' }, false],
  ['one with a day for an instant', { authTime: '2026-03-02' }, false],
  ['one cut short', { value: 'AAAA' }, false],
  ['one that says more', { trust: true }, false],
])('a vouch is %s', (_, change, good) => {
  expect(Vouch.safeParse({ ...VOUCH, ...change }).success).toBe(good);
});

const sent = (change: Partial<Vouch> = {}, reviewer = 'ana'): Proven => ({
  reviewer,
  vouch: { ...VOUCH, ...change },
});
const lived = (issued: number, expires: number, more: Partial<Vouch> = {}) =>
  sent({ issued: iso(OPENED + issued), expires: iso(OPENED + expires), ...more });

describe('vouchFault', () => {
  it.each<[string, Proven, number, string | undefined]>([
    ['a good one', sent(), 0, undefined],
    ['for somebody under an alias', sent({}, 'ana@example.com'), 0, undefined],
    ['none at all', { reviewer: 'ana' }, 0, 'UNAUTHENTICATED'],
    ['for somebody else', sent({}, 'bo'), 0, 'NOT_YOU'],
    ['for an alias', sent({ person: 'ana@example.com' }), 0, 'NOT_YOU'],
    ['for a stranger', sent({ person: 'eve' }, 'eve'), 0, 'NOT_YOU'],
    ["by another person's subject", sent({ subject: '4712' }), 0, 'UNKNOWN_IDENTITY'],
    ['by a subject that only reads alike', sent({ subject: '4711 ' }), 0, 'UNKNOWN_IDENTITY'],
    ['of another issuer', sent({ issuer: 'https://id.example/' }), 0, 'UNKNOWN_IDENTITY'],
    ['by an address that is an alias', sent({ subject: 'ana@example.com' }), 0, 'UNKNOWN_IDENTITY'],
    ['by another method', sent({ method: 'saml' }), 0, 'UNKNOWN_IDENTITY'],
    [
      'by a method of hers that the door may not use',
      sent({ person: 'bo', method: 'token', issuer: 'countersign', subject: 'person:bo' }, 'bo'),
      0,
      'DOOR_NOT_ALLOWED',
    ],
    ['of a door that nobody lists', sent({ door: 'back' }), 0, 'UNKNOWN_DOOR'],
    ['with a key that the door has not', sent({ key: 'ana-1' }), 0, 'UNKNOWN_DOOR'],
    ['with a key before its time', lived(0, MINUTE, { key: 'next-1' }), 0, 'KEY_NOT_VALID'],
    ['in its last millisecond', sent(), 5 * MINUTE - 1, undefined],
    ['as it expires', sent(), 5 * MINUTE, 'SIGNATURE_EXPIRED'],
    ['good for longer than five minutes', lived(0, 5 * MINUTE + 1), 0, 'SIGNATURE_TIMES'],
    ['good for no time', lived(0, 0), 0, 'SIGNATURE_TIMES'],
    ['from the future, as far as clocks may be apart', lived(5 * MINUTE, 9 * MINUTE), 0, undefined],
    ['from further in the future', lived(5 * MINUTE + 1, 9 * MINUTE), 0, 'SIGNATURE_TIMES'],
    [
      'of an authentication that is yet to come',
      sent({ authTime: iso(OPENED + HOUR) }),
      0,
      'SIGNATURE_TIMES',
    ],
    ['with times that are none', sent({ issued: 'now', expires: 'then' }), 0, 'SIGNATURE_TIMES'],
    ['of an authentication at no time', sent({ authTime: 'once' }), 0, 'SIGNATURE_TIMES'],
  ])('%s', (_, decision, after, code) => {
    const found = vouchFault(DOORS, decision, CONFIRM, OPENED + after);
    expect(found?.code).toBe(code);
    expect(found?.message ?? 'good').not.toMatch(/undefined|NaN/);
  });

  it('is everything without a directory', () => {
    expect(vouchFault(undefined, sent(), CONFIRM, OPENED)?.code).toBe('NOT_YOU');
  });

  it.each<[string, object, Occasion, string | undefined]>([
    ['a revoked key', { keys: [key('web', { revoked: iso(OPENED) })] }, CONFIRM, 'KEY_REVOKED'],
    ['a door up to INFO', { upTo: 'INFO' }, CONFIRM, 'DOOR_NOT_ALLOWED'],
    ['a door for low risk', { risks: ['low'] }, CONFIRM, 'DOOR_NOT_ALLOWED'],
    ['a door for those in a role of hers', { roles: ['security'] }, CONFIRM, undefined],
    ['a door for those in another role', { roles: ['qa'] }, CONFIRM, 'DOOR_NOT_ALLOWED'],
    ['any door where nobody holds keys', {}, { confirmation: 'VERIFY', risk: 'high' }, undefined],
  ])('%s', (_, change, occasion, code) => {
    const directory = Directory.parse({ people: PEOPLE, doors: [{ ...DOOR, ...change }] });
    expect(vouchFault(directory, sent(), occasion, OPENED)?.code).toBe(code);
  });
});

describe('gradeOf', () => {
  const signature = (change: Partial<DecisionSignature> = {}) => ({ signature: { ...SIGNATURE, ...change } });
  const graded = (directory: Directory | undefined, decision: Proven, occasion = CONFIRM) => {
    const found = gradeOf(directory, decision, occasion, OPENED);
    return 'grade' in found ? found.grade : found.fault.code;
  };

  it.each<[string, Directory | undefined, Proven, string]>([
    ['nothing stands on it', BOTH, { reviewer: 'ana' }, 'open'],
    ['a signature', BOTH, { reviewer: 'ana', ...signature() }, 'signed'],
    ['a vouch', BOTH, sent(), 'vouched'],
    ['both', BOTH, { ...sent(), ...signature() }, 'signed'],
    ['a good vouch and a bad signature', BOTH, { ...sent(), ...signature({ key: 'x' }) }, 'UNKNOWN_KEY'],
    ['a good signature and a bad vouch', BOTH, { ...sent({ door: 'back' }), ...signature() }, 'UNKNOWN_DOOR'],
    ['a signature where only doors are listed', DOORS, { reviewer: 'ana', ...signature() }, 'UNKNOWN_KEY'],
    ['both, without a directory', undefined, { ...sent(), ...signature() }, 'open'],
    [
      'both, with a directory that proves nobody',
      Directory.parse({ people: PEOPLE }),
      { ...sent(), ...signature() },
      'open',
    ],
  ])('%s', (_, directory, decision, grade) => {
    expect(graded(directory, decision)).toBe(grade);
  });

  it('a vouch is good for as much as the door may vouch for', () => {
    const verify: Occasion = { confirmation: 'VERIFY', risk: 'low' };
    expect(graded(BOTH, sent(), verify)).toBe('DOOR_NOT_ALLOWED');
    expect(graded(BOTH, { ...sent(), ...signature() }, verify)).toBe('DOOR_NOT_ALLOWED');
    expect(graded(BOTH, { reviewer: 'ana', ...signature() }, verify)).toBe('signed');
    expect(graded(DOORS, sent(), verify)).toBe('vouched');
  });

  it('what stands on a decision is verified where somebody could be proven by it', () => {
    expect([undefined, Directory.parse({ people: PEOPLE }), DOORS, BOTH].map(canProve)).toEqual([
      ...[false, false, true, true],
    ]);
    expect(isToBeVerified(BOTH, { reviewer: 'ana' })).toBe(false);
    expect(isToBeVerified(BOTH, sent())).toBe(true);
    expect(isToBeVerified(DOORS, { reviewer: 'ana', ...signature() })).toBe(true);
    expect(isToBeVerified(undefined, sent())).toBe(false);
  });

  it.each<[string, Proven, object | undefined, string | undefined]>([
    ['all of it', { ...sent(), ...signature() }, { signature: true, vouch: true }, undefined],
    ['nothing, of which nothing was to be verified', { reviewer: 'ana' }, {}, undefined],
    ['the vouch alone', { ...sent(), ...signature() }, { signature: false, vouch: true }, 'BAD_SIGNATURE'],
    ['the signature alone', { ...sent(), ...signature() }, { signature: true, vouch: false }, 'BAD_VOUCH'],
    ['nothing was found out of the vouch', sent(), { signature: true }, 'BAD_VOUCH'],
    ['nothing was found out of the signature', { reviewer: 'ana', ...signature() }, {}, 'BAD_SIGNATURE'],
    ['there is no answer', sent(), undefined, 'BAD_VOUCH'],
  ])('a forgery is what does not verify: %s does', (_, decision, found, code) => {
    expect(forgery(decision, found)?.code).toBe(code);
  });
});
