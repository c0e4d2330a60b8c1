/** Each verdict at the command line: what is sent, what is asked for, and the sentence where it is not sent. */
import { randomUUID } from 'node:crypto';
import { generateKey, privateKeyFile } from '../../src/signing';
import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { packetOf } from '../../src/domain/packet';
import { temporaryDirectory } from '../support/app';
import { cli, type Answer } from '../support/cli-person';
import { fakeTemporal, type FakeTemporal } from '../support/fake-temporal';
import { policy } from '../domain/given';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

let fake: FakeTemporal;
const data = () => join(directory.path, randomUUID());
const TWO = {
  levels: [
    { name: 'HUMAN', approvers: { people: ['ana', 'bo'] }, quorum: 2, respondWithin: '4 hours' },
    { name: 'MANAGER', approvers: { people: ['mia'] }, respondWithin: '1 day' },
  ],
};
const LADDER = policy({}, TWO);
const VERIFY = policy(
  { approvers: { people: ['ana'] } },
  { confirmation: 'VERIFY', phrase: 'REFUND A-4711' },
);

beforeEach(() => {
  fake = fakeTemporal();
  fake.open('pay-1', { policy: LADDER });
});
const digestOf = (id = 'pay-1') => fake.gates.get(id)?.digest ?? '';
const last = (id = 'pay-1') => fake.gates.get(id)?.decisions.at(-1);
const without = (...argv: string[]) => cli(fake, argv, { data: data() });
const at = (answers: Answer[], ...argv: string[]) => cli(fake, argv, { data: data(), answers });

it.each([
  { argv: ['escalate', '--comment', 'above my limit'], sent: { comment: 'above my limit' } },
  { argv: ['delegate', '--to', 'dee'], sent: { to: 'dee' } },
  { argv: ['delegate', '--to', 'dee', '--comment', 'away'], sent: { to: 'dee', comment: 'away' } },
  {
    argv: ['extend', '--until', '2026-03-02T15:00+01:00'],
    sent: { until: '2026-03-02T14:00:00.000Z' },
  },
  {
    argv: ['extend', '--until', '2026-03-02 14:30:00Z'],
    sent: { until: '2026-03-02T14:30:00.000Z' },
  },
])('$argv is sent as it was said', async ({ argv: [verdict = '', ...rest], sent }) => {
  const ran = await without(verdict, 'pay-1', '--digest', digestOf(), '--reviewer', 'ana', ...rest);
  expect(ran).toMatchObject({ code: 0, out: 'admitted on revision 1 of pay-1\n', err: '' });
  const { id: _, v: __, digest: ___, at: ____, ...decision } = last()!;
  expect(decision).toEqual({ verdict, reviewer: 'ana', revision: 1, level: 'HUMAN', ...sent });
});

it('withdraw takes a signature back', async () => {
  fake.say('pay-1', 'ana', 'approve');
  expect(fake.gates.get('pay-1')?.signatures).toHaveLength(1);
  const ran = await without('withdraw', 'pay-1', '--digest', digestOf(), '--reviewer', 'ana', '--json');
  expect(JSON.parse(ran.out)).toMatchObject({ status: 'admitted', workflowId: 'pay-1', revision: 1 });
  expect(fake.gates.get('pay-1')?.signatures).toEqual([]);
});

it.each([
  { argv: ['escalate'], says: '--comment is needed where there is no terminal to ask at: escalate says why' },
  {
    argv: ['delegate'],
    says: '--to is needed where there is no terminal to ask at: it names the person who acts on your behalf',
  },
  {
    argv: ['extend'],
    says: '--until is needed where there is no terminal to ask at: it is the new deadline, an instant such as 2030-05-01T09:00Z or a duration from now such as "2 hours"',
  },
  {
    argv: ['withdraw'],
    says: '--digest is needed where there is no terminal to ask at: the digest of what you read, from `countersign show pay-1`',
  },
])('without a terminal $argv names the flag', async ({ argv: [verdict = ''], says }) => {
  for (const json of [[], ['--json']]) {
    const ran = await without(verdict, 'pay-1', ...json);
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 2, err: `FLAG_MISSING: ${says}\n` });
    expect(ran.out).toBe(
      json.length === 0 ? '' : `${JSON.stringify({ code: 'FLAG_MISSING', message: says })}\n`,
    );
  }
  expect(last()).toBeUndefined();
});

