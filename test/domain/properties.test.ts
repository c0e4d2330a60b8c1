/**
 * Whatever is said at one level of names alone, by whomever, in whatever order; and whatever is sent in place of a decision. Each is
 * generated so that a failure shrinks to its core; levels, roles, delegation and keys are for the million of fuzz.test.ts.
 */
import fc from 'fast-check';
import { parseDecision, type Decision } from '../../src/domain/gate/decision';
import { admit } from '../../src/domain/gate/admit';
import {
  startExecuting,
  cancel as callOff,
  decide,
  expire,
  receiptFor,
  refuse,
  repropose,
  closeAfterApproval,
  type Gate,
  type ProposingGate,
} from '../../src/domain/gate';
import { guard, LIMITS } from '../../src/domain/json';
import { packetOf } from '../../src/domain/packet';
import { ALL_VERDICTS } from '../../src/domain/verdicts';
import { parseStart } from '../../src/domain/start';
import { unproposed } from '../../src/domain/gate/no-proposal';
import { DEADLINE, HOUR, OPENED, UNKNOWN_DIGEST, assessed, found, open, policy, proposal } from './given';

const SEED = 20_260_302;
const STEPS = 60;
const RUNS = 1_200;
const PEOPLE = ['ana', 'bo', 'cy', 'req', 'eve', '*'];

interface Step {
  readonly what: 'say' | 'expire' | 'cancel' | 'begin' | 'settle' | 'repropose' | 'fail';
  readonly who: string;
  readonly verdict: Decision['verdict'];
  readonly read: 'this' | 'older' | 'unknown';
  readonly id: number | undefined;
  readonly comment: boolean;
  readonly args: number | undefined;
  readonly extra: 'phrase' | 'answer' | 'to' | undefined;
  readonly at: number;
}

const often = <T>(usual: T, ...seldom: fc.WeightedArbitrary<T>[]) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, ...seldom);

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(
    { weight: 400, arbitrary: fc.constant('say' as const) },
    {
      weight: 4,
      arbitrary: fc.constantFrom('expire' as const, 'cancel' as const),
    },
    { weight: 12, arbitrary: fc.constantFrom('begin' as const, 'settle' as const) },
    { weight: 40, arbitrary: fc.constantFrom('repropose' as const, 'fail' as const) },
  ),
  who: fc.constantFrom(...PEOPLE),
  verdict: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('approve' as const, 'edit' as const, 'comment' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...ALL_VERDICTS) },
    { weight: 1, arbitrary: fc.constantFrom('revise' as const, 'reject' as const, 'respond' as const) },
  ),
  read: often<Step['read']>('this', {
    weight: 2,
    arbitrary: fc.constantFrom('older' as const, 'unknown' as const),
  }),
  id: often<number | undefined>(undefined, { weight: 2, arbitrary: fc.nat(20) }),
  comment: fc.boolean(),
  args: fc.option(fc.nat(3), { nil: undefined }),
  extra: often<Step['extra']>(undefined, {
    weight: 1,
    arbitrary: fc.constantFrom('phrase' as const, 'answer' as const, 'to' as const),
  }),
  at: often(OPENED, { weight: 1, arbitrary: fc.constantFrom(DEADLINE - 1, DEADLINE, DEADLINE + HOUR) }),
});

const policies = fc.record({
  quorum: fc.integer({ min: 1, max: 3 }),
  rejections: fc.integer({ min: 1, max: 3 }),
  people: fc.constantFrom<string[]>(['ana', 'bo', 'cy'], ['ana', 'bo', 'cy', 'req'], ['*']),
});

function decisionOf(gate: Gate, said: Step, nth: number): Decision {
  const older = gate.revisions[0]?.digest ?? gate.digest;
  const digest = { this: gate.digest, older, unknown: UNKNOWN_DIGEST }[said.read];
  const needed = said.verdict === 'edit' ? (said.args ?? 0) : said.args === 0 ? 0 : undefined;
  return {
    v: 1,
    id: said.id === undefined ? `new-${nth}` : `d${said.id}`,
    digest,
    verdict: said.verdict,
    reviewer: said.who,
    ...(said.comment ? { comment: 'because' } : {}),
    ...(needed === undefined ? {} : { args: { amount: needed } }),
    // Nobody can delegate to the requester: here every voice has one name.
    ...(said.extra === undefined ? {} : { [said.extra]: said.extra === 'to' ? 'req' : 'x' }),
  };
}

