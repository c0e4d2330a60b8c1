/**
 * The least that a worker's files ask: a row for each directory, a grid for what it asks at each confirmation and risk, and what a
 * caller may bring above it.
 */
import fc from 'fast-check';
import type { z } from 'zod';
import { CONFIRMATIONS, Risk, type ConfirmationLevel } from '../../src/domain/confirmation';
import { floored, floorOf, raised, tooWeak } from '../../src/domain/floor';
import { GRADES, isAtLeast, type Grade } from '../../src/domain/grade';
import { Policy } from '../../src/domain/policy';
import { anyDoor, Directory, doorVouches, hasDoors, holdsKeys } from '../../src/domain/reviewers';
import { testKey } from '../support/reviewer-keys';

const RISKS = Risk.options;
const SEED = 20_261_130;
const ANA = testKey(1).public;
const PAGE = testKey(9).public;

type DoorInput = Omit<NonNullable<z.input<typeof Directory>['doors']>[number], 'name' | 'keys' | 'methods'>;

function directory(keys: boolean, door?: DoorInput): Directory {
  return Directory.parse({
    people: [
      {
        name: 'ana',
        roles: ['oncall'],
        ...(keys ? { keys: [{ id: 'a1', public: ANA }] } : {}),
      },
      { name: 'bo', aliases: ['bo@example.com'] },
    ],
    ...(door === undefined
      ? {}
      : {
          doors: [{ name: 'page', methods: ['oidc'], keys: [{ id: 'p1', public: PAGE }], ...door }],
        }),
  });
}

/** Of each confirmation a word, of each risk a letter: open, vouched, signed; or yes and no. */
function grid(letter: (confirmation: ConfirmationLevel, risk: Risk) => string): string {
  return CONFIRMATIONS.map((one) => RISKS.map((risk) => letter(one, risk)[0]).join('')).join(' ');
}

interface Row {
  readonly keys: boolean;
  /** Undefined: there is no door. */
  readonly door?: DoorInput;
  /** INFO, CONFIRM, VERIFY; in each: low, medium, high. */
  readonly floor: string;
  /** Whether the door may say that bo has decided. */
  readonly vouches: string;
}

