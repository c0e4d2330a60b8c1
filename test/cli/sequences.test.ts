/** Plans, undos, reworded texts and ladders as a person reads them, at a terminal and in the Web UI. */
import { createColors } from 'picocolors';
import { render } from '../../src/cli/render';
import { clock, took } from '../../src/cli/spans';
import { CountersignError, type Escalations, type Packet, type PlanSteps } from '../../src/client';
import { packetOf } from '../../src/domain/packet';
import type { PlanView } from '../../src/domain/plan-view';
import { wordsChanged } from '../../src/domain/words';
import { details } from '../../src/workflows/details';
import { open } from '../domain/given';
import { temporaryDirectory } from '../support/app';
import { cli, type Person } from '../support/cli-person';
import { fakeTemporal, resultOf } from '../support/fake-temporal';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
const base = packetOf(open());
const shown = (packet: Packet, more: Partial<Parameters<typeof render>[1]> = {}) =>
  render(packet, { full: false, colours: createColors(false), ...more });

const view = (count: number, at: number): PlanView => ({
  onReject: 'undo',
  at,
  steps: Array.from({ length: count }, (_, index) => ({
    name: `s${String(index + 1)}`,
    about: `Step ${String(index + 1)}`,
    ...(index < at ? { outcome: 'executed' } : {}),
  })),
});
const inPlan = (plan: PlanView, name: string): Packet => ({
  ...base,
  workflowId: `p/${name}`,
  root: { workflowId: 'p', firstRunId: 'r' },
  gate: name,
  plan,
});
const plan = (of: PlanView, more: Partial<Packet> = {}): Packet => ({
  v: 1,
  workflowId: 'p',
  root: { workflowId: 'p', firstRunId: 'r' },
  gate: of.steps[of.at]?.name ?? '',
  status: 'waiting',
  requester: 'req',
  revision: 0,
  plan: of,
  signatures: [],
  verdicts: [],
  waitingOn: `p/${of.steps[of.at]?.name ?? ''}`,
  authentication: 'open',
  ...more,
});

