/** `countersign policy test`, in this process: what it says of a file's expectations and of one proposal, and how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Deps } from '../../src/cli/command';
import { policy } from '../../src/cli/commands/policy';
import { run } from '../../src/cli/main';
import { readConfig } from '../../src/config';
import { Policy } from '../../src/domain/policy';
import { kept } from '../support/cli-program';

const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
const example = join(__dirname, '../../examples/policies/refunds.yaml');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

async function said(argv: string[], env: Record<string, string> = {}): Promise<Ended> {
  const streams = kept();
  let exit = 0;
  const config = readConfig({ HOME: '/home/ana', ...env });
  const nowhere = () => Promise.reject(new Error('there is no server in this test'));
  const ended = (code: number) => void (exit = code);
  const deps: Deps = { streams, defaults: config, config, open: nowhere, store: nowhere, ended };
  const failed = await run(policy(deps), ['test', ...argv], streams);
  return { exit: failed ?? exit, ...streams.said };
}

function written(text: string, name = 'policy.yaml'): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const RULES = `policies:
  one: { confirmation: CONFIRM, levels: [{ name: HUMAN, approvers: { people: [ana] }, respondWithin: 4 hours }] }
deny:
  - { name: never, when: action == "sql", because: by hand alone }
rules:
  - { name: cheap, when: action == "refund" && args.amount < 50, policy: one }
  - { name: mine, when: requester == "me", policy: one }
`;
const ONE = Policy.parse({
  confirmation: 'CONFIRM',
  levels: [{ name: 'HUMAN', approvers: { people: ['ana'] }, respondWithin: '4 hours' }],
});

/** What is warned of a file, on stderr: it changes nothing of how it ends. */
const alone = (file: string, policy: string) =>
  `warn    ${file}: the policy ${policy} keeps the requester from deciding by the name that the start claims, ` +
  'and one person decides at HUMAN: say separation: { proven: true }, or ask two\n';
const warned = (file: string) => `${alone(file, 'one')}${alone(file, "Countersign's default")}`;

describe('expectations', () => {
  it('all are met: the example, by flag and by COUNTERSIGN_POLICY', async () => {
    const byFlag = await said(['--file', example]);
    expect(byFlag).toEqual({ exit: 0, out: expect.any(String), err: alone(example, 'one') });
    const lines = byFlag.out.trimEnd().split('\n');
    expect(lines.pop()).toBe(`${example} is right: 1 deny, 4 rules; 9 of 9 expectations are met`);
    expect(lines.filter((line) => !line.startsWith('ok      '))).toEqual([]);
    expect(await said([], { COUNTERSIGN_POLICY: example })).toEqual(byFlag);
  });

  it('one is not: both are said, and it ends with 1', async () => {
    const file = written(`${RULES}expect:
  - { name: cheap is told, proposal: { action: refund, args: { amount: 40 } }, confirmation: INFO }
  - { name: sql goes, proposal: { action: sql }, denied: false }
  - { name: no amount, proposal: { action: refund }, rule: cheap }
  - { name: fine, proposal: { action: x }, rule: default }
`);
    expect(await said(['--file', file])).toEqual({
      exit: 1,
      out:
        `not ok  cheap is told: expected confirmation INFO; it is rule cheap, policy one, confirmation CONFIRM\n` +
        `not ok  sql goes: expected not denied; it is rule never, denied\n` +
        `not ok  no amount: expected rule cheap; it is an error: the rule "cheap" cannot be evaluated: ${file}:6:53: No such key: amount\n` +
        `ok      fine\n` +
        `${file} is right: 1 deny, 2 rules; 1 of 4 expectations are met\n`,
      err: warned(file),
    });
    const json = await said(['--file', file, '--json']);
    expect(json).toMatchObject({ exit: 1, err: '' });
    expect(JSON.parse(json.out)).toMatchObject({
      ok: false,
      file,
      expectations: [
        { name: 'cheap is told', ok: false, expected: { confirmation: 'INFO' }, came: { rule: 'cheap' } },
        { name: 'sql goes', ok: false },
        { name: 'no amount', ok: false },
        { name: 'fine', ok: true },
      ],
      warnings: warned(file)
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/^warn {4}/, '')),
    });
  });

  it('a rule that asks less for a claimed name is warned of, and changes nothing of how it ends', async () => {
    const file = written(RULES.replace('requester == "me"', 'requester != "me"'));
    expect(await said(['--file', file])).toMatchObject({
      exit: 0,
      err:
        warned(file) +
        `warn    ${file}:7:25: the rule mine goes by requester, which whoever starts a workflow claims: ` +
        "add && requesterProven, or go by something else. It decides between the policies one and Countersign's default\n",
    });
  });

  it('there are none: said, once the file is right', async () => {
    const file = written(RULES);
    expect(await said(['--file', file])).toEqual({
      exit: 0,
      out: `${file} is right: 1 deny, 2 rules; it expects nothing, so nothing was tried (write some under expect)\n`,
      err: warned(file),
    });
  });
});