const NOBODY = 'nnn nnn nnn';
const ALWAYS = 'yyy yyy yyy';
const rows: Row[] = [
  { keys: false, floor: 'ooo ooo ooo', vouches: NOBODY },
  { keys: true, floor: 'sss sss sss', vouches: NOBODY },
  { keys: false, door: {}, floor: 'vvv vvv vvv', vouches: ALWAYS },
  { keys: false, door: { risks: ['low'] }, floor: 'vvv vvv vvv', vouches: 'ynn ynn ynn' },
  { keys: false, door: { risks: ['medium', 'high'] }, floor: 'vvv vvv vvv', vouches: 'nyy nyy nyy' },
  { keys: false, door: { upTo: 'INFO' }, floor: 'vvv vvv vvv', vouches: 'yyy nnn nnn' },
  { keys: false, door: { upTo: 'INFO', risks: ['low'] }, floor: 'vvv vvv vvv', vouches: 'ynn nnn nnn' },
  {
    keys: false,
    door: { upTo: 'INFO', risks: ['medium', 'high'] },
    floor: 'vvv vvv vvv',
    vouches: 'nyy nnn nnn',
  },
  { keys: false, door: { upTo: 'CONFIRM' }, floor: 'vvv vvv vvv', vouches: 'yyy yyy nnn' },
  { keys: false, door: { upTo: 'CONFIRM', risks: ['low'] }, floor: 'vvv vvv vvv', vouches: 'ynn ynn nnn' },
  {
    keys: false,
    door: { upTo: 'CONFIRM', risks: ['medium', 'high'] },
    floor: 'vvv vvv vvv',
    vouches: 'nyy nyy nnn',
  },
  { keys: false, door: { upTo: 'VERIFY' }, floor: 'vvv vvv vvv', vouches: ALWAYS },
  { keys: false, door: { upTo: 'VERIFY', risks: ['low'] }, floor: 'vvv vvv vvv', vouches: 'ynn ynn ynn' },
  {
    keys: false,
    door: { upTo: 'VERIFY', risks: ['medium', 'high'] },
    floor: 'vvv vvv vvv',
    vouches: 'nyy nyy nyy',
  },
  { keys: true, door: {}, floor: 'vvs vvs sss', vouches: 'yyn yyn nnn' },
  { keys: true, door: { risks: ['low'] }, floor: 'vss vss sss', vouches: 'ynn ynn nnn' },
  { keys: true, door: { risks: ['medium', 'high'] }, floor: 'svs svs sss', vouches: 'nyn nyn nnn' },
  { keys: true, door: { upTo: 'INFO' }, floor: 'vvs sss sss', vouches: 'yyn nnn nnn' },
  { keys: true, door: { upTo: 'INFO', risks: ['low'] }, floor: 'vss sss sss', vouches: 'ynn nnn nnn' },
  {
    keys: true,
    door: { upTo: 'INFO', risks: ['medium', 'high'] },
    floor: 'svs sss sss',
    vouches: 'nyn nnn nnn',
  },
  { keys: true, door: { upTo: 'CONFIRM' }, floor: 'vvs vvs sss', vouches: 'yyn yyn nnn' },
  { keys: true, door: { upTo: 'CONFIRM', risks: ['low'] }, floor: 'vss vss sss', vouches: 'ynn ynn nnn' },
  {
    keys: true,
    door: { upTo: 'CONFIRM', risks: ['medium', 'high'] },
    floor: 'svs svs sss',
    vouches: 'nyn nyn nnn',
  },
  { keys: true, door: { upTo: 'VERIFY' }, floor: 'vvs vvs sss', vouches: 'yyn yyn nnn' },
  { keys: true, door: { upTo: 'VERIFY', risks: ['low'] }, floor: 'vss vss sss', vouches: 'ynn ynn nnn' },
  {
    keys: true,
    door: { upTo: 'VERIFY', risks: ['medium', 'high'] },
    floor: 'svs svs sss',
    vouches: 'nyn nyn nnn',
  },
];
const named = rows.map((row) => ({
  ...row,
  said: `${row.keys ? 'keys' : 'no keys'}, ${row.door === undefined ? 'no door' : `a door ${JSON.stringify(row.door)}`}`,
}));

it.each(named)('$said', ({ keys, door, floor, vouches }) => {
  const found = directory(keys, door);
  expect({ keys: holdsKeys(found), doors: hasDoors(found) }).toEqual({ keys, doors: door !== undefined });
  expect(grid((confirmation, risk) => floorOf(found, { confirmation, risk }))).toBe(floor);
  const says = (confirmation: ConfirmationLevel, risk: Risk) =>
    doorVouches(found, 'page', { person: 'bo', method: 'oidc', confirmation, risk }) ? 'yes' : 'no';
  expect(grid(says)).toBe(vouches);
});

it('without a directory names are believed', () => {
  expect(grid((confirmation, risk) => floorOf(undefined, { confirmation, risk }))).toBe('ooo ooo ooo');
});

it('keys that are all revoked lower nothing', () => {
  const revoked = { id: 'a1', public: ANA, revoked: '2026-01-01T00:00:00Z' };
  const found = Directory.parse({ people: [{ name: 'ana', keys: [revoked] }] });
  expect(floorOf(found, { confirmation: 'CONFIRM', risk: 'low' })).toBe('signed');
});

