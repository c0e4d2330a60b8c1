/** The policy file as people write it: each mistake is told with its place, and all of them at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPolicies } from '../../src/providers/policy';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const LEVELS = 'levels: [{ name: HUMAN, approvers: { people: [ana] }, respondWithin: 4 hours }]';
const ONE = `policies:\n  one: { confirmation: CONFIRM, ${LEVELS} }\n`;

async function problemsOf(text: string | Buffer): Promise<string[]> {
  writeFileSync(join(folder, 'policy.yaml'), text);
  const error = await loadPolicies('policy.yaml', folder).catch((thrown: unknown) => thrown);
  if (!(error instanceof Error)) return [];
  const [first, ...rest] = error.message.split('\n');
  return first === 'the policy file is not right (COUNTERSIGN_POLICY):'
    ? rest.map((line) => line.trim().replace('policy.yaml:', ''))
    : [error.message];
}

const rule = (rest: string) => `${ONE}rules:\n  - { name: a, ${rest} }\n`;

it.each<[string, string, ...string[]]>([
  ['nothing but policies', ONE],
  [
    'JSON',
    '{"rules": [{"name": "a", "when": "sensitive", "policy": "one"}], "policies": {}}',
    '1:57: rules[0].policy: there is no policy "one"; there are none',
  ],
  ['an empty file', '', '1:1: expected object, received null'],
  ['a list', '- a', '1:1: expected object, received array'],
  ['limits', `${ONE}limits: { openPerRequester: 20, openPerAgent: 50, queueWithin: 2 days }\n`],
  [
    'a limit that lets nobody in',
    `${ONE}limits: { openPerAgent: 0 }\n`,
    '3:25: limits.openPerAgent: Too small: expected number to be >=1',
  ],
  ['a limit that there is not', `${ONE}limits: { open: 5 }\n`, '3:11: limits.open: unknown key'],
  ['an unknown key', `${ONE}rule: []\n`, '3:1: rule: unknown key'],
  [
    'an unknown key of a rule',
    rule('when: sensitive, policy: one, unless: x'),
    '4:46: rules[0].unless: unknown key',
  ],
  [
    'a key that is missing',
    rule('when: sensitive'),
    '4:5: rules[0].policy: expected object, received undefined',
  ],
  ['a key twice', `${ONE}deny: []\ndeny: []\n`, '4:1: the key stands there twice'],
  ['two documents', `${ONE}---\na: 1\n`, '3:1: a second document begins; write one'],
  [
    'a policy that there is not',
    rule('when: sensitive, policy: tow'),
    '4:41: rules[0].policy: there is no policy "tow"; there are one',
  ],
  [
    'a default that there is not',
    `${ONE}default: two\n`,
    '3:10: default: there is no policy "two"; there are one',
  ],
  [
    'a default that only an object has',
    `${ONE}default: toString\n`,
    '3:10: default: there is no policy "toString"; there are one',
  ],
  [
    'a policy inline, and what is wrong with it',
    rule('when: sensitive, policy: { confirmation: MAYBE }'),
    '4:41: rules[0].policy.levels: expected array, received undefined',
    '4:57: rules[0].policy.confirmation: Invalid option: expected one of "INFO"|"CONFIRM"|"VERIFY"',
  ],
  [
    'a policy that nobody could meet',
    ONE.replace('respondWithin', 'quorum: 2, respondWithin'),
    '2:8: policies.one: levels[0].quorum: asks 2 of 1 people who may decide',
  ],
  [
    'a name that is none',
    ONE.replace('one', '"ö"'),
    '2:3: policies["ö"]: must be 1–200 printable ASCII characters',
  ],
  [
    'a name that no object has',
    `policies: { __proto__: { confirmation: CONFIRM, ${LEVELS} } }`,
    '1:24: policies.__proto__: is no name',
  ],
  [
    'two rules of a name, in two lists',
    `${ONE}deny: [{ name: a, when: sensitive, because: x }]\nrules: [{ name: a, when: sensitive, policy: one }]\n`,
    '4:17: rules[0].name: a is taken',
  ],
  [
    'a rule called default',
    rule('when: sensitive, policy: one').replace('name: a', 'name: default'),
    '4:13: rules[0].name: default is taken',
  ],
  [
    'an expression that ends too soon',
    rule(`when: 'action ==', policy: one`),
    '4:32: rules[0].when: Unexpected token: EOF',
  ],
  [
    'an expression of unknown variables',
    rule(`when: 'sensitive && amount > 1', policy: one`),
    '4:36: rules[0].when: Unknown variable: amount',
  ],
  [
    'one in a block, on its third line',
    `${ONE}rules:\n  - name: a\n    when: |\n      sensitive &&\n\n        amount > 1\n    policy: one\n`,
    '8:9: rules[0].when: Unknown variable: amount',
  ],
  [
    'one with escapes: where it begins',
    `${ONE}rules:\n  - name: a\n    when: "action == \\"x\\" && amount > 1"\n    policy: one\n`,
    '5:11: rules[0].when: Unknown variable: amount',
  ],
  [
    'one that is folded: where it begins',
    `${ONE}rules:\n  - name: a\n    when: >\n      sensitive &&\n      amount > 1\n    policy: one\n`,
    '5:11: rules[0].when: Unknown variable: amount',
  ],
  [
    'an expression that is a boolean of YAML',
    rule('when: true, policy: one'),
    '4:22: rules[0].when: expected string, received boolean',
  ],
  [
    'an expectation of nothing',
    `${ONE}expect: [{ name: a, proposal: { action: x } }]\n`,
    '3:10: expect[0]: expects nothing: give rule, policy, confirmation or denied',
  ],
  [
    'an expectation of a rule that there is not',
    `${ONE}expect: [{ name: a, proposal: { action: x }, rule: b }]\n`,
    '3:52: expect[0].rule: there is no rule "b"; there are default',
  ],
  [
    'an expectation twice',
    `${ONE}expect:\n  - { name: a, proposal: { action: x }, denied: false }\n  - { name: a, proposal: { action: x }, denied: false }\n`,
    '5:13: expect[1].name: a is taken',
  ],
  [
    'args that no proposal could have',
    `${ONE}expect: [{ name: a, proposal: { action: x, args: { __proto__: 1 } }, denied: false }]\n`,
    '3:50: expect[0].proposal.args: the payload has a key named __proto__',
  ],
  [
    'a merge key',
    `${ONE}rules:\n  - { <<: { when: sensitive }, name: a, policy: one }\n`,
    '4:7: rules[0]["<<"]: unknown key',
    '4:5: rules[0].when: expected string, received undefined',
  ],
])('%s', async (_, text, ...problems) => {
  expect(await problemsOf(text)).toEqual([...problems].sort(byPlace));
});

/** As they are told: in the order of the file. */
function byPlace(one: string, other: string): number {
  const [line = 0, column = 0] = one.split(':').map(Number);
  const [otherLine = 0, otherColumn = 0] = other.split(':').map(Number);
  return line - otherLine || column - otherColumn;
}

