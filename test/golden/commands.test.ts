/**
 * What each command says, as golden files: its help, and what it answers about gates that the domain itself judges. What differs from run to
 * run (ids that were made up, folders) stands there as `<…>`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError, type Escalations, type PlanSteps } from '../../src/client';
import type { Row } from '../../src/domain/chain';
import type { AuditStore } from '../../src/store/audit-store';
import { ladder, OPENED, policy, proposal } from '../domain/given';
import { temporaryDirectory } from '../support/app';
import { cli, type Answer, type Person } from '../support/cli-person';
import { commands, walked } from '../support/cli-program';
import { fakeTemporal, resultOf, type FakeTemporal } from '../support/fake-temporal';
import { golden, timesEverywhere } from '../support/golden';
import * as record from '../support/report-record';

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
beforeEach(timesEverywhere);

const REPOSITORY = join(__dirname, '../..');
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const said = (text: string) =>
  text.replaceAll(directory.path, '<folder>').replaceAll(REPOSITORY, '.').replace(UUID, '<id>');

describe('help', () => {
  const files = golden(join(__dirname, 'help'));
  const all = walked(commands()).map(({ words }) => words);

  it.each(all)('countersign %s', async (...words) => {
    const { out, err, code } = await cli(fakeTemporal(), [...words, '--help'], {
      data: '/home/ana',
      user: 'ana',
    });
    expect({ err, code }).toEqual({ err: '', code: 0 });
    files.same(['countersign', ...words].join(' '), out);
  });

  it('no file is left over', () => {
    files.complete();
  });
});

interface Run {
  readonly argv: readonly string[];
  readonly person?: Partial<Person>;
}

interface Case {
  /** Each in turn, on one set of gates. */
  readonly runs: readonly Run[];
  /** What there is before. */
  readonly given?: (fake: FakeTemporal) => void;
}

const run = (line: string, person: Partial<Person> = {}): Run => ({ argv: line.split(' '), person });
const typed = (...argv: string[]): Run => ({ argv });
const at = (...answers: Answer[]): Partial<Person> => ({ answers, size: { rows: 50, columns: 100 } });
const PLAIN: Partial<Person> = { env: { COUNTERSIGN_PROMPTS: 'plain' } };

const one = (fake: FakeTemporal) => void fake.open('pay-1');
const verify = (fake: FakeTemporal) =>
  void fake.open('pay-1', { policy: policy({}, { confirmation: 'VERIFY', phrase: 'REFUND A-4711' }) });
const three = (fake: FakeTemporal) => {
  fake.open('pay-1');
  fake.open('pay-2', {
    proposal: proposal(
      { order: 'B-1', amount: 7 },
      'Refund order B-1, which took a longer title than a table has room for',
    ),
  });
  fake.open('pay-3', { policy: ladder({}, { approvers: { people: ['ana', 'bo'] } }) });
  fake.say('pay-3', 'ana', 'escalate', { comment: 'above my limit' });
};

const AT = '2026-03-02T09:00:00.000Z';
const LATER = '2026-03-02T09:30:00.000Z';

