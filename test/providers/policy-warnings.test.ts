/** What of a policy file hangs on somebody's mere word: a condition with only some of it known, and the warnings of whole files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadPolicies, warnings } from '../../src/providers/policy';
import { compile, variablesOf } from '../../src/providers/policy/expression';
import { partly } from '../../src/providers/policy/partly';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const KNOWN = new Map<string, unknown>([
  ['action', 'refund'],
  ['requesterProven', false],
  ['risk', 'low'],
  ['n', 3],
]);

/** `true`, `false`, or what it hangs on. */
function half(text: string): string {
  const found = partly(compile(text).ast, KNOWN);
  return found.decided ? String(found.value) : [...found.by].sort().join(' ');
}

it.each([
  ['action == "refund"', 'true'],
  ['action != "refund"', 'false'],
  ['"refund" == action', 'true'],
  ['action in ["pay", "refund"]', 'true'],
  ['action in ["pay"]', 'false'],
  ['action in []', 'false'],
  ['action in args.allowed', 'action args'],
  ['requester in ["a"]', 'requester'],
  ['action in ["pay", requester]', 'requester'],
  ['action in ["refund", requester]', 'true'],
  ['requesterProven', 'false'],
  ['!requesterProven', 'true'],
  ['requesterProven == false', 'true'],
  ['requester == "svc"', 'requester'],
  ['requester == "svc" && requesterProven', 'false'],
  ['requesterProven && requester == "svc"', 'false'],
  ['requester == "svc" || !requesterProven', 'true'],
  ['requester == "svc" || args.x > 1', 'args requester'],
  ['(requesterProven && requester == "svc") || args.x > 1', 'args'],
  ['requesterProven ? requester == "svc" : args.x > 1', 'args'],
  ['args.x ? true : true', 'true'],
  ['args.x ? requesterProven : sensitive', 'args sensitive'],
  ['confidence > 0.9', 'confidence'],
  ['1 < 2 && 2.0 <= 2.0 && 3 > 2 && 2 >= 2', 'true'],
  ['2 < 1 || "b" < "a"', 'false'],
  ['size(args.items) > 3', 'args'],
  ['requester.startsWith("svc-")', 'requester'],
  ['args.items.all(item, item.price < 5)', 'args item'],
  ['args.items.exists(action, action == "refund")', 'action args'],
])('%s: %s', (text, is) => {
  expect(half(text)).toBe(is);
});

const ATOMS = [
  ['requester == "svc"', 'requester != "svc"', 'requester in ["svc", "b"]'],
  ['requesterProven', '!requesterProven', 'action == "refund"', 'action in ["pay"]'],
  ['confidence > 0.5', 'confidence <= 0.1', 'sensitive', '!sensitive', 'args.x > 1.0', 'true', 'false'],
].flat();
const conditions = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...ATOMS),
    fc.tuple(tie('all'), tie('all')).map(([one, other]) => `(${one} && ${other})`),
    fc.tuple(tie('all'), tie('all')).map(([one, other]) => `(${one} || ${other})`),
    tie('all').map((one) => `!(${one})`),
    fc.tuple(tie('all'), tie('all'), tie('all')).map(([when, yes, no]) => `(${when} ? ${yes} : ${no})`),
  ),
})).all;