it.each([
  { said: 'as it is listed', vouches: true },
  { said: 'another door', door: 'api', vouches: false },
  { said: 'another method', method: 'token', vouches: false },
  { said: 'somebody else', person: 'cy', vouches: false },
  { said: 'somebody without the role', person: 'bo', vouches: false },
  { said: 'an alias, which is no identity', person: 'ana@example.com', vouches: false },
  { said: 'more than it may', confirmation: 'VERIFY' as const, vouches: false },
  { said: 'more risk than it may', risk: 'high' as const, vouches: false },
])('$said: $vouches', ({ door = 'page', vouches, said: _, ...given }) => {
  const asked = { person: 'ana', method: 'oidc', confirmation: 'CONFIRM', risk: 'low', ...given } as const;
  const found = Directory.parse({
    people: [{ name: 'ana', aliases: ['ana@example.com'], roles: ['oncall'] }, { name: 'bo' }],
    doors: [
      {
        name: 'page',
        methods: ['oidc', 'saml'],
        keys: [{ id: 'p1', public: PAGE }],
        upTo: 'CONFIRM',
        risks: ['low', 'medium'],
        roles: ['dba', 'oncall'],
      },
    ],
  });
  expect(doorVouches(found, door, asked)).toBe(vouches);
  expect(doorVouches(undefined, door, asked)).toBe(false);
});

type Input = z.input<typeof Policy>;
const asks = (rest: Partial<Input> = {}, level: Partial<Input['levels'][number]> = {}): Policy =>
  Policy.parse({
    confirmation: 'CONFIRM',
    levels: [
      { name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '4 hours' },
      { name: 'BOSS', approvers: { people: ['bo'] }, respondWithin: '4 hours', ...level },
    ],
    ...rest,
  });

const INFO =
  'policy.confirmation: INFO lets an effect happen unasked, where the rules of COUNTERSIGN_POLICY do not say so; say CONFIRM or VERIFY';
const silent = (at: string) =>
  `policy.${at}: approve takes silence for consent, where the rules of COUNTERSIGN_POLICY do not say so; say escalate or expire`;
const under = (authentication: Grade, floor: Grade) =>
  `policy.authentication: ${authentication} is less than ${floor}, which the reviewers directory asks; leave it out`;

describe('a policy of a caller, without rules', () => {
  it.each<{
    said: string;
    policy: Policy;
    effect?: boolean;
    open?: string;
    vouched?: string;
    signed?: string;
  }>([
    { said: 'two levels', policy: asks() },
    { said: 'VERIFY', policy: asks({ confirmation: 'VERIFY' }) },
    {
      said: 'silence that passes it up, or ends it',
      policy: asks({ onSilence: 'expire' }, { onSilence: 'escalate' }),
    },
    { said: 'signed', policy: asks({ authentication: 'signed' }) },
    { said: 'INFO of an effect', policy: asks({ confirmation: 'INFO' }), vouched: INFO, signed: INFO },
    { said: 'INFO without one', policy: asks({ confirmation: 'INFO' }), effect: false },
    {
      said: 'consent by silence',
      policy: asks({ onSilence: 'approve' }),
      vouched: silent('onSilence'),
      signed: silent('onSilence'),
    },
    {
      said: 'consent by silence at one level, without an effect',
      policy: asks({}, { onSilence: 'approve' }),
      effect: false,
      vouched: silent('levels[1].onSilence'),
      signed: silent('levels[1].onSilence'),
    },
    {
      said: 'open',
      policy: asks({ authentication: 'open' }),
      vouched: under('open', 'vouched'),
      signed: under('open', 'signed'),
    },
    { said: 'vouched', policy: asks({ authentication: 'vouched' }), signed: under('vouched', 'signed') },
    {
      said: 'all of it',
      policy: asks({ confirmation: 'INFO', onSilence: 'approve', authentication: 'open' }),
      vouched: [INFO, silent('onSilence'), under('open', 'vouched')].join('; '),
      signed: [INFO, silent('onSilence'), under('open', 'signed')].join('; '),
    },
  ])('$said', ({ policy, effect = true, open, vouched, signed }) => {
    expect(GRADES.map((floor) => tooWeak(policy, floor, { effect }))).toEqual([open, vouched, signed]);
  });
});

