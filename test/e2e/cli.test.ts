/** Our CLI as its users have it: a child process, no terminal, a real server. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PacketSchema, ResultSchema } from '../../src/domain/answers';
import {
  FROM_SOURCE,
  ROOT,
  run,
  startApp,
  temporaryDirectory,
  until,
  type App,
  type Ran,
} from '../support/app';

let app: App;
const directory = temporaryDirectory();
const actions = join(ROOT, '.countersign-readme-example.ts');

/** The README's example, as it stands there. */
function readmeExample(): string {
  const [, code] =
    /<!-- test: README example -->\n+```ts\n([\s\S]*?)```/.exec(
      readFileSync(join(ROOT, 'README.md'), 'utf8'),
    ) ?? [];
  if (code === undefined) throw new Error('the README has no example');
  return code;
}

beforeAll(async () => {
  writeFileSync(actions, readmeExample());
  app = await startApp({ data: directory.path, env: { COUNTERSIGN_ACTIONS: actions } });
});
afterAll(async () => {
  await app.stop();
  directory.remove();
  rmSync(actions, { force: true });
});

const json = <T = Record<string, unknown>>(ran: Ran): T => JSON.parse(ran.out) as T;
const hostile = 'pay \u001b[31mnow\u001b[0m \u202egnp.exe\u202c ze\u200bro pаypal';

let count = 0;
async function proposed(...more: string[]): Promise<{ id: string; digest: string }> {
  const id = `cli-${String(++count)}`;
  expect(
    await app.countersign('propose', 'answer: hello', '--id', id, '--requester', 'svc', ...more),
  ).toMatchObject({ code: 0, out: `${id}\n` });
  return { id, digest: (await app.reaches(id, 'open')).digest ?? '' };
}

it('the README’s own action: proposed in words, previewed, approved, run', async () => {
  expect(readmeExample().trim().split('\n').length).toBeLessThanOrEqual(20);
  await app.countersign('propose', 'please greet Ana', '--id', 'greet-1');
  const { digest = '' } = await app.reaches('greet-1', 'open');
  const shown = await app.countersign('show', 'greet-1');
  expect(shown.out).toContain('"wouldSay": "hello Ana"');
  expect(
    await app.countersign('approve', 'greet-1', '--reviewer', 'bo', '--digest', digest.slice(0, 12)),
  ).toMatchObject({ code: 0, out: 'admitted on revision 1 of greet-1\n' });
  const result = json(await app.countersign('result', 'greet-1', '--wait', '--json'));
  expect(result).toMatchObject({ outcome: 'executed', result: { said: 'hello Ana' } });
  const audit = await app.countersign('audit', 'show', 'greet-1');
  expect(audit).toMatchObject({
    code: 0,
    out: expect.stringContaining('the chain holds: 6 entries') as string,
  });
});

it('the inbox shows what waits, and to whom', async () => {
  const policy = {
    confirmation: 'CONFIRM',
    levels: [{ name: 'HUMAN', approvers: { people: ['cy'] }, respondWithin: '1 hour' }],
  };
  const { id } = await proposed('--policy', JSON.stringify(policy));
  const ids = async (reviewer: string) =>
    json<{ workflowId: string }[]>(await app.countersign('inbox', '--reviewer', reviewer, '--json')).map(
      (item) => item.workflowId,
    );
  await until(
    () => ids('cy'),
    (found) => found.includes(id),
  );
  expect(await ids('dee')).not.toContain(id);
});

it('edit by flag shows the difference, and the edited args are what is approved', async () => {
  const { id, digest } = await proposed();
  const ran = await app.countersign(
    'edit',
    id,
    '--args',
    '{"output":"good day"}',
    '--digest',
    digest,
    '--reviewer',
    'ana',
  );
  expect(ran).toMatchObject({ code: 0, out: `admitted on revision 1 of ${id}\n` });
  expect(ran.err).toContain('-  "output": "hello"');
  expect(ran.err).toContain('+  "output": "good day"');
  expect(json(await app.countersign('result', id, '--wait', '--json'))).toMatchObject({
    outcome: 'approved',
    proposal: { args: { output: 'good day' } },
  });
});

it('a dry run goes through the same admission and sends nothing', async () => {
  const { id, digest } = await proposed();
  const dry = (reviewer: string) =>
    app.countersign('approve', id, '--digest', digest, '--reviewer', reviewer, '--dry-run', '--json');
  expect(json(await dry('ana'))).toMatchObject({ status: 'admitted', dryRun: true });
  const refused = await dry('svc');
  expect({ code: refused.code, ...json(refused) }).toMatchObject({
    code: 'REQUESTER_CANNOT_DECIDE',
    status: 'refused',
  });
  expect(refused.code).toBe(1);
  expect(await app.gate(id)).toMatchObject({ status: 'open', signatures: [] });
});