it('at random: what is decided is what comes whatever the rest is, and nothing else changes it but what it hangs on', () => {
  const ruled = fc.record({
    action: fc.constantFrom('refund', 'pay'),
    args: fc.record({ x: fc.constantFrom(0, 2) }),
    confidence: fc.constantFrom(0, 0.3, 1),
    sensitive: fc.boolean(),
    requester: fc.constantFrom('svc', 'b', 'c'),
    requesterProven: fc.boolean(),
    risk: fc.constant('low' as const),
  });
  const seen = { decided: 0, open: 0 };
  fc.assert(
    fc.property(conditions, ruled, ruled, (text, one, other) => {
      const { ast, holds } = compile(text);
      const known = new Map<string, unknown>([
        ['action', one.action],
        ['requesterProven', one.requesterProven],
      ]);
      const found = partly(ast, known);
      if (found.decided) {
        seen.decided += 1;
        const { action, requesterProven } = one;
        expect(holds(variablesOf({ ...other, action, requesterProven }))).toBe(found.value);
        return;
      }
      seen.open += 1;
      // Everything that it does not hang on is taken from elsewhere.
      const kept = Object.fromEntries(
        Object.entries(one).filter(([name]) => known.has(name) || found.by.has(name)),
      );
      expect(holds(variablesOf({ ...other, ...kept }))).toBe(holds(variablesOf(one)));
    }),
    { seed: 20_261_130, numRuns: 3_000 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(300);
});

const POLICIES = `policies:
  told: { confirmation: INFO, levels: [{ name: HUMAN, approvers: { people: ['*'] }, respondWithin: 1 day }] }
  one: { confirmation: CONFIRM, levels: [{ name: HUMAN, approvers: { people: ['*'] }, respondWithin: 1 day }], separation: { proven: true } }
  two: { confirmation: CONFIRM, levels: [{ name: HUMAN, approvers: { people: ['*'] }, quorum: 2, respondWithin: 1 day }] }
  late: { confirmation: VERIFY, levels: [{ name: HUMAN, approvers: { people: ['*'] }, quorum: 2, respondWithin: 1 day }] }
  many: { confirmation: CONFIRM, levels: [{ name: HUMAN, approvers: { people: ['*'] }, quorum: 3, respondWithin: 1 day }] }
`;

async function warned(rules: string, policies = POLICIES): Promise<string[]> {
  writeFileSync(join(folder, 'policy.yaml'), `${policies}${rules}`);
  return warnings((await loadPolicies('policy.yaml', folder))!);
}

const rule = (when: string, policy: string, name = 'r') =>
  `  - { name: ${name}, when: '${when}', policy: ${policy} }\n`;
/** The claims that are warned of, with what they decide between. */
const claims = (all: readonly string[]) =>
  all.map((one) => /goes by (\w+), .* decides between (.*)$/.exec(one)?.slice(1).join(': ') ?? one);

describe('a rule that goes by a claim', () => {
  it.each<{ said: string; rules: string; is: string[] }>([
    { said: 'the args alone', rules: `rules:\n${rule('args.amount < 50.0', 'told')}`, is: [] },
    { said: 'the action alone', rules: `rules:\n${rule('action == "refund"', 'told')}`, is: [] },
    {
      said: 'a requester by name',
      rules: `rules:\n${rule('requester == "svc"', 'told')}`,
      is: ['requester: the policies told and two'],
    },
    {
      said: 'a proven requester by name',
      rules: `rules:\n${rule('requester == "svc" && requesterProven', 'told')}`,
      is: [],
    },
    {
      said: 'a requester by name, where proven ones are told, too',
      rules: `rules:\n${rule('requesterProven || requester == "svc"', 'told')}`,
      is: ['requester: the policies told and two'],
    },
    {
      said: 'somebody else than a name, who is asked less',
      rules: `rules:\n${rule('requester != "svc"', 'told')}`,
      is: ['requester: the policies told and two'],
    },
    {
      said: 'a name of whom more is asked than of everybody',
      rules: `rules:\n${rule('requester == "svc"', 'two')}default: one\n`,
      is: [],
    },
    {
      said: 'a stricter rule for everybody but a name',
      rules: `rules:\n${rule('requester != "svc"', 'two')}default: one\n`,
      is: ['requester: the policies two and one'],
    },
    {
      said: 'a stricter rule for everybody but some names',
      rules: `rules:\n${rule('!(requester in ["svc", "b"])', 'two')}default: one\n`,
      is: ['requester: the policies two and one'],
    },
    {
      said: 'a stricter rule for names that begin so, or do not',
      rules: `rules:\n${rule('!requester.startsWith("svc-")', 'two')}default: one\n`,
      is: ['requester: the policies two and one'],
    },
    {
      said: 'a stricter rule for everybody but a name that is proven',
      rules: `rules:\n${rule('!(requesterProven && requester == "svc")', 'two')}default: one\n`,
      is: [],
    },
    {
      said: 'a name that changes nothing',
      rules: `rules:\n${rule('requester == "svc"', 'two')}`,
      is: [],
    },
    {
      said: 'how sure it says it is',
      rules: `rules:\n${rule('args.amount < 50.0 && confidence > 0.9', 'told')}`,
      is: ['confidence: the policies told and two'],
    },
    {
      said: 'how unsure it says it is, so that more is asked',
      rules: `rules:\n${rule('confidence < 0.2', 'two')}default: told\n`,
      is: [],
    },
    {
      said: 'how unsure it says it is, so that less is asked',
      rules: `rules:\n${rule('confidence < 0.2', 'told')}`,
      is: ['confidence: the policies told and two'],
    },
    {
      said: 'how unsure it says it is, between two of which neither asks more',
      rules: `rules:\n${rule('confidence < 0.2', 'late')}default: many\n`,
      is: ['confidence: the policies late and many'],
    },
    {
      said: 'not sensitive: both values',
      rules: `rules:\n${rule('sensitive == false', 'told')}`,
      is: ['sensitive: the policies told and two'],
    },
    {
      said: 'sensitive, so that more is asked',
      rules: `rules:\n${rule('sensitive', 'two')}default: told\n`,
      is: [],
    },
    {
      said: 'sensitive, so that less is asked',
      rules: `rules:\n${rule('sensitive', 'told')}`,
      is: ['sensitive: the policies told and two'],
    },
    { said: 'sensitive or not', rules: `rules:\n${rule('sensitive', 'two')}`, is: [] },
    {
      said: 'what a rule before has decided',
      rules: `rules:\n${rule('action == "refund"', 'two', 'first')}${rule('action == "refund" && confidence > 0.9', 'told')}`,
      is: [],
    },
    {
      said: 'what is denied before',
      rules: `deny: [{ name: no, when: 'action == "refund"', because: no }]\nrules:\n${rule('action == "refund" && !sensitive', 'told')}`,
      is: [],
    },
    {
      said: 'the next rule, not the default',
      rules: `rules:\n${rule('action == "refund" && !sensitive', 'told')}${rule('action == "refund"', 'told', 'next')}`,
      is: [],
    },
    {
      said: 'two claims in one rule',
      rules: `rules:\n${rule('requester == "svc" && confidence > 0.9', 'told')}`,
      is: ['requester: the policies told and two', 'confidence: the policies told and two'],
    },
    {
      said: 'a denial by name',
      rules: `deny: [{ name: no, when: 'requester == "mallory"', because: no }]\n`,
      is: [],
    },
    {
      said: 'a denial of everybody but a name',
      rules: `deny: [{ name: no, when: 'requester != "svc"', because: no }]\n`,
      is: ['requester: a denial and none'],
    },
    {
      said: 'a denial of what it says is doubtful',
      rules: `deny: [{ name: no, when: 'sensitive || confidence < 0.1', because: no }]\n`,
      is: [],
    },
    {
      said: 'a denial of all that nobody has proven',
      rules: `deny: [{ name: no, when: '!requesterProven', because: no }]\n`,
      is: [],
    },
  ])('$said', async ({ rules, is }) => {
    const whole = rules.includes('default:') ? rules : `${rules}default: two\n`;
    expect(claims(await warned(whole))).toEqual(is);
  });

  it('the rules that are shown as examples ask more for a word, and never less', async () => {
    const file = (await loadPolicies(join(__dirname, '../../examples/policies/refunds.yaml'), folder))!;
    expect(warnings(file).filter((one) => one.includes('goes by'))).toEqual([]);
  });

  it('says where, and what to do', async () => {
    const [said] = await warned(`rules:\n${rule('requester == "svc"', 'told', 'trusted')}default: two\n`);
    expect(said).toBe(
      'policy.yaml:8:29: the rule trusted goes by requester, which whoever starts a workflow claims: ' +
        'add && requesterProven, or go by something else. It decides between the policies told and two',
    );
  });
});

describe('separation', () => {
  const level = (more: string) =>
    `{ name: HUMAN, approvers: { people: ['*'] }, respondWithin: 1 day${more} }`;
  const policies = (levels: string, more = '') =>
    `policies:\n  p: { confirmation: CONFIRM, levels: [${levels}]${more} }\ndefault: p\n`;

  it.each<[string, string, boolean]>([
    ['one person', policies(level('')), true],
    [
      'one of several levels',
      policies(`${level(', quorum: 2')}, ${level('').replace('HUMAN', 'BOSS')}`),
      true,
    ],
    ['two people', policies(level(', quorum: 2')), false],
    ['two groups', policies(level(', groups: [{ role: a, quorum: 1 }, { role: b, quorum: 1 }]')), false],
    ['one group', policies(level(', groups: [{ role: a, quorum: 1 }]')), true],
    ['proven', policies(level(''), ', separation: { proven: true }'), false],
    ['no separation', policies(level(''), ', separation: { requester: false }'), false],
    ['nobody asked', policies(level('')).replace('CONFIRM', 'INFO'), false],
  ])('%s', async (_, text, warns) => {
    expect((await warned('', text)).length).toBe(warns ? 1 : 0);
  });

  it('says which policy, at which level, and what to do; the default of a file without one, too', async () => {
    expect(await warned('', policies(level('')))).toEqual([
      'policy.yaml: the policy p keeps the requester from deciding by the name that the start claims, and one person decides at HUMAN: ' +
        'say separation: { proven: true }, or ask two',
    ]);
    expect(await warned('', '{}\n')).toEqual([
      "policy.yaml: the policy Countersign's default keeps the requester from deciding by the name that the start claims, and one person decides at HUMAN: " +
        'say separation: { proven: true }, or ask two',
    ]);
  });
});