it.each<[Grade | undefined, Grade, Grade]>([
  [undefined, 'open', 'open'],
  [undefined, 'vouched', 'vouched'],
  [undefined, 'signed', 'signed'],
  ['open', 'open', 'open'],
  ['open', 'vouched', 'vouched'],
  ['open', 'signed', 'signed'],
  ['vouched', 'open', 'vouched'],
  ['vouched', 'vouched', 'vouched'],
  ['vouched', 'signed', 'signed'],
  ['signed', 'open', 'signed'],
  ['signed', 'vouched', 'signed'],
  ['signed', 'signed', 'signed'],
])('%s on the floor %s is %s, and nothing else changes', (authentication, floor, is) => {
  const policy = asks(authentication === undefined ? {} : { authentication });
  expect(raised(policy, floor)).toEqual({ ...policy, authentication: is });
});

const someDoor = fc.record(
  {
    upTo: fc.constantFrom(...CONFIRMATIONS),
    risks: fc.uniqueArray(fc.constantFrom(...RISKS), { minLength: 1 }),
    roles: fc.uniqueArray(fc.constantFrom('oncall', 'dba'), { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const somewhere = fc.record({
  keys: fc.boolean(),
  door: fc.option(someDoor, { nil: undefined }),
  confirmation: fc.constantFrom(...CONFIRMATIONS),
  risk: fc.constantFrom(...RISKS),
});

it('at random: whom nobody vouches for signs, and a key that is added lowers nothing', () => {
  fc.assert(
    fc.property(somewhere, ({ keys, door, confirmation, risk }) => {
      const [without, withKeys] = [directory(false, door), directory(true, door)];
      const occasion = { confirmation, risk };
      expect(isAtLeast(floorOf(withKeys, occasion), floorOf(without, occasion))).toBe(true);
      const found = keys ? withKeys : without;
      for (const person of ['ana', 'bo'])
        if (doorVouches(found, 'page', { person, method: 'oidc', ...occasion })) {
          expect(anyDoor(found, occasion)).toBe(true);
          expect(floorOf(found, occasion)).toBe('vouched');
        }
      if (keys && (confirmation === 'VERIFY' || risk === 'high'))
        expect(floorOf(found, occasion)).toBe('signed');
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});

const somePolicy = fc
  .record({
    confirmation: fc.constantFrom(...CONFIRMATIONS),
    onSilence: fc.constantFrom('escalate', 'expire', 'approve'),
    level: fc.constantFrom('escalate', 'expire', 'approve', undefined),
    authentication: fc.constantFrom(...GRADES, undefined),
  })
  .map(({ confirmation, onSilence, level, authentication }) =>
    asks(
      { confirmation, onSilence, ...(authentication === undefined ? {} : { authentication }) },
      level === undefined ? {} : { onSilence: level },
    ),
  );

it('at random: what comes of a policy is never under the floor, nor by silence or unasked where no rule says so', () => {
  fc.assert(
    fc.property(somePolicy, somewhere, fc.boolean(), fc.boolean(), (policy, one, effect, ruled) => {
      const { keys, door, risk } = one;
      const found = directory(keys, door);
      const met = floored(policy, { directory: found, risk, effect, ruled });
      const floor = floorOf(found, { confirmation: policy.confirmation, risk });
      if (ruled || floor === 'open') expect(met.ok).toBe(true);
      if (!met.ok) return;
      expect({ ...met.policy, authentication: undefined }).toEqual({ ...policy, authentication: undefined });
      expect(isAtLeast(met.policy.authentication!, floor)).toBe(true);
      if (ruled || floor === 'open') return;
      expect(effect && met.policy.confirmation === 'INFO').toBe(false);
      expect([policy.onSilence, ...policy.levels.map(({ onSilence }) => onSilence)]).not.toContain('approve');
    }),
    { seed: SEED, numRuns: 2_000 },
  );
});