it.each(['soon', '5', '-2 hours', '2030-05-01', '2030-05-01T09:00', '2030-13-01T09:00Z', '11 years', ''])(
  '--until %j is no deadline',
  async (until) => {
    const ran = await without('extend', 'pay-1', '--digest', digestOf(), '--until', until);
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^INVALID_INPUT: --until takes an instant/) as string,
    });
  },
);

it('what the gate refuses has its sentence, and exit code 1', async () => {
  const ran = await without('extend', 'pay-1', '--digest', digestOf(), '--reviewer', 'ana', '--until', '1h');
  expect(ran).toMatchObject({
    code: 1,
    out: expect.stringMatching(
      /^refused: EXTENSION_NOT_ALLOWED: the deadline cannot be moved to .*\n$/,
    ) as string,
  });
});

it('a dry run sends nothing', async () => {
  const ran = await without(
    ...['delegate', 'pay-1', '--digest', digestOf(), '--reviewer', 'ana', '--to', 'req', '--dry-run'],
  );
  expect(ran).toMatchObject({
    code: 1,
    out: 'would be refused: DELEGATE_NOT_ALLOWED: req cannot act on your behalf: they asked for this\n',
  });
  expect(fake.gates.get('pay-1')?.refusals).toBe(0);
});

it('at a terminal what is missing is asked for, after the gate was shown', async () => {
  const ran = await at(['n a m é', 'dee', true], 'delegate', 'pay-1', '--reviewer', 'ana');
  expect(ran).toMatchObject({ code: 0, out: 'admitted on revision 1 of pay-1\n' });
  expect(ran.asked).toEqual([
    'Who acts on your behalf?',
    'A name is 1–200 printable ASCII characters.',
    'Who acts on your behalf?',
    'delegate revision 1?',
  ]);
  expect(last()).toMatchObject({ verdict: 'delegate', to: 'dee' });
  const up = await at(['above my limit', false], 'escalate', 'pay-1', '--reviewer', 'ana');
  expect(up).toMatchObject({ code: 1, asked: ['Why?', 'escalate revision 1?'] });
  expect(up.err).toMatch(/NOT_SENT: nothing was sent\n$/);
  const left = await at([undefined], 'extend', 'pay-1', '--reviewer', 'ana');
  expect(left.asked[0]).toMatch(/^The new deadline\? \(an instant such as .*"2 hours"\)$/);
  expect(left.code).toBe(1);
});

describe('the phrase at VERIFY', () => {
  beforeEach(() => {
    fake.open('del-1', { policy: VERIFY });
  });

  it.each([
    { verdict: 'approve', more: [] },
    { verdict: 'edit', more: ['--args', '{"order":"A-4711","amount":30}'] },
  ])('$verdict without a terminal needs --phrase, and sends it as it is', async ({ verdict, more }) => {
    const argv = [verdict, 'del-1', '--digest', digestOf('del-1'), '--reviewer', 'ana', ...more];
    const ran = await without(...argv);
    expect({ code: ran.code, says: ran.err.split('\n').at(-2) }).toEqual({
      code: 2,
      says: `FLAG_MISSING: --phrase is needed where there is no terminal to ask at: this gate takes ${verdict} with the phrase, exactly: REFUND A-4711`,
    });
    expect(await without(...argv, '--phrase', 'refund A-4711')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^refused: PHRASE_MISMATCH: .*REFUND A-4711\n$/) as string,
    });
    expect(await without(...argv, '--phrase', 'REFUND A-4711')).toMatchObject({ code: 0 });
    expect(last('del-1')).toMatchObject({ verdict, phrase: 'REFUND A-4711' });
  });

  it('at a terminal it is typed, exactly; nothing that looks like it, and nothing more is asked then', async () => {
    const wrong = ['REFUND A-4711 ', 'refund a-4711', 'RЕFUND A-4711', 'REFUND\u00a0A-4711', 'y'];
    const ran = await at([...wrong, 'REFUND A-4711'], 'approve', 'del-1', '--reviewer', 'ana');
    expect(ran).toMatchObject({ code: 0, out: 'admitted on revision 1 of del-1\n' });
    expect(ran.asked.filter((one) => one.startsWith('That is not it'))).toHaveLength(wrong.length);
    expect(ran.err).toContain('To approve, type exactly this:\n  REFUND A-4711\n');
    expect(last('del-1')).toMatchObject({ verdict: 'approve', phrase: 'REFUND A-4711' });
  });

  it('reject does not need it; leaving the question sends nothing', async () => {
    const left = await at([undefined], 'approve', 'del-1', '--reviewer', 'ana');
    expect(left).toMatchObject({ code: 1, err: expect.stringContaining('NOT_SENT') as string });
    const argv = ['reject', 'del-1', '--digest', digestOf('del-1'), '--reviewer', 'ana', '--comment', 'no'];
    expect(await without(...argv)).toMatchObject({ code: 0 });
  });
});