/** One step, as the workflow takes it; nothing in it may throw. */
function take(gate: Gate, said: Step, nth: number): { gate: Gate; counted?: Decision; refused?: string } {
  if (said.what === 'expire') return { gate: expire(gate, said.at) };
  if (said.what === 'cancel') return { gate: callOff(gate, 'called off') };
  if (said.what === 'begin') return { gate: gate.status === 'approved' ? startExecuting(gate) : gate };
  if (said.what === 'settle')
    return { gate: gate.status === 'executing' ? closeAfterApproval(gate, 'executed') : gate };
  if (said.what === 'repropose' || said.what === 'fail')
    return { gate: gate.status === 'proposing' ? reproposed(gate, said, nth) : gate };
  const decision = decisionOf(gate, said, nth);
  const repeat = receiptFor(gate, decision.id).status !== 'unknown';
  const refused = admit(gate, decision, said.at);
  if (refused !== undefined) return { gate: refuse(gate, decision, refused), refused: refused.code };
  const next = decide(gate, decision, said.at, found(gate, decision));
  if (repeat) expect(next).toBe(gate);
  return repeat ? { gate: next } : { gate: next, counted: decision };
}

function reproposed(gate: ProposingGate, { what, at }: Step, nth: number): Gate {
  const again =
    what === 'fail'
      ? unproposed('refund it', { code: 'AGENT_FAILED', message: 'no idea' }, gate.policy, 'AGENT (rules)')
      : {
          proposal: proposal({ amount: nth }),
          policy: gate.policy,
          assessment: assessed({ amount: nth }),
          by: 'AGENT (rules)',
        };
  return repropose(gate, again, at);
}

/** A refusal leaves a receipt and a count; every other part is the very one it was. */
const KEPT = [
  'status',
  'revision',
  'digest',
  'proposal',
  'signatures',
  'rejections',
  'decisions',
  'deadline',
] as const;