const RELEASE: PlanSteps = {
  workflowId: 'release',
  status: 'waiting',
  onReject: 'undo',
  at: 1,
  steps: [
    {
      number: 1,
      name: 'backup',
      about: 'back up the orders',
      outcome: 'executed',
      workflowId: 'release/backup',
    },
    { number: 2, name: 'migrate', about: 'migrate', workflowId: 'release/migrate' },
    { number: 3, name: 'deploy', about: 'deploy 4.2', workflowId: 'release/deploy' },
  ],
  underWay: { step: 'migrate', takingBack: false },
};
const CLIMB: Escalations = {
  workflowId: 'ticket-1',
  type: 'escalation',
  status: 'COMPLETED',
  started: AT,
  closed: LATER,
  outcome: 'executed',
  levels: [
    {
      name: 'AGENT',
      kind: 'agent',
      workflowId: 'ticket-1/AGENT',
      runId: 'r',
      status: 'COMPLETED',
      started: AT,
      closed: '2026-03-02T09:00:02.000Z',
      outcome: 'escalated',
      confidence: 0.4,
      reason: 'confidence 0.4 is under 0.8',
      to: 'HUMAN',
      why: 'confidence 0.4 is under 0.8',
    },
    {
      name: 'HUMAN',
      kind: 'people',
      workflowId: 'ticket-1/HUMAN',
      runId: 'r',
      status: 'COMPLETED',
      started: '2026-03-02T09:00:02.000Z',
      closed: LATER,
      outcome: 'approved',
    },
  ],
};
const ENDED = resultOf({
  outcome: 'executed',
  result: { refunded: 40 },
  proposal: proposal(),
  decisions: [
    {
      v: 1,
      id: 'd1',
      digest: 'a'.repeat(64),
      verdict: 'comment',
      reviewer: 'bo',
      comment: 'is it ours?',
      at: AT,
      revision: 1,
      level: 'HUMAN',
    },
    {
      v: 1,
      id: 'd2',
      digest: 'a'.repeat(64),
      verdict: 'approve',
      reviewer: 'ana',
      at: LATER,
      revision: 1,
      level: 'HUMAN',
    },
  ],
});

const ROWS: readonly (readonly Row[])[] = [
  record.chainOf(
    'refund-1042',
    [0, record.proposed()],
    [0, record.opened()],
    [4, record.said('ana', 'approve', { comment: 'fine' })],
    [4, record.refused('STALE_REVISION')],
    [4, record.approved(['ana'])],
    [5, record.executed],
    [5, record.closed('executed')],
  ),
  ...record.passedUp('refund-1043', 'MANAGER', [
    [30, record.said('mo', 'approve')],
    [31, record.approved(['mo'], 'signatures', 1, 'MANAGER')],
    [31, record.closed('approved')],
  ]),
  record.chainOf(
    'refund-1044',
    [0, record.proposed()],
    [0, record.opened()],
    [9, record.said('bo', 'reject', { comment: 'not ours' })],
    [9, record.closed('rejected', 'bo rejected it: not ours')],
  ),
];
const STORE: Partial<Person> = {
  store: {
    entries: async (workflowId: string) => ROWS.flat().filter((row) => row.workflowId === workflowId),
    count: async () => ({ chains: ROWS.length, entries: ROWS.flat().length }),
    async *chains() {
      for (const rows of ROWS) yield [...rows];
    },
    close: async () => undefined,
  } as unknown as AuditStore,
};

const POLICIES = join(__dirname, '../../examples/policies/refunds.yaml');