describe('a workflow that waits for a level', () => {
  beforeEach(() => {
    fake.say('pay-1', 'ana', 'escalate', { comment: 'above my limit' });
    expect(packetOf(fake.gates.get('pay-1')!)).toMatchObject({
      status: 'waiting',
      waitingOn: 'pay-1/MANAGER',
    });
  });
  const argv = () => ['approve', 'pay-1', '--digest', digestOf(), '--reviewer', 'mia'];

  it('says where to decide, and sends nothing', async () => {
    const ran = await without(...argv());
    expect({ code: ran.code, out: ran.out, err: ran.err }).toEqual({
      code: 1,
      out: '',
      err: 'ASK_CHILD: the level MANAGER is asked; decide on the workflow pay-1/MANAGER: `countersign approve pay-1/MANAGER`, or --follow\n',
    });
    expect(fake.gates.get('pay-1')?.refusals).toBe(0);
  });

  it('--follow decides there: one digest is one question', async () => {
    const ran = await without(...argv(), '--follow');
    expect(ran).toMatchObject({ code: 0, out: 'admitted on revision 1 of pay-1/MANAGER\n' });
    expect(last('pay-1/MANAGER')).toMatchObject({ verdict: 'approve', reviewer: 'mia', level: 'MANAGER' });
  });

  it('at a terminal it asks whether to', async () => {
    const no = await at([false], 'approve', 'pay-1', '--reviewer', 'mia');
    expect(no).toMatchObject({ code: 1, asked: ['Go on with pay-1/MANAGER?'] });
    const yes = await at([true, true], 'approve', 'pay-1', '--reviewer', 'mia');
    expect(yes).toMatchObject({
      code: 0,
      out: 'admitted on revision 1 of pay-1/MANAGER\n',
      asked: ['Go on with pay-1/MANAGER?', 'approve revision 1?'],
    });
  });
});

describe('what was shown', () => {
  const shownOf = (id: string) => packetOf(fake.gates.get(id)!).shown;
  const DIGEST = () => ['--digest', digestOf(), '--reviewer', 'ana'];

  it('is named by who has read it at the terminal', async () => {
    const shown = shownOf('pay-1');
    await at([true], 'approve', 'pay-1', '--reviewer', 'ana');
    expect(last()).toMatchObject({ verdict: 'approve', shown });
  });

  it('is not named by who gives a digest alone, unless they give it', async () => {
    const shown = shownOf('pay-1') ?? '';
    await without('approve', 'pay-1', ...DIGEST());
    expect(last()).not.toHaveProperty('shown');
    await without('withdraw', 'pay-1', ...DIGEST(), '--shown', shown);
    expect(last()).toMatchObject({ verdict: 'withdraw', shown });
  });

  it.each([
    {
      shown: 'e'.repeat(64),
      code: 1,
      out: 'refused: SHOWN_OTHERWISE: you were shown something else',
      err: '',
    },
    { shown: 'e'.repeat(12), code: 2, out: '', err: 'MALFORMED_DECISION: shown: must be 64 lower-case' },
  ])('$shown is refused', async ({ shown, code, out, err }) => {
    const ran = await without('approve', 'pay-1', ...DIGEST(), '--shown', shown);
    expect(ran.code).toBe(code);
    expect(ran.out).toContain(out);
    expect(ran.err).toContain(err);
    expect(fake.gates.get('pay-1')?.signatures).toEqual([]);
  });

  it('stands below the digest where a gate is shown, and nowhere else', async () => {
    expect((await without('show', 'pay-1')).out).toContain(`\nshown  ${shownOf('pay-1') ?? ''}\n`);
    fake.open('pay-2', { policy: policy({}, { confirmation: 'INFO' }) });
    expect((await without('show', 'pay-2')).out).not.toContain('\nshown ');
  });
});