describe('a proposal', () => {
  const file = () => written(RULES);

  it('meets a rule: which, why not those before it, and the policy', async () => {
    const path = file();
    const argv = [
      '--file',
      path,
      '--proposal',
      '{"action":"refund","args":{"amount":60}}',
      '--requester',
      'me',
    ];
    expect(await said(argv)).toEqual({
      exit: 0,
      out:
        `deny  ${path}:4:26  never  did not match\n` +
        `rule  ${path}:6:26  cheap  did not match\n` +
        `rule  ${path}:7:25  mine  matched\n` +
        `by the rule mine: the policy one\n${JSON.stringify(ONE, undefined, 2)}\n`,
      err: '',
    });
    const json = await said([...argv, '--json']);
    expect(JSON.parse(json.out)).toEqual({
      ok: true,
      rule: 'mine',
      called: 'one',
      policy: ONE,
      met: [
        { kind: 'deny', name: 'never', place: `${path}:4:26`, outcome: 'did not match' },
        { kind: 'rule', name: 'cheap', place: `${path}:6:26`, outcome: 'did not match' },
        { kind: 'rule', name: 'mine', place: `${path}:7:25`, outcome: 'matched' },
      ],
    });
  });

  it.each<[string, string, number, RegExp]>([
    [
      'none matches',
      '{"action":"x"}',
      0,
      /mine {2}did not match\nno rule matches: the policy Countersign's default\n\{/,
    ],
    [
      'it is denied',
      '{"action":"sql"}',
      1,
      /never {2}matched\n(?:.*was not tried\n){2}DENIED: by hand alone \(never\)\n$/,
    ],
    [
      'a rule fails',
      '{"action":"refund"}',
      1,
      /cheap {2}failed: .*:6:53: No such key: amount\n.*mine {2}was not tried\nPOLICY_ERROR: the rule "cheap" cannot/,
    ],
    [
      'a whole proposal, as it is proposed',
      '{"action":"x","title":"X","rationale":"y","evidence":[]}',
      0,
      /^deny/,
    ],
  ])('%s', async (_, proposal, exit, out) => {
    const ended = await said(['--file', file(), '--proposal', proposal]);
    expect(ended).toEqual({ exit, out: expect.stringMatching(out), err: '' });
  });

  it('from a file', async () => {
    const proposal = written('{"action":"sql"}', 'proposal.json');
    expect(await said(['--file', file(), '--proposal', `@${proposal}`])).toMatchObject({ exit: 1 });
  });
});

describe('what is not right ends with 2', () => {
  it.each<[string, string[], string]>([
    [
      'no file',
      [],
      'POLICY_FILE: there is no policy file to test: name one with --file, or in COUNTERSIGN_POLICY\n',
    ],
    [
      'no proposal',
      ['--file', example, '--requester', 'me'],
      'INVALID_INPUT: --requester goes with --proposal\n',
    ],
    [
      'a proposal of nothing',
      ['--file', example, '--proposal', '{}'],
      'INVALID_INPUT: --proposal: action: expected string, received undefined\n',
    ],
    [
      'a list',
      ['--file', example, '--proposal', '[]'],
      'INVALID_INPUT: --proposal: expected object, received array\n',
    ],
    [
      'null',
      ['--file', example, '--proposal', 'null', '--requester', 'me'],
      'INVALID_INPUT: --proposal: action: expected string, received undefined\n',
    ],
    [
      'an unknown key',
      ['--file', example, '--proposal', '{"action":"x","amount":1}'],
      'INVALID_INPUT: --proposal: amount: unknown key\n',
    ],
    [
      'a confidence of 2',
      ['--file', example, '--proposal', '{"action":"x","confidence":2}'],
      'INVALID_INPUT: --proposal: confidence: Too big: expected number to be <=1\n',
    ],
    [
      'a prototype',
      ['--file', example, '--proposal', '{"action":"x","args":{"__proto__":{}}}'],
      'INVALID_INPUT: --proposal: the payload has a key named __proto__\n',
    ],
  ])('%s', async (_, argv, err) => {
    expect(await said(argv)).toEqual({ exit: 2, out: '', err });
  });

  it('a file with problems: each on a line, and to programs as one', async () => {
    const file = written('rules: [{ name: a, when: foo, policy: tow }]\n');
    const problems =
      `the policy file is not right (--file):\n` +
      `  ${file}:1:26: rules[0].when: Unknown variable: foo\n` +
      `  ${file}:1:39: rules[0].policy: there is no policy "tow"; there are none`;
    expect(await said(['--file', file, '--json'])).toEqual({
      exit: 2,
      out: `${JSON.stringify({ code: 'POLICY_FILE', message: problems })}\n`,
      err: `POLICY_FILE: ${problems}\n`,
    });
    expect((await said([], { COUNTERSIGN_POLICY: file })).err).toContain('is not right (COUNTERSIGN_POLICY)');
  });
});

it('what a file and a proposal say reaches the terminal as text', async () => {
  const hostile = `ana\\u202e\\u200bx`;
  const file = written(`policies:
  one: { confirmation: CONFIRM, levels: [{ name: HUMAN, approvers: { people: [ana] }, respondWithin: 4 hours }] }
deny: [{ name: no, when: args.key.matches("x") && has(args.a), because: "${hostile}\\u001b[2J" }]
expect:
  - { name: "раypal", proposal: { action: x, args: { key: x, a: 1 } }, denied: false }
`);
  const proposal = JSON.stringify({ action: 'x', args: { key: 'x', a: '\u001b[31m' } });
  for (const argv of [[], ['--proposal', proposal], ['--proposal', proposal, '--json']]) {
    const { out } = await said(['--file', file, ...argv]);
    expect(out).not.toMatch(/[^\P{C}\n]/u);
    expect(out).toMatch(argv.length === 0 ? /not ok {2}‹U\+0440›‹U\+0430›ypal/ : /U\+202E|\\u202e/);
  }
});