const CASES: Readonly<Record<string, Case>> = {
  'inbox, nothing waits': { runs: [run('inbox')] },
  'inbox, three wait': {
    given: three,
    runs: [
      run('inbox'),
      run('inbox', PLAIN),
      run('inbox --reviewer mia'),
      run('inbox --limit 1'),
      run('inbox --json'),
    ],
  },
  'inbox, no worker answers': {
    given: (fake) => {
      fake.open('pay-1');
      Object.assign(fake.countersign, { show: () => Promise.reject(new Error('away')) });
    },
    runs: [run('inbox')],
  },
  'show, open': { given: one, runs: [run('show pay-1'), run('show pay-1 --json')] },
  'show, none': {
    given: (fake) =>
      Object.assign(fake.countersign, {
        show: () => Promise.reject(new CountersignError('NOT_FOUND', 'there is no workflow pay-9')),
        showAtEnd: () => Promise.reject(new CountersignError('NOT_FOUND', 'there is no workflow pay-9')),
      }),
    runs: [run('show pay-9'), run('show pay-9 --json')],
  },
  'approve, in one line': {
    given: one,
    runs: [
      run('approve pay-1 --reviewer ana --digest @digest'),
      run('approve pay-1 --reviewer ana --digest @digest'),
    ],
  },
  'approve, machine output': {
    given: one,
    runs: [run('approve pay-1 --reviewer ana --digest @digest --json')],
  },
  'approve, who may not': {
    given: one,
    runs: [
      run('approve pay-1 --reviewer mallory --digest @digest'),
      run('approve pay-1 --reviewer mallory --digest @digest --json'),
    ],
  },
  'approve, what was not read': {
    given: one,
    runs: [typed('approve', 'pay-1', '--reviewer', 'ana', '--digest', 'f'.repeat(64))],
  },
  'approve, only to see': {
    given: one,
    runs: [
      run('approve pay-1 --reviewer ana --digest @digest --dry-run'),
      run('approve pay-1 --reviewer mallory --digest @digest --dry-run'),
    ],
  },
  'approve, asked at a terminal': { given: one, runs: [run('approve pay-1 --reviewer ana', at(true))] },
  'approve, asked, and not': { given: one, runs: [run('approve pay-1 --reviewer ana', at(false))] },
  'approve, without a digest or a terminal': { given: one, runs: [run('approve pay-1 --reviewer ana')] },
  'approve, VERIFY': {
    given: verify,
    runs: [
      run('approve pay-1 --reviewer ana --digest @digest'),
      typed('approve', 'pay-1', '--reviewer', 'ana', '--digest', '@digest', '--phrase', 'REFUND A-4712'),
      typed('approve', 'pay-1', '--reviewer', 'ana', '--digest', '@digest', '--phrase', 'REFUND A-4711'),
    ],
  },
  'approve, VERIFY, at a terminal': {
    given: verify,
    runs: [run('approve pay-1 --reviewer ana', at('refund', 'REFUND A-4711', true))],
  },
  reject: {
    given: one,
    runs: [
      run('reject pay-1 --reviewer ana --digest @digest'),
      typed('reject', 'pay-1', '--reviewer', 'ana', '--digest', '@digest', '--comment', 'not ours'),
    ],
  },
  edit: {
    given: one,
    runs: [
      typed(
        'edit',
        'pay-1',
        '--reviewer',
        'ana',
        '--digest',
        '@digest',
        '--args',
        '{"order":"A-4711","amount":30}',
      ),
    ],
  },
  revise: {
    given: one,
    runs: [typed('revise', 'pay-1', '--reviewer', 'ana', '--digest', '@digest', '--comment', 'ask for less')],
  },
  respond: {
    given: one,
    runs: [
      typed('respond', 'pay-1', '--reviewer', 'ana', '--digest', '@digest', '--answer', 'it ships on Monday'),
    ],
  },
  escalate: {
    given: (fake) => void fake.open('pay-1', { policy: ladder({}, { approvers: { people: ['ana'] } }) }),
    runs: [
      typed('escalate', 'pay-1', '--reviewer', 'ana', '--digest', '@digest', '--comment', 'above my limit'),
      run('approve pay-1 --reviewer ana --digest @digest'),
    ],
  },
  'delegate, withdraw, comment': {
    given: (fake) => void fake.open('pay-1', { policy: policy({ quorum: 2 }) }),
    runs: [
      run('delegate pay-1 --reviewer ana --to dan --digest @digest'),
      run('approve pay-1 --reviewer dan --digest @digest'),
      run('withdraw pay-1 --reviewer dan --digest @digest'),
      typed('comment', 'pay-1', '--reviewer', 'bo', '--digest', '@digest', '--comment', 'is it ours?'),
    ],
  },
  extend: {
    given: one,
    runs: [run('extend pay-1 --reviewer ana --digest @digest --until 2026-03-03T09:00:00Z')],
  },
  cancel: {
    given: one,
    runs: [
      typed('cancel', 'pay-1', '--reviewer', 'req', '--digest', '@digest', '--comment', 'not needed'),
      run('show pay-1'),
    ],
  },
  'review, one after the other': {
    given: three,
    runs: [run('review --reviewer ana', at('a', 'y', 's', 'q'))],
  },
  'review, nothing waits': { runs: [run('review --reviewer ana', at())] },
  'review, without a terminal': { given: three, runs: [run('review --reviewer ana')] },
  steps: {
    given: (fake) => Object.assign(fake.countersign, { steps: async () => RELEASE }),
    runs: [run('steps release'), run('steps release', PLAIN), run('steps release --json')],
  },
  escalations: {
    given: (fake) => Object.assign(fake.countersign, { escalations: async () => CLIMB }),
    runs: [
      run('escalations ticket-1'),
      run('escalations ticket-1', PLAIN),
      run('escalations ticket-1 --json'),
    ],
  },
  result: {
    given: (fake) => void fake.results.set('pay-1', ENDED),
    runs: [run('result pay-1'), run('result pay-1 --json')],
  },
  'result, of what goes on': { given: one, runs: [run('result pay-1')] },
  'propose, confirm, start': {
    runs: [
      typed('propose', 'refund order A-4711', '--id', 'pay-1'),
      typed('confirm', 'Is it ours?', '--id', 'ask-1'),
      typed('start', 'proposeAndExecute', '--id', 'pay-2', '--input', '{"v":1}'),
    ],
  },
  'audit, on record': {
    runs: [
      run('audit show refund-1042', STORE),
      run('audit show refund-1042 --json', STORE),
      run('audit show nothing', STORE),
      run('audit report --json', STORE),
    ],
  },
  'policy, expectations': { runs: [run('policy test', { env: { COUNTERSIGN_POLICY: POLICIES } })] },
  'a command that is none': {
    runs: [
      run('aprove pay-1'),
      run('approve'),
      run('approve pay-1 --verdict x'),
      run('inbox --limit none'),
      typed(),
    ],
  },
};