describe('where decisions are signed', () => {
  const { public: key, private: privateKeyPem } = generateKey();
  const file = join(directory.path, 'ana.key.pem');
  const SIGNED = policy({ approvers: { people: ['ana'] } }, { authentication: 'signed' });
  beforeAll(() => {
    writeFileSync(file, privateKeyFile({ privateKeyPem, keyId: 'ana-1' }), { mode: 0o600 });
  });
  beforeEach(() => {
    const reviewers = { people: [{ name: 'ana', keys: [{ id: 'ana-1', public: key }] }] };
    fake.open('sig-1', { policy: SIGNED, reviewers });
  });

  it.each(['approve', 'withdraw'])('%s without a key says what to do, and sends nothing', async (verdict) => {
    const ran = await without(verdict, 'sig-1', '--digest', digestOf('sig-1'), '--reviewer', 'ana');
    expect({ code: ran.code, err: ran.err }).toEqual({
      code: 2,
      err: `UNAUTHENTICATED: decisions on sig-1 are signed: give your key with --key, or sign elsewhere with \`countersign sign sig-1 --verdict ${verdict}\`; nothing was sent\n`,
    });
    expect(fake.gates.get('sig-1')?.refusals).toBe(0);
  });

  it('with --key the decision carries its signature', async () => {
    fake.now = Date.now();
    const reviewers = { people: [{ name: 'ana', keys: [{ id: 'ana-1', public: key }] }] };
    fake.open('sig-2', { policy: SIGNED, reviewers });
    const argv = ['approve', 'sig-2', '--digest', digestOf('sig-2'), '--reviewer', 'ana'];
    expect(await without(...argv, '--key', file)).toMatchObject({
      code: 0,
      out: 'admitted on revision 1 of sig-2\n',
    });
    expect(last('sig-2')?.signature).toMatchObject({
      key: 'ana-1',
      value: expect.stringMatching(/^[A-Za-z0-9+/]{86}==$/) as string,
    });
    const other = 'f'.repeat(64);
    expect(await without('approve', 'sig-1', '--digest', other, '--key', file)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^STALE_REVISION: .*; nothing was signed\n$/) as string,
    });
  });

  it('at a gate that a front door vouches at, it says so', async () => {
    const vouched = policy({ approvers: { people: ['ana'] } }, { authentication: 'vouched' });
    fake.open('vou-1', { policy: vouched });
    const ran = await without('approve', 'vou-1', '--digest', digestOf('vou-1'), '--reviewer', 'ana');
    expect(ran).toMatchObject({
      code: 2,
      err: expect.stringContaining(
        'UNAUTHENTICATED: decisions on vou-1 are vouched for by a front door, or signed: give your key',
      ) as string,
    });
  });

  it('a dry run may be unsigned', async () => {
    const ran = await without(
      ...['approve', 'sig-1', '--digest', digestOf('sig-1'), '--reviewer', 'ana', '--dry-run'],
    );
    expect(ran).toMatchObject({
      code: 1,
      out: expect.stringMatching(/^would be refused: UNAUTHENTICATED: /) as string,
    });
  });
});