/** Who stands behind the open revision, told from the decisions alone and not from the gate's own lists. */
function signersOf(
  counted: readonly { decision: Decision; revision: number }[],
  revision: number,
): Set<string> {
  const signers = new Set<string>();
  for (const { decision, revision: made } of counted) {
    const { verdict, reviewer } = decision;
    if (verdict === 'edit' && made + 1 === revision) signers.add(reviewer);
    if (verdict === 'approve' && made === revision) signers.add(reviewer);
    if ((verdict === 'reject' || verdict === 'withdraw') && made === revision) signers.delete(reviewer);
  }
  return signers;
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

describe('random decisions', () => {
  let said = 0;
  const reached = new Map<string, number>();
  const note = (what: string) => reached.set(what, (reached.get(what) ?? 0) + 1);

  it('never throw, and never approve without a quorum of distinct permitted reviewers of the current digest', () => {
    const steps = fc.array(step, { minLength: STEPS, maxLength: STEPS, size: 'max' });
    fc.assert(
      fc.property(policies, steps, ({ people, ...level }, all) => {
        let gate = open(policy({ ...level, approvers: { people } }));
        const counted: { decision: Decision; revision: number }[] = [];
        for (const [nth, one] of all.entries()) {
          const before = gate;
          const taken = take(before, one, nth);
          gate = taken.gate;
          said += one.what === 'say' ? 1 : 0;
          note(taken.refused ?? (taken.counted === undefined ? 'other' : `counted ${taken.counted.verdict}`));

          if (taken.refused !== undefined)
            must(
              KEPT.every((part) => before[part] === taken.gate[part]),
              'a refusal changed more than its receipt',
            );
          if (taken.counted !== undefined) {
            counted.push({ decision: taken.counted, revision: before.revision });
            must(taken.counted.digest === before.digest, 'a decision on another digest counted');
            must(before.status !== 'open' || one.at < before.deadline, 'a late decision counted');
            must(
              before.failure === undefined || !['approve', 'edit'].includes(taken.counted.verdict),
              'an approval of nothing counted',
            );
          }
          const names = gate.signatures.map((signature) => signature.reviewer);
          must(new Set(names).size === names.length, 'somebody signed twice');
          must(!names.includes('req'), 'the requester signed');
          must(people.includes('*') || names.every((name) => people.includes(name)), 'an outsider signed');
          must(
            gate.signatures.every(({ revision }) => revision === gate.revision),
            'an older signature stayed',
          );
          must(gate.revision - before.revision <= 1, 'a revision was skipped');
          must(before.status !== 'closed' || gate.status === 'closed', 'a closed gate opened');
          must(gate.sentBack <= 3, 'it was sent back more often than the policy allows');
          must(before.status !== 'executing' || gate.status !== 'approved', 'an execution went back');
          must(
            gate.revision === before.revision || before.status === 'open' || before.status === 'proposing',
            'a gate that was not open was edited',
          );
          if (gate.status === 'approved' && before.status === 'open') {
            const signers = signersOf(counted, gate.revision);
            must(signers.size >= level.quorum, 'approved without a quorum');
            must([...signers].sort().join() === [...names].sort().join(), 'the record tells other signers');
            note('approved');
          }
          if (gate.status === 'closed') note(`closed ${gate.outcome}`);
        }
        packetOf(gate);
        must(
          JSON.stringify(JSON.parse(JSON.stringify(gate))) === JSON.stringify(gate),
          'the gate is not JSON',
        );
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(said).toBeGreaterThan(50_000);
  }, 60_000);

  it('reached every answer there is, so that the above says something', () => {
    const expected = [
      'ALREADY_SIGNED',
      'ANSWER_REQUIRED',
      'BEING_REVISED',
      'COMMENT_REQUIRED',
      'DEADLINE_PASSED',
      'DELEGATE_NOT_ALLOWED',
      'DELEGATE_REQUIRED',
      'GATE_CLOSED',
      'ID_REUSED',
      'NOTHING_PROPOSED',
      'NOTHING_TO_WITHDRAW',
      'NOT_AN_APPROVER',
      'NOT_THE_REQUESTER',
      'NO_NEXT_LEVEL',
      'REQUESTER_CANNOT_DECIDE',
      'REVISIONS_EXHAUSTED',
      'STALE_REVISION',
      'UNEXPECTED_FIELD',
      'UNTIL_REQUIRED',
      'VERDICT_NOT_OFFERED',
      'approved',
      'closed answered',
      'closed cancelled',
      'closed executed',
      'closed expired',
      'closed rejected',
      'counted approve',
      'counted cancel',
      'counted comment',
      'counted edit',
      'counted reject',
      'counted respond',
      'counted revise',
      'counted withdraw',
    ];
    expect([...reached.keys()].filter((what) => what !== 'other').sort()).toEqual(expected);
  });
});

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  maxDepth: 10,
});

function nested(depth: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

const LONE = '\ud83d';
const wide = (count: number) => Array.from({ length: count }, () => 1);
const kib = (count: number) => 'x'.repeat(count * 1024);
const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

describe('guard', () => {
  it('never throws, whatever it is given, and neither does what stands behind it', () => {
    fc.assert(
      fc.property(anything, (value) => {
        const unfit = guard(value);
        must(unfit === undefined || unfit.length > 0, 'a problem has words');
        must(unfit === undefined || !parseDecision(value).ok, 'what is unfit does not parse');
        parseStart(value);
      }),
      { seed: SEED, numRuns: 10_000 },
    );
  });

  it.each<[string, unknown, string | undefined]>([
    [
      '100,000 nested arrays',
      nested(100_000, (inner) => [inner]),
      'the payload is nested more than 8 levels deep',
    ],
    [
      '100,000 nested objects',
      nested(100_000, (a) => ({ a })),
      'the payload is nested more than 8 levels deep',
    ],
    ['an object in itself', cyclic, 'the payload is nested more than 8 levels deep'],
    ['eight levels', nested(7, (a) => ({ a })), undefined],
    ['eight levels, of which the last is a list', nested(8, (inner) => [inner]), undefined],
    ['nine levels', nested(9, (inner) => [inner]), 'the payload is nested more than 8 levels deep'],
    ['2,000 values', wide(LIMITS.nodes - 1), undefined],
    ['2,001 values', wide(LIMITS.nodes), 'the payload has more than 2000 values'],
    ['a million values', wide(1_000_000), 'the payload has more than 2000 values'],
    ['256 KiB', kib(256), undefined],
    ['256 KiB and one byte', `${kib(256)}x`, 'the payload is larger than 256 KiB'],
    ['256 KiB of two-byte letters', 'ä'.repeat(128 * 1024 + 1), 'the payload is larger than 256 KiB'],
    ['a key of 257 KiB', { [kib(257)]: 1 }, 'the payload is larger than 256 KiB'],
    [
      '__proto__',
      JSON.parse('{"args":{"__proto__":{"admin":true}}}'),
      'the payload has a key named __proto__',
    ],
    ['constructor and prototype, which are only names', { constructor: { prototype: 1 } }, undefined],
    ['NaN', { amount: Number.NaN }, 'the payload holds a number that JSON has no form for'],
    ['infinity', [-Infinity], 'the payload holds a number that JSON has no form for'],
    ['nothing at all', undefined, 'the payload holds nothing, which is not JSON'],
    ['a big integer', { amount: 1n }, 'the payload holds a bigint, which is not JSON'],
    ['a function', { toJSON: () => 1 }, 'the payload holds a function, which is not JSON'],
    ['a symbol', Symbol('x'), 'the payload holds a symbol, which is not JSON'],
    ['half a pair in a value', [LONE], 'the payload holds text that is not Unicode: a lone surrogate'],
    ['half a pair in a key', { [LONE]: 1 }, 'the payload holds text that is not Unicode: a lone surrogate'],
    ['an emoji, which is a whole pair', { a: '😀' }, undefined],
    [
      'bytes that did not decode',
      { __undecodable: true, encoding: 'binary/\u001b[2Jx', bytes: 9 },
      'the payload does not decode (encoding binary/?[2Jx)',
    ],
    [
      'bytes without an encoding',
      { __undecodable: true, bytes: 9 },
      'the payload does not decode (encoding unknown)',
    ],
    ['null', null, undefined],
    ['true', true, undefined],
  ])('%s', (_, value, unfit) => {
    expect(guard(value)).toBe(unfit);
  });
});

const GOOD: Decision = {
  v: 1,
  id: 'd1',
  digest: 'a'.repeat(64),
  verdict: 'edit',
  reviewer: 'ana',
  comment: 'less',
  args: { amount: 1 },
};

describe('parseDecision is total', () => {
  it('answers anything that is put in place of any part of a good decision', () => {
    const keys = fc.constantFrom(...Object.keys(GOOD), 'phrase', 'answer', 'to', 'until', 'signature');
    fc.assert(
      fc.property(keys, anything, (key, value) => {
        const parsed = parseDecision({ ...GOOD, [key]: value });
        if (!parsed.ok) must(parsed.problem !== '', 'a problem has words');
        else must(parseDecision(parsed.decision).ok, 'what parsed, parses again');
        must(parsed.ok || key === 'id' || parsed.id === 'd1', 'a readable id is read');
      }),
      { seed: SEED, numRuns: 10_000 },
    );
  });

  it('names an unknown key, whatever it is called', () => {
    const name = fc.string({ minLength: 1, maxLength: 40 });
    const known = new Set([
      ...Object.keys(GOOD),
      'phrase',
      'answer',
      'to',
      'until',
      'signature',
      '__proto__',
    ]);
    fc.assert(
      fc.property(
        name.filter((key) => !known.has(key)),
        (key) => {
          const parsed = parseDecision({ ...GOOD, [key]: 1 });
          expect(parsed).toEqual({ ok: false, problem: `${key}: unknown key`, id: 'd1' });
        },
      ),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  const without = (key: keyof Decision) => {
    const { [key]: _, ...rest } = GOOD;
    return rest;
  };
  it.each<[string, unknown, string, string | undefined]>([
    ['no payload', undefined, 'the payload holds nothing, which is not JSON', undefined],
    ['null', null, 'expected object, received null', undefined],
    ['a list', [GOOD], 'expected object, received array', undefined],
    ['JSON in a string', JSON.stringify(GOOD), 'expected object, received string', undefined],
    ['another version', { ...GOOD, v: 2 }, 'v: expected 1', 'd1'],
    ['no version', without('v'), 'v: expected 1', 'd1'],
    ['no digest', without('digest'), 'digest: expected string, received undefined', 'd1'],
    [
      'a digest in capitals',
      { ...GOOD, digest: 'A'.repeat(64) },
      'digest: must be 64 lower-case hex characters',
      'd1',
    ],
    ['a short digest', { ...GOOD, digest: 'ab' }, 'digest: must be 64 lower-case hex characters', 'd1'],
    ['no id', without('id'), 'id: expected string, received undefined', undefined],
    ['an id of spaces', { ...GOOD, id: ' ' }, 'id: must be 1–200 printable ASCII characters', undefined],
    [
      'an id with a line feed',
      { ...GOOD, id: 'd1\n' },
      'id: must be 1–200 printable ASCII characters',
      undefined,
    ],
    [
      'an id of 201',
      { ...GOOD, id: 'x'.repeat(201) },
      'id: must be 1–200 printable ASCII characters',
      undefined,
    ],
    [
      'a reviewer in Cyrillic',
      { ...GOOD, reviewer: 'аna' },
      'reviewer: must be 1–200 printable ASCII characters',
      'd1',
    ],
    [
      'an empty comment',
      { ...GOOD, comment: '' },
      'comment: Too small: expected string to have >=1 characters',
      'd1',
    ],
    ['args that are a list', { ...GOOD, args: [] }, 'args: expected record, received array', 'd1'],
    [
      "an edit to another action (langchain 40266: it bypassed that action's policy)",
      { ...GOOD, action: 'drop_table' },
      'action: unknown key',
      'd1',
    ],
    [
      'two unknown keys',
      { ...GOOD, quorum: 0, policy: {} },
      'quorum: unknown key; policy: unknown key',
      'd1',
    ],
    [
      'too deep, with a readable id',
      { ...GOOD, args: nested(9, (a) => ({ a })) },
      'the payload is nested more than 8 levels deep',
      'd1',
    ],
    [
      '100,000 deep',
      { ...GOOD, args: nested(100_000, (a) => ({ a })) },
      'the payload is nested more than 8 levels deep',
      'd1',
    ],
  ])('%s: named, and its id is read where it can be', (_, payload, problem, id) => {
    expect(parseDecision(payload)).toEqual({ ok: false, problem, ...(id === undefined ? {} : { id }) });
  });

  it('names a misspelt verdict, and what it could have been', () => {
    const parsed = parseDecision({ ...GOOD, verdict: 'aprove' });
    expect(parsed).toMatchObject({ ok: false, id: 'd1' });
    expect((parsed as { problem: string }).problem).toMatch(/^verdict: .*"approve".*"cancel"/);
  });

  it('takes an id of 1 and of 200 characters', () => {
    expect(['x', 'x'.repeat(200), 'a b'].map((id) => parseDecision({ ...GOOD, id }).ok)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it("takes args with the names of an object's own machinery", () => {
    const args = { constructor: 1, toString: 'x', hasOwnProperty: null, toJSON: 1, prototype: {} };
    expect(parseDecision({ ...GOOD, args })).toEqual({ ok: true, decision: { ...GOOD, args } });
  });
});