describe('a plan', () => {
  it('itself: where it stands, and where to decide', () => {
    expect(shown(plan(view(3, 1))).text.split('\n')).toEqual([
      'p  plan  waiting',
      '',
      'The plan',
      '  step 2 of 3; a rejected step has what was done taken back',
      '    1. s1 (Step 1): executed',
      '  > 2. s2 (Step 2): under way',
      '    3. s3 (Step 3): to come',
      '',
      'decide on   p/s2, as long as it is asked (countersign show p/s2)',
      'requester   req, as claimed',
      '',
    ]);
  });

  it('at a step, behind what is signed', () => {
    const { text } = shown(inPlan(view(3, 1), 's2'));
    expect(text).toMatch(/^p\/s2 {2}gate s2 {2}open\n\nWhat runs/);
    expect(text).toMatch(/claim[\s\S]*\nThe plan\n {2}step 2 of 3;[\s\S]*\nasked /);
  });

  it('a long one is windowed and says so; it hides nothing that is signed', () => {
    const windowed = shown(inPlan(view(100, 50), 's51'));
    expect(windowed.hidden).toBe(0);
    expect(windowed.text).toContain('    … steps 1 to 45: 45 executed\n');
    expect(windowed.text).toContain('  89 steps are left out here; countersign steps p lists all\n');
    expect(shown(inPlan(view(100, 50), 's51'), { full: true }).text.match(/Step \d+/g)).toHaveLength(100);
    const walked = shown(inPlan(view(100, 50), 's51'), { full: true, whole: false });
    expect(walked.text.match(/Step \d+/g)).toHaveLength(11);
  });

  it('in the Web UI: the steps, and the workflow to decide in', () => {
    expect(details(plan(view(3, 1)))).toBe(
      [
        '**Plan, waiting**',
        '**The plan**',
        '```\nstep 2 of 3; a rejected step has what was done taken \nback\n  1. s1 (Step 1): executed\n> 2. s2 (Step 2): under way\n  3. s3 (Step 3): to come\n```',
        '- **Decide on:** `p/s2`, as long as it is asked',
      ].join('\n\n'),
    );
    const ended = plan(view(3, 3), { status: 'closed', outcome: 'executed', waitingOn: undefined as never });
    expect(details(ended)).toMatch(
      /^\*\*Plan, closed: `executed`\*\*\n\n\*\*The plan\*\*\n\n```\n3 of 3 steps were asked/,
    );
    expect(details(inPlan(view(1_000, 500), 's501'))).toContain(
      '993 steps are left out here; `countersign steps p` lists all',
    );
  });
});

it('a ladder at its agents has nothing to decide yet, here and in the Web UI', () => {
  const { plan: _, ...packet } = plan(view(1, 0), {
    workflowId: 't',
    gate: 'main',
    level: 'AGENT',
    waitingOn: 't/AGENT',
  });
  expect(shown(packet).text).toContain(
    'asked       AGENT, an agent, in t/AGENT; nothing is open to decide yet\n',
  );
  expect(details(packet)).toBe(
    '**Gate `main`, waiting**\n\n- **Asked:** `AGENT`, an agent, in `t/AGENT`; nothing is open to decide yet',
  );
});

describe('what takes a step back', () => {
  const undo = {
    action: 'ship',
    args: { order: 'back', lines: Array.from({ length: 60 }, (_, nth) => nth) },
  };

  it('stands beside what runs; of a long one the hidden lines are counted, and --full has them', () => {
    const cut = shown({ ...base, undo });
    expect(cut.text).toMatch(
      /hashed\)\n {2}refund \{[\s\S]*\n\nWhat runs, if it is taken back \(hashed and signed with it\)\n {2}ship \{\n {4}"order": "back",/,
    );
    expect(cut.hidden).toBe(25);
    expect(cut.text).toContain('  … 25 lines hidden; --full shows them');
    expect(shown({ ...base, undo }, { full: true })).toMatchObject({ hidden: 0 });
  });

  it('in the Web UI, too', () => {
    expect(details({ ...base, undo })).toMatch(
      /\*\*What runs, if it is taken back\*\* \(hashed and signed with it\): `ship` with\n\n```\n\{\n {2}"order": "back",/,
    );
  });
});

describe('a text that was changed', () => {
  const REST = Array.from({ length: 40 }, (_, nth) => `word${String(nth)}`).join(' ');
  const changes = wordsChanged(`We pay 40. ${REST}`, `We pay 30. ${REST}`)!;
  const packet: Packet = {
    ...base,
    revision: 2,
    diff: [
      { op: 'replace', path: '/args/text', value: `We pay 30. ${REST}` },
      { op: 'replace', path: '/args/amount', value: 30 },
    ],
    words: [{ path: '/args/text', changes }],
  };

  it('is read word by word, the rest left out and said to be; all else as it was', () => {
    const { text, hidden } = shown(packet);
    expect(hidden).toBe(0);
    expect(text).toMatch(
      /\nChanged since revision 1\n {2}\{"op":"replace","path":"\/args\/amount","value":30\}\n {2}\/args\/text, word by word \(\[-removed-\], \{\+added\+\}\):\n {2}We pay \[-40-\]\{\+30\+\}\. word0 [a-z0-9 ]+ … \n {2}\(… stands for words as they were; countersign show refund-4711 --full has them\)\n/,
    );
    expect(shown(packet, { full: true }).text).toContain(`  We pay [-40-]{+30+}. ${REST}\n`);
  });

  it('in colours where the terminal has some, each line by itself', () => {
    const colours = createColors(true);
    const lines = { path: '/args/text', changes: wordsChanged('we pay\nit all', 'we pay\nit\nall')! };
    const { text } = shown({ ...packet, words: [lines] }, { colours });
    expect(text).toContain(colours.red('[- -]') + colours.green('{+') + '\n  ' + colours.green('+}'));
  });

  it('in the Web UI: marked, wrapped, within its bytes', () => {
    const told = details(packet);
    expect(told).toContain(
      '`/args/text`, word by word (`[-removed-]`, `{+added+}`):\n\n```\nWe pay [-40-]{+30+}. word0',
    );
    expect(told).toContain(
      '(… stands for words as they were; `countersign show refund-4711 --full` has them)',
    );
    const many = Array.from({ length: 550 }, (_, nth) => `${String(nth)} ${'x'.repeat(30)} `);
    const long = wordsChanged(
      many.join(''),
      many.map((one, nth) => (nth % 3 === 0 ? `y${one}` : one)).join(''),
    )!;
    const less = details({ ...packet, words: [{ path: '/args/text', changes: long }] });
    expect(Buffer.byteLength(less)).toBeLessThan(19_000);
    expect(less).toContain(
      '**What changed, and the plan, are too long to show here:** `countersign show refund-4711 --full`',
    );
    expect(less).toContain('**What runs, if approved**');
    expect(less).toContain('**To approve**');
  });
});

const LOCAL = (...parts: [number, number, number, number, number, number]) =>
  new Date(...parts).toISOString();
const ONE = LOCAL(2026, 2, 2, 12, 1, 3);

test.each([
  { from: ONE, to: ONE, said: '0 ms' },
  { from: ONE, to: new Date(Date.parse(ONE) + 999).toISOString(), said: '999 ms' },
  { from: ONE, to: LOCAL(2026, 2, 2, 12, 1, 5), said: '2 s' },
  { from: ONE, to: LOCAL(2026, 2, 2, 12, 4, 8), said: '3 min 5 s' },
  { from: ONE, to: LOCAL(2026, 2, 2, 14, 1, 4), said: '2 h' },
  { from: ONE, to: LOCAL(2026, 2, 6, 14, 30, 0), said: '4 d 2 h' },
  { from: ONE, to: LOCAL(2026, 2, 2, 12, 1, 0), said: '0 ms' },
])('it took $said', ({ from, to, said }) => {
  expect(took(from, to)).toBe(said);
});

test('the date stands where it is another one', () => {
  expect(clock(ONE)).toBe('2026-03-02 12:01:03');
  expect(clock(ONE, LOCAL(2026, 2, 2, 0, 0, 0))).toBe('12:01:03');
  expect(clock(ONE, LOCAL(2026, 2, 1, 23, 59, 59))).toBe('2026-03-02 12:01:03');
});

const fake = fakeTemporal();
const say = (argv: string[], more: Partial<Person> = {}) =>
  cli(fake, argv, { data: directory.path, ...more });
const plain = { env: { COUNTERSIGN_PROMPTS: 'plain' } };

describe('countersign steps', () => {
  const { steps, ...rest } = view(2, 1);
  const STEPS: PlanSteps = {
    workflowId: 'p',
    status: 'waiting',
    ...rest,
    steps: steps.map((step, index) => ({ number: index + 1, ...step, workflowId: `p/${step.name}` })),
    underWay: { step: 's2', takingBack: false },
    current: { ...base, workflowId: 'p/s2' },
  };
  const given = (more: Partial<PlanSteps> = {}) =>
    Object.assign(fake.countersign, { steps: async () => ({ ...STEPS, ...more }) });

  it('lists them, and says who decides where', async () => {
    given();
    const { out, code } = await say(['steps', 'p'], plain);
    expect(code).toBe(0);
    expect(out.split('\n').map((line) => line.replace(/until .*/, 'until'))).toEqual([
      'p  waiting: step 2 of 2; a rejected step has what was done taken back',
      '1. step: 1',
      '   name: s1',
      '   what: Step 1',
      '   how it stands: executed',
      '   workflow: p/s1',
      '2. step: 2',
      '   name: s2',
      '   what: Step 2',
      '   how it stands: under way',
      '   workflow: p/s2',
      '',
      'decide on   p/s2 (countersign show p/s2)',
      'asked       HUMAN: ana, bo, cy, req; 1 signature',
      'missing     1 more: ana, bo, cy',
      'until',
      '',
    ]);
    expect((await say(['steps', 'p'])).out).toContain('│ 2    │ s2   │ Step 2 │ under way     │ p/s2     │');
  });

  it('what is being taken back, and in which workflow', async () => {
    given({
      underWay: { step: 's1', takingBack: true },
      steps: STEPS.steps.map((step, index) =>
        index === 0 ? { ...step, undoWorkflowId: 'p/undo/s1' } : step,
      ),
      current: { ...base, workflowId: 'p/undo/s1', status: 'executing' },
    });
    const { out } = await say(['steps', 'p'], plain);
    expect(out).toContain('   how it stands: executed; being taken back\n   workflow: p/s1\n   p/undo/s1\n');
    expect(out).toMatch(/\n\np\/undo\/s1 is executing; nothing is open to decide\n$/);
  });

  it('one that was terminated: why, and the step that nobody is asked about any more', async () => {
    const { underWay: _, current: __, ...over } = STEPS;
    const ended: PlanSteps = { ...over, status: 'closed', closedBy: 'TIMED_OUT', reason: 'bye\u202e' };
    Object.assign(fake.countersign, { steps: async () => ended });
    const { out } = await say(['steps', 'p'], plain);
    expect(out).toMatch(
      /^p {2}closed: 1 of 2 steps were asked, outcome timed out; .*\nreason bye‹U\+202E›\n/,
    );
    expect(out).toContain('   how it stands: under way when the plan ended\n');
    expect(out).not.toContain('decide on');
  });

  it('--json is what the client tells', async () => {
    given();
    expect(JSON.parse((await say(['steps', 'p', '--json'])).out)).toEqual(STEPS);
  });

  it('what is no plan ends with 1', async () => {
    Object.assign(fake.countersign, {
      steps: () => Promise.reject(new CountersignError('WRONG_TYPE', 'it is none')),
    });
    expect(await say(['steps', 'x'])).toMatchObject({ code: 1, err: 'WRONG_TYPE: it is none\n' });
  });
});

describe('countersign escalations', () => {
  const second = (at: number) => LOCAL(2026, 2, 2, 12, 1, at);
  const asked = { runId: 'r', status: 'COMPLETED' as const };
  const FOUND: Escalations = {
    workflowId: 't',
    type: 'escalation',
    status: 'RUNNING',
    started: second(2),
    levels: [
      {
        ...asked,
        ...{ name: 'AGENT', kind: 'agent', workflowId: 't/AGENT', started: second(3), closed: second(5) },
        ...{
          outcome: 'answered',
          confidence: 0.41,
          answer: 'maybe',
          to: 'SENIOR',
          why: 'confidence 0.41 < 0.7',
        },
      },
      {
        ...asked,
        ...{ name: 'SENIOR', kind: 'agent', workflowId: 't/SENIOR', started: second(5), closed: second(6) },
        ...{
          outcome: 'failed',
          confidence: 0,
          reason: 'MODEL_DOWN: no',
          to: 'HUMAN',
          why: 'error MODEL_DOWN: no',
        },
      },
      {
        ...asked,
        ...{
          name: 'HUMAN',
          kind: 'people',
          workflowId: 't/HUMAN',
          started: second(7),
          closed: LOCAL(2026, 2, 3, 12, 1, 7),
        },
        ...{ outcome: 'expired', reason: 'silence', to: 'MANAGER', why: 'HUMAN did not decide in time' },
      },
      {
        ...asked,
        ...{ name: 'MANAGER', kind: 'people', workflowId: 't/MANAGER', started: LOCAL(2026, 2, 3, 12, 1, 8) },
        status: 'RUNNING',
      },
    ],
  };
  const given = (more: Partial<Escalations> = {}) =>
    Object.assign(fake.countersign, { escalations: async () => ({ ...FOUND, ...more }) });
  const lines = async (...args: Parameters<typeof say>) => (await say(...args)).out.split('\n').slice(1);

  it('a branch for each level: what it said, why it went on, when and for how long', async () => {
    given();
    const told = await lines(['escalations', 't']);
    expect(told.map((line) => line.replace(/\+.* so far/, '+… so far'))).toEqual([
      '├─ AGENT    0.41 "maybe" → SENIOR (confidence 0.41 < 0.7)  12:01:03 +2 s',
      '├─ SENIOR   0 failed → HUMAN (error MODEL_DOWN: no)  12:01:05 +1 s',
      '├─ HUMAN    expired → MANAGER (HUMAN did not decide in time)  12:01:07 +1 d',
      '└─ MANAGER  is asked (countersign show t/MANAGER)  2026-03-03 12:01:08 +… so far',
      '',
    ]);
  });

  it('in plain lines, and over', async () => {
    const [first] = FOUND.levels;
    const { to: _, why: __, ...last } = first!;
    given({
      status: 'COMPLETED',
      outcome: 'executed',
      closed: second(9),
      levels: [{ ...last, sensitive: true, action: 'refund', answer: undefined as never, confidence: 0.9 }],
    });
    const { out } = await say(['escalations', 't'], plain);
    expect(out).toMatch(
      /^t {2}escalation: executed {2}.* \+7 s\n1\. AGENT: 0\.9 proposes refund sensitive {2}12:01:03 \+2 s\n$/,
    );
  });

  it('ended by Temporal, for a reason', async () => {
    given({ status: 'TERMINATED', reason: 'bye\nt', closed: second(9), levels: [] });
    const { out } = await say(['escalations', 't'], plain);
    expect(out).toMatch(/^t {2}escalation: terminated \(bye‹U\+000A›t\) {2}/);
  });

  it('nobody was asked', async () => {
    given({ levels: [] });
    expect(await lines(['escalations', 't'])).toEqual(['nobody was asked', '']);
  });

  it('--json is what the client tells', async () => {
    given();
    expect(JSON.parse((await say(['escalations', 't', '--json'])).out)).toEqual(FOUND);
  });
});

describe('countersign result', () => {
  it('of a plan: each step, and what became of taking it back', async () => {
    fake.results.set('p', {
      ...resultOf({ outcome: 'rejected' }),
      steps: [
        {
          name: 's1',
          workflowId: 'p/s1',
          outcome: 'executed',
          undo: { outcome: 'failed', reason: 'gone', workflowId: 'p/undo/s1' },
        },
        { name: 's2', workflowId: 'p/s2', outcome: 'rejected', reason: 'bo: no' },
      ],
    });
    expect((await say(['result', 'p'])).out).toMatch(
      /\nstep {5}s1: executed; taking it back: failed \(gone\), in p\/s1\nstep {5}s2: rejected \(bo: no\), in p\/s2\n/,
    );
  });

  it('of a review: who changed it', async () => {
    fake.results.set('r', { ...resultOf(), changes: [{ revision: 2, by: 'ana' }] });
    expect((await say(['result', 'r'])).out).toContain('\nchanged  revision 2, by ana\n');
  });

  it('--timeout waits, so long and no longer, and says so', async () => {
    fake.open('long');
    const within: unknown[] = [];
    Object.assign(fake.countersign, {
      result(_: string, options: { within?: number }) {
        within.push(options.within);
        return Promise.reject(new CountersignError('STILL_OPEN', 'long has not ended within 2 s'));
      },
    });
    expect(await say(['result', 'long', '--timeout', '2'])).toMatchObject({
      code: 1,
      out: '',
      err: 'long waits.\nSTILL_OPEN: long has not ended within 2 s\n',
    });
    expect(within).toEqual([2_000]);
  });

  it('--wait at a terminal says whom it waits for', async () => {
    Object.assign(fake.countersign, {
      show: async () => plan(view(3, 1)),
      result: () => new Promise((resolve) => setTimeout(() => resolve(resultOf()), 50)),
    });
    const { err, out } = await say(['result', 'long', '--wait'], { watched: true });
    expect(err).toBe(
      'long waits for p/s2 (step 2 of 3; a rejected step has what was done taken back). Ctrl-C stops this command alone.\n',
    );
    expect(out).toMatch(/^outcome {2}approved\n/);
  });
});