describe('what is said', () => {
  const files = golden(join(__dirname, 'commands'));

  it.each(Object.entries(CASES))('%s', async (name, { given, runs }) => {
    const fake = fakeTemporal();
    fake.now = OPENED;
    given?.(fake);
    const data = join(directory.path, name.replace(/\W+/g, '-'));
    mkdirSync(data, { recursive: true });
    const parts: string[] = [];
    for (const { argv, person } of runs) {
      const words = argv.map((word) =>
        word === '@digest' ? (fake.gates.get(argv[1] ?? '')?.digest ?? '') : word,
      );
      const { code, out, err, asked } = await cli(fake, words, { data, user: 'ana', ...person });
      const line = ['$ countersign', ...argv.map((word) => (/[ {]/.test(word) ? `'${word}'` : word))].join(
        ' ',
      );
      parts.push(
        [
          said(line),
          ...asked.map((question) => `? ${said(question)}`),
          ...streams('', out),
          ...streams('err ', err),
          `exit ${String(code)}`,
          '',
        ].join('\n'),
      );
    }
    files.same(name, parts.join('\n'));
  });

  it('the report, as a page', async () => {
    const out = join(directory.path, 'report.html');
    const { code } = await cli(fakeTemporal(), ['audit', 'report', '--out', out], {
      data: directory.path,
      ...STORE,
    });
    expect(code).toBe(0);
    const page = readFileSync(out, 'utf8').replace(/(?<=Made<\/dt><dd>)<time .*?<\/time>/, '<now>');
    // One element a line: a change is seen where it is.
    files.same('the report, as a page', said(page).replaceAll('><', '>\n<'));
  });

  it('no file is left over', () => {
    files.complete();
  });
});

function streams(label: string, text: string): string[] {
  if (text === '') return [];
  return said(text.replace(/\n$/, ''))
    .split('\n')
    .map((line) => `${label}| ${line}`);
}