it('all that is wrong, what is meant and what is written, in the order of the file', async () => {
  const text = `polices: {}
policies:
  one: { confirmation: CONFIRM, ${LEVELS}, colour: red }
deny:
  - { name: a, when: 'amount > 1', because: 7 }
rules:
  - { name: a, when: 'action', policy: tow }
default: 5
`;
  expect(await problemsOf(text)).toEqual([
    '1:1: polices: unknown key',
    `3:${text.split('\n')[2]!.indexOf('colour') + 1}: policies.one.colour: unknown key`,
    '5:23: deny[0].when: Unknown variable: amount',
    '5:45: deny[0].because: expected string, received number',
    '7:13: rules[0].name: a is taken',
    '7:23: rules[0].when: is of type string, and a condition is true or false',
    '7:40: rules[0].policy: there is no policy "tow"; there are one',
    '8:10: default: expected object, received number',
  ]);
});

describe('what is no file of rules', () => {
  it('larger than 256 KiB', async () => {
    expect(await problemsOf(`# ${'x'.repeat(256 * 1024)}`)).toEqual([
      'the policy file, policy.yaml, is larger than 256 KiB',
    ]);
    expect(await problemsOf(`${ONE}# ${'x'.repeat(200 * 1024)}`)).toEqual([]);
  });

  it('aliases that repeat each other', async () => {
    const lines = Array.from(
      { length: 9 },
      (_, nth) => `a${nth + 1}: &a${nth + 1} [${`*a${nth}, `.repeat(9)}]`,
    );
    expect(await problemsOf(`a0: &a0 [x]\n${lines.join('\n')}\n`)).toEqual([
      '1:1: its aliases repeat too much; write it out',
    ]);
  });

  it('nesting without end', async () => {
    expect(await problemsOf('['.repeat(100_000))).toEqual([expect.stringMatching(/it is nested too deep$/)]);
  });

  it('none at all', async () => {
    expect(await loadPolicies(undefined, folder)).toBeUndefined();
    await expect(loadPolicies('none.yaml', folder)).rejects.toThrow(
      /^COUNTERSIGN_POLICY names the policy file, but none\.yaml is not there\.\nUnset it to let whoever asks say who decides, or name a file such as:\n {2}policies:/,
    );
  });

  it('the file that it names for whoever has none is right', async () => {
    const error = (await loadPolicies('none.yaml', folder).catch((thrown: unknown) => thrown)) as Error;
    const [, , ...lines] = error.message.split('\n');
    expect(await problemsOf(lines.map((line) => line.slice(2)).join('\n'))).toEqual([]);
  });
});
