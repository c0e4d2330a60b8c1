/** Which policy a proposal meets by the rules of a file, and what of a caller's own is left of it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../src/domain/json';
import { ConfirmationLevel, DEFAULT_POLICY, Policy } from '../../src/domain/policy';
import type { Ruled } from '../../src/domain/gate/policy-source';
import { createRules, expectations, loadPolicies, weigh } from '../../src/providers/policy';
import { policy } from '../domain/given';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function loaded(text: string) {
  writeFileSync(join(folder, 'policy.yaml'), text);
  return (await loadPolicies('policy.yaml', folder))!;
}

const FILE = `policies:
  small:
    confirmation: INFO
    levels: [{ name: HUMAN, approvers: { people: ['*'] }, respondWithin: 24 hours }]
  two:
    confirmation: VERIFY
    levels: [{ name: HUMAN, approvers: { people: [ana, bo, cy] }, quorum: 2, respondWithin: 4 hours }]
deny:
  - name: no drops
    when: action == "sql" && args.statement.lowerAscii().contains("drop")
    because: tables are dropped by hand
  - name: no secrets
    when: action == "sql" && args.statement.contains("secret")
    because: secrets stay where they are
rules:
  - name: small refunds
    when: action == "refund" && args.amount < 50 && confidence > 0.9
    policy: small
  - { name: large refunds, when: 'action == "refund" && args.amount > 500', policy: two }
  - name: sure ones
    when: |
      confidence > 0.5 &&
        args.sure
    policy:
      confirmation: CONFIRM
      levels: [{ name: HUMAN, approvers: { people: [ana] }, respondWithin: 1 hour }]
default: two
`;

const asked = (action: string, args: JsonObject, rest: Partial<Ruled> = {}): Ruled => ({
  action,
  args,
  confidence: 0.95,
  sensitive: false,
  requester: 'svc-orders',
  requesterProven: false,
  risk: 'medium',
  ...rest,
});
const TWO = Policy.parse({
  confirmation: 'VERIFY',
  levels: [
    { name: 'HUMAN', approvers: { people: ['ana', 'bo', 'cy'] }, quorum: 2, respondWithin: '4 hours' },
  ],
});

describe('without a file', () => {
  const rules = createRules(undefined);
  it.each([
    { said: 'no policy: the default', given: undefined, picked: { ok: true, policy: DEFAULT_POLICY } },
    { said: 'an inline one: as it is', given: policy(), picked: { ok: true, policy: policy() } },
    {
      said: 'one by name: where it would stand',
      given: 'two',
      picked: {
        ok: false,
        code: 'UNKNOWN_POLICY',
        message:
          'there is no policy "two": COUNTERSIGN_POLICY, which names the file with policies, is not set for the worker',
      },
    },
  ])('$said', ({ given, picked }) => {
    expect(rules.configured).toBe(false);
    expect(rules.pick(asked('refund', { amount: 4_000 }), given)).toEqual(picked);
  });
});

describe('with a file', () => {
  it.each([
    {
      said: 'the first that matches',
      ruled: asked('refund', { amount: 40 }),
      rule: 'small refunds',
      gives: 'INFO',
    },
    {
      said: 'the default, where none does',
      ruled: asked('refund', { amount: 100, sure: false }),
      rule: undefined,
      gives: 'VERIFY',
    },
    {
      said: 'a large one',
      ruled: asked('refund', { amount: 500.01 }),
      rule: 'large refunds',
      gives: 'VERIFY',
    },
    {
      said: 'an inline policy, behind a block',
      ruled: asked('ship', { sure: true }, { confidence: 0.6 }),
      rule: 'sure ones',
      gives: 'CONFIRM',
    },
  ])('$said', async ({ ruled, rule, gives }) => {
    const rules = createRules(await loaded(FILE));
    expect(rules.configured).toBe(true);
    expect(rules.pick(ruled)).toEqual({
      ok: true,
      policy: expect.objectContaining({ confirmation: gives }),
      ...(rule === undefined ? {} : { rule }),
    });
  });

  it.each<[string, Ruled, string, string]>([
    [
      'denied',
      asked('sql', { statement: 'DROP TABLE a' }),
      'DENIED',
      'tables are dropped by hand (no drops)',
    ],
    [
      'denied twice, and both are said',
      asked('sql', { statement: 'drop secret' }),
      'DENIED',
      'tables are dropped by hand (no drops); secrets stay where they are (no secrets)',
    ],
    [
      'a deny rule that cannot be evaluated',
      asked('sql', {}),
      'POLICY_ERROR',
      'the rule "no drops" cannot be evaluated: policy.yaml:10:35: No such key: statement',
    ],
    [
      'a rule that cannot be evaluated',
      asked('refund', { amount: '40' }),
      'POLICY_ERROR',
      'the rule "small refunds" cannot be evaluated: policy.yaml:17:33: no such overload: dyn<string> < int',
    ],
    [
      'a rule of a flow mapping, in quotes',
      asked('refund', {}, { confidence: 0.1 }),
      'POLICY_ERROR',
      'the rule "large refunds" cannot be evaluated: policy.yaml:19:62: No such key: amount',
    ],
    [
      'a rule of a block, on its second line',
      asked('ship', {}),
      'POLICY_ERROR',
      'the rule "sure ones" cannot be evaluated: policy.yaml:23:14: No such key: sure',
    ],
    [
      'neither true nor false',
      asked('ship', { sure: 1 }),
      'POLICY_ERROR',
      `the rule "sure ones" cannot be evaluated: policy.yaml:22:7: Logical operator requires bool operands, got 'double'`,
    ],
  ])('%s: nothing is asked, and nothing runs', async (_, ruled, code, message) => {
    const rules = createRules(await loaded(FILE));
    for (const given of [undefined, 'small', 'nobody', policy()])
      expect(rules.pick(ruled, given)).toEqual({ ok: false, code, message });
  });

  it('a rule that fails behind the one that matches is not reached', async () => {
    const file = await loaded(FILE);
    expect(weigh(file, asked('refund', { amount: 40 })).met).toEqual([
      { kind: 'deny', name: 'no drops', place: 'policy.yaml:10:11', outcome: 'did not match' },
      { kind: 'deny', name: 'no secrets', place: 'policy.yaml:13:11', outcome: 'did not match' },
      { kind: 'rule', name: 'small refunds', place: 'policy.yaml:17:11', outcome: 'matched' },
      { kind: 'rule', name: 'large refunds', place: 'policy.yaml:19:35', outcome: 'was not tried' },
      { kind: 'rule', name: 'sure ones', place: 'policy.yaml:22:7', outcome: 'was not tried' },
    ]);
  });

  it('a pattern that backtracks without end is cut off and refuses, wherever it stands', async () => {
    const rule = 'when: args.text.matches("^(a+)+$")';
    const args = { text: `${'a'.repeat(60)}!` };
    const denying = await loaded(
      `deny: [{ name: slow, because: x, ${rule.replace('when: ', "when: '")}' }]\n`,
    );
    const ruling = await loaded(
      `rules:\n  - name: slow\n    ${rule}\n    policy: two\n${FILE.split('deny:')[0]!}`,
    );
    for (const [file, place] of [
      [denying, 'policy.yaml:1:41'],
      [ruling, 'policy.yaml:3:11'],
    ] as const)
      expect(createRules(file).pick(asked('x', args))).toEqual({
        ok: false,
        code: 'POLICY_ERROR',
        message: `the rule "slow" cannot be evaluated: ${place}: takes longer than 500 ms`,
      });
  });

  it.each<[string, Policy | string, unknown]>([
    [
      'another of the file, which is looser',
      'small',
      {
        ok: false,
        code: 'POLICY_TOO_WEAK',
        message: expect.stringMatching(
          /^policy\.confirmation: INFO is looser than what the rules say, VERIFY; .*; the rules ask for the policy of large refunds$/,
        ),
      },
    ],
    ['the same by name', 'two', { ok: true, policy: TWO, rule: 'large refunds' }],
    [
      'a tighter one',
      { ...TWO, levels: TWO.levels.map((level) => ({ ...level, quorum: 3 })) },
      { ok: true, policy: { ...TWO, levels: [{ ...TWO.levels[0], quorum: 3 }] }, rule: 'large refunds' },
    ],
    [
      'one that there is not',
      'tow',
      { ok: false, code: 'UNKNOWN_POLICY', message: 'there is no policy "tow"; there are small, two' },
    ],
    [
      'one that only an object has',
      'constructor',
      {
        ok: false,
        code: 'UNKNOWN_POLICY',
        message: 'there is no policy "constructor"; there are small, two',
      },
    ],
  ])('the caller names %s', async (_, given, picked) => {
    expect(createRules(await loaded(FILE)).pick(asked('refund', { amount: 501 }), given)).toEqual(picked);
  });

  it('no caller says open where the floor is higher, and neither does a rule', async () => {
    const file = await loaded(`${FILE}  \n`);
    const open = { ...TWO, authentication: 'open' as const };
    const ruled = asked('refund', { amount: 501 });
    const rules = createRules(file, () => 'signed');
    expect(rules.pick(ruled)).toMatchObject({ ok: true, policy: { authentication: 'signed' } });
    expect(rules.pick(ruled, TWO)).toMatchObject({ ok: true, policy: { authentication: 'signed' } });
    expect(rules.pick(ruled, open)).toMatchObject({ ok: false, code: 'POLICY_TOO_WEAK' });
    expect(createRules(file, () => 'open').pick(ruled, open)).toMatchObject({ ok: true });
    const saysOpen = await loaded(
      FILE.replaceAll('confirmation: VERIFY', 'confirmation: VERIFY\n    authentication: open'),
    );
    expect(createRules(saysOpen, () => 'open').pick(ruled, open)).toMatchObject({ ok: true, policy: open });
    const vouched = { ...open, authentication: 'vouched' as const };
    expect(createRules(saysOpen, () => 'vouched').pick(ruled)).toMatchObject({ ok: true, policy: vouched });
    expect(createRules(saysOpen, () => 'signed').pick(ruled, open)).toMatchObject({
      ok: false,
      message: expect.stringContaining(
        'policy.authentication: open is looser than what the rules say, signed',
      ),
    });
  });

  it('the floor is that of the confirmation that a caller has raised', async () => {
    const small = await loaded(FILE);
    const rules = createRules(small, ({ confirmation }) =>
      confirmation === 'VERIFY' ? 'signed' : 'vouched',
    );
    const ruled = asked('ship', { sure: true }, { confidence: 0.6 });
    expect(rules.pick(ruled)).toMatchObject({
      policy: { confirmation: 'CONFIRM', authentication: 'vouched' },
    });
    const more = Policy.parse({
      confirmation: 'VERIFY',
      levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '1 hour' }],
    });
    expect(rules.pick(ruled, more)).toMatchObject({
      policy: { confirmation: 'VERIFY', authentication: 'signed' },
    });
  });

  it("a file without rules: the default is the app's", async () => {
    const rules = createRules(await loaded('{}'));
    expect(rules.pick(asked('x', {}))).toEqual({ ok: true, policy: DEFAULT_POLICY });
    expect(rules.pick(asked('x', {}), { ...DEFAULT_POLICY, confirmation: 'INFO' })).toMatchObject({
      ok: false,
      code: 'POLICY_TOO_WEAK',
    });
  });
});

it('what was picked is picked again when it is brought back, as the executor does', async () => {
  const rules = createRules(await loaded(FILE));
  for (const amount of [40, 100, 501]) {
    const ruled = asked('refund', { amount, sure: true });
    const first = rules.pick(ruled);
    expect(first.ok && rules.pick(ruled, { ...first.policy, authentication: 'open' })).toEqual(
      first.ok && { ...first, policy: { ...first.policy, authentication: 'open' } },
    );
  }
});

describe('expectations', () => {
  const table = (...rows: string[]) =>
    loaded(`${FILE}expect:\n${rows.map((row) => `  - ${row}\n`).join('')}`);

  it('each is told with what came', async () => {
    const file = await table(
      '{ name: a, proposal: { action: refund, args: { amount: 40 } }, rule: small refunds, policy: small }',
      '{ name: b, proposal: { action: refund, args: { amount: 40 }, confidence: 0.6 }, confirmation: INFO }',
      '{ name: c, proposal: { action: sql, args: { statement: drop } }, rule: no drops, denied: true }',
      '{ name: d, proposal: { action: sql, args: { statement: drop } }, denied: false }',
      '{ name: e, proposal: { action: sql }, denied: false }',
    );
    const brief = expectations(file).map(({ name, ok, came }) => ({ name, ok, ...came }));
    const error = 'cannot be evaluated: policy.yaml';
    expect(brief).toEqual([
      { name: 'a', ok: true, rule: 'small refunds', policy: 'small', confirmation: 'INFO', denied: false },
      {
        name: 'b',
        ok: false,
        error: expect.stringContaining(`"sure ones" ${error}:23:14: No such key: sure`),
      },
      { name: 'c', ok: true, rule: 'no drops', denied: true },
      { name: 'd', ok: false, rule: 'no drops', denied: true },
      { name: 'e', ok: false, error: expect.stringContaining(`"no drops" ${error}:10:35`) },
    ]);
  });

  it('the example of the repository meets its own', async () => {
    const file = await loadPolicies('examples/policies/refunds.yaml', join(__dirname, '../..'));
    const tried = expectations(file!);
    expect(tried.filter(({ ok }) => !ok)).toEqual([]);
    expect(tried.length).toBe(9);
  });

  const LEVELS = ConfirmationLevel.options;
  const POLICIES = FILE.slice(0, FILE.indexOf('deny:'));
  const readme = readFileSync(join(__dirname, '../../README.md'), 'utf8');
  const [, snippet = ''] = /```yaml\n(rules:\n[^`]*)```/.exec(readme) ?? [];
  it.each([
    ['the example', readFileSync(join(__dirname, '../../examples/policies/refunds.yaml'), 'utf8')],
    ['README', `${POLICIES}${snippet}default: two\n`],
  ])('%s lets nothing go for what the proposer claims, nor for an amount below 0', async (_, text) => {
    const rules = createRules(await loaded(text));
    const met = (amount: number, claims: Partial<Ruled>) => {
      const picked = rules.pick(asked('refund', { amount }, claims));
      return picked.ok ? LEVELS.indexOf(picked.policy.confirmation) : Infinity;
    };
    const bare = { confidence: 1, sensitive: false };
    expect(met(40, bare)).toBe(LEVELS.indexOf('INFO'));
    for (const amount of [-9999, -0.01, 0, 49.99, 50, 500, 500.01, 1e9])
      for (const confidence of [0, 0.3, 0.5, 0.9, 0.91, 1])
        for (const sensitive of [false, true]) {
          const level = met(amount, { confidence, sensitive });
          if (amount < 0 || amount >= 50) expect(level).toBeGreaterThan(LEVELS.indexOf('INFO'));
          expect(level).toBeGreaterThanOrEqual(met(amount, bare));
        }
  });
});