it('every way to be wrong has its exit code, and says what to do', async () => {
  const { id, digest } = await proposed();
  const cases: [string[], number, string][] = [
    [['approve', id], 2, '--digest is needed'],
    [['reject', id, '--digest', digest], 2, '--comment is needed'],
    [['edit', id, '--digest', digest], 2, '--args is needed'],
    [['edit', id, '--digest', digest, '--args', '{'], 2, '--args is not JSON'],
    [['approve', id, '--digest', 'abc'], 2, 'at least its first 12 characters'],
    [['approve', id, '--digest', 'a'.repeat(64)], 1, 'STALE_REVISION'],
    [['approve', id, '--digest', digest, '--reviewer', 'svc'], 1, 'REQUESTER_CANNOT_DECIDE'],
    [['edit', id, '--digest', digest, '--args', '{"other":1}', '--reviewer', 'ana'], 1, 'other: unknown key'],
    [['result', id], 1, '--wait'],
    [['show', 'nobody'], 1, 'there is no workflow nobody'],
    [['propose'], 2, 'give a task in words, or --proposal'],
    [['propose', 'x', '--proposal', '{"action":"answer"}'], 2, 'proposal.args'],
    [['propose', 'again', '--id', id], 1, 'is taken'],
    [['aprove', id], 2, 'unknown command'],
    [['show', id, '--address', '127.0.0.1:1'], 3, 'no Temporal server answers at 127.0.0.1:1'],
    [['audit', 'show', 'nobody'], 1, 'no entries of nobody'],
  ];
  for (const [args, code, says] of cases) {
    const ran = await app.countersign(...args);
    expect({ args, code: ran.code, said: ran.out + ran.err }).toEqual({
      args,
      code,
      said: expect.stringContaining(says) as string,
    });
  }
  await app.countersign('reject', id, '--digest', digest, '--comment', 'no', '--reviewer', 'ana');
  await app.countersign('result', id, '--wait');
  const late = await app.countersign('approve', id, '--digest', digest, '--reviewer', 'ana', '--json');
  expect(late.code).toBe(1);
  expect(json(late)).toEqual({ code: 'ALREADY_CLOSED', message: 'already closed: outcome rejected' });
});

it('hostile text reaches no terminal raw, workflow ids included', async () => {
  const id = `hostile-\u001b[2J\u202e`;
  const proposal = {
    action: 'answer',
    args: { output: hostile },
    title: hostile,
    rationale: `${hostile}\n# heading`,
    evidence: [{ label: hostile, value: hostile }],
    confidence: 1,
    sensitive: false,
  };
  await app.start(id, { v: 1, task: hostile, requester: 'svc', proposal });
  const { digest = '' } = await app.reaches(id, 'open');
  const outputs = [
    await app.countersign('show', id),
    await app.countersign('show', id, '--json'),
    await until(
      () => app.countersign('inbox'),
      ({ out }) => out.includes('hostile-'),
    ),
    await app.countersign('inbox', '--json'),
    await app.countersign('approve', id),
    await app.countersign('comment', id, '--digest', digest, '--reviewer', 'ana', '--comment', hostile),
    await app.countersign(
      'edit',
      id,
      '--digest',
      digest,
      '--reviewer',
      'ana',
      '--args',
      JSON.stringify({ output: `${hostile}!` }),
    ),
    await app.countersign('result', id, '--wait'),
    await app.countersign('audit', 'show', id),
    await app.countersign('approve', id, '--digest', digest),
  ];
  for (const { out, err } of outputs)
    expect(out + err).not.toMatch(
      /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/,
    );
  expect(outputs[0]?.out).toContain('‹U+202E›');
});

it('a clone, which compiles its sources as it runs, says the same as the package', async () => {
  const { id } = await proposed();
  for (const args of [['show', id, '--json'], ['show', 'nobody'], ['--version'], ['approve']])
    expect(await run(process.execPath, [FROM_SOURCE, ...args], app.env)).toEqual(
      await app.countersign(...args),
    );
});

it('what the gate answers, open and closed, and the result are what their schemas say', async () => {
  const { id, digest } = await proposed();
  const packet = async () => PacketSchema.safeParse(json(await app.countersign('show', id, '--json')));
  expect(await packet()).toMatchObject({ success: true, data: { status: 'open' } });
  await app.countersign('edit', id, '--args', '{"output":"bye"}', '--digest', digest, '--reviewer', 'ana');
  const result = ResultSchema.safeParse(json(await app.countersign('result', id, '--wait', '--json')));
  expect(result).toMatchObject({
    success: true,
    data: { outcome: 'approved', decisions: [{ verdict: 'edit' }] },
  });
  expect(await packet()).toMatchObject({
    success: true,
    data: { status: 'closed', diff: [{ op: 'replace' }] },
  });
});
