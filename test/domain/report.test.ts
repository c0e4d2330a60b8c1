/** What an auditor is told: figures of whole records, and what one question becomes. */
import { append, openChain } from '../../src/domain/audit';
import { storyOf } from '../../src/domain/report';
import type { Asked, Figures, Verdicts } from '../../src/domain/report-figures';
import { openReport, type Whole } from '../../src/domain/report-whole';
import type { Row } from '../../src/domain/chain';
import { retold, SEED } from '../support/forged';
import {
  approved,
  asks,
  BEGUN,
  chainOf,
  closed,
  DIGESTS,
  byHand,
  executed,
  opened,
  passedUp,
  proposed,
  refused,
  remotely,
  revised,
  said,
  touched,
} from '../support/report-record';

const MINUTE = 60_000;

function whole(chains: readonly Row[][], asked: Asked = {}): Whole {
  const report = openReport(asked);
  for (const rows of chains) report.hear(rows);
  return report.whole();
}

const NOBODY: Figures['all'] = {
  decisions: 0,
  approvals: 0,
  edits: 0,
  rejections: 0,
  sentBack: 0,
  answers: 0,
  passedUp: 0,
  otherWords: 0,
  signed: 0,
};
const SILENCE: Figures['silence'] = {
  reminders: 0,
  warnings: 0,
  extensions: 0,
  escalations: 0,
  expired: 0,
  approvedBySilence: 0,
};
const NONE: Figures = {
  asked: 0,
  unasked: 0,
  outcomes: [],
  executed: 0,
  withoutReceipt: 0,
  completedByHand: 0,
  historiesGone: 0,
  countersBack: { count: 0, first: [] },
  approvals: [],
  all: NOBODY,
  people: [],
  actions: [],
  refusals: [],
  repeats: 0,
  unknownSignals: 0,
  silence: SILENCE,
  found: { comparisons: 0, ended: 0, forksExplained: 0, mismatches: 0 },
};

const by = (name: string, verdicts: Partial<Verdicts>): Verdicts => ({ ...NOBODY, ...verdicts, name });
/** Where one person, or one action, is all there is. */
const only = (verdicts: Partial<Figures['all']>) => ({ ...NOBODY, ...verdicts });
const counts = (...pairs: [string, number][]) => pairs.map(([name, count]) => ({ name, count }));

const EXECUTED = chainOf(
  'a',
  [0, proposed()],
  [0, opened()],
  [4, said('ana', 'approve')],
  [4, approved(['ana'])],
  [5, executed],
  [5, closed('executed')],
);
const APPROVAL = { decisions: 1, approvals: 1, median: 4 * MINUTE };
const OF_EXECUTED: Figures = {
  ...NONE,
  asked: 1,
  outcomes: counts(['executed', 1]),
  executed: 1,
  approvals: counts(['signatures', 1]),
  all: only(APPROVAL),
  people: [by('ana', APPROVAL)],
  actions: [by('refund', APPROVAL)],
  medianWait: 4 * MINUTE,
};

interface Case {
  readonly said: string;
  readonly record: readonly Row[][];
  readonly asked?: Asked;
  readonly figures: Figures;
}

const FIGURES: readonly Case[] = [
  { said: 'nothing is on record', record: [], figures: NONE },
  { said: 'approved and executed', record: [EXECUTED], figures: OF_EXECUTED },
  {
    said: 'another worker’s word alone is counted apart, and so is what somebody completed by hand, and where histories were gone',
    record: [
      chainOf(
        'a',
        [0, proposed()],
        [0, opened()],
        [4, said('ana', 'approve')],
        [4, approved(['ana'])],
        [5, remotely],
        [5, closed('executed')],
      ),
      chainOf(
        'b',
        [0, proposed()],
        [0, opened()],
        [4, approved([], 'silence')],
        [4, { type: 'histories-gone', gate: 'main', runs: ['a run', 'another'] }],
        [5, byHand],
        [5, closed('failed')],
      ),
    ],
    figures: {
      ...OF_EXECUTED,
      asked: 2,
      outcomes: counts(['executed', 1], ['failed', 1]),
      withoutReceipt: 1,
      completedByHand: 1,
      historiesGone: 1,
      approvals: counts(['signatures', 1], ['silence', 1]),
      silence: { ...SILENCE, approvedBySilence: 1 },
    },
  },
  {
    said: 'an edit is a new revision: who signs it afterwards has it from then on',
    record: [
      chainOf(
        'a',
        [0, proposed()],
        [0, opened()],
        [6, said('bo', 'edit', { args: { order: 1042 } })],
        [6, revised('bo')],
        [8, said('ana', 'approve', { revision: 2 })],
        [8, approved(['bo', 'ana'], 'signatures', 2)],
        [9, executed],
        [9, closed('executed')],
      ),
    ],
    figures: {
      ...OF_EXECUTED,
      all: only({ decisions: 2, approvals: 1, edits: 1, median: 4 * MINUTE }),
      people: [
        by('ana', { decisions: 1, approvals: 1, median: 2 * MINUTE }),
        by('bo', { decisions: 1, edits: 1, median: 6 * MINUTE }),
      ],
      actions: [by('refund', { decisions: 2, approvals: 1, edits: 1, median: 4 * MINUTE })],
      medianWait: 8 * MINUTE,
    },
  },
  {
    said: 'sent back, proposed again, rejected; words that decide nothing are counted apart',
    record: [
      chainOf(
        'a',
        [0, proposed()],
        [0, opened()],
        [1, said('ana', 'comment', { comment: 'hm' })],
        [2, said('ana', 'revise', { comment: 'less' })],
        [3, proposed()],
        [3, revised('AGENT (offline)')],
        [9, said('ana', 'reject', { comment: 'no', revision: 2 })],
        [9, closed('rejected', 'ana: no')],
      ),
    ],
    figures: {
      ...NONE,
      asked: 1,
      outcomes: counts(['rejected', 1]),
      all: only({ decisions: 2, rejections: 1, sentBack: 1, otherWords: 1, median: 4 * MINUTE }),
      people: [by('ana', { decisions: 2, rejections: 1, sentBack: 1, otherWords: 1, median: 4 * MINUTE })],
      actions: [
        by('refund', { decisions: 2, rejections: 1, sentBack: 1, otherWords: 1, median: 4 * MINUTE }),
      ],
      medianWait: 9 * MINUTE,
    },
  },
  {
    said: 'passed up by silence: the level decides, its gate and its approval are its owner’s',
    record: passedUp('a', 'MANAGER', [
      [15, said('mo', 'approve', { signed: true, phrase: 'REFUND 1042' })],
      [15, approved(['mo'], 'signatures', 1, 'MANAGER')],
      [15, closed('approved')],
    ]),
    figures: {
      ...OF_EXECUTED,
      all: only({ decisions: 1, approvals: 1, signed: 1, median: 5 * MINUTE }),
      people: [by('mo', { decisions: 1, approvals: 1, signed: 1, median: 5 * MINUTE })],
      actions: [by('refund', { decisions: 1, approvals: 1, signed: 1, median: 5 * MINUTE })],
      silence: { ...SILENCE, escalations: 1 },
      medianWait: 16 * MINUTE,
    },
  },
  {
    said: 'nobody answers: reminded, warned, moved, expired',
    record: [
      chainOf(
        'a',
        [0, proposed()],
        [0, opened()],
        [1, { type: 'reminded', gate: 'main', level: 'HUMAN', nth: 1 }],
        [2, { type: 'reminded', gate: 'main', level: 'HUMAN', nth: 2 }],
        [3, { type: 'warned', gate: 'main', level: 'HUMAN', deadline: 'soon' }],
        [4, said('ana', 'extend', { until: '2026-03-03T00:00:00.000Z' })],
        [4, { type: 'extended', gate: 'main', level: 'HUMAN', deadline: 'later' }],
        [10, closed('expired', 'nobody answered')],
      ),
    ],
    figures: {
      ...NONE,
      asked: 1,
      outcomes: counts(['expired', 1]),
      all: only({ otherWords: 1 }),
      people: [by('ana', { otherWords: 1 })],
      actions: [by('refund', { otherWords: 1 })],
      silence: { ...SILENCE, reminders: 2, warnings: 1, extensions: 1, expired: 1 },
      medianWait: 10 * MINUTE,
    },
  },
  {
    said: 'silence is consent where the policy says so, and INFO asks nobody',
    record: [
      chainOf(
        'a',
        [0, proposed()],
        [0, opened()],
        [2, approved([], 'silence')],
        [2, executed],
        [2, closed('executed')],
      ),
      chainOf(
        'b',
        [0, proposed()],
        [0, opened(asks('INFO'))],
        [0, approved([], 'notice')],
        [0, executed],
        [0, closed('executed')],
      ),
    ],
    figures: {
      ...NONE,
      asked: 2,
      outcomes: counts(['executed', 2]),
      executed: 2,
      approvals: counts(['notice', 1], ['silence', 1]),
      silence: { ...SILENCE, approvedBySilence: 1 },
      medianWait: MINUTE,
    },
  },
  {
    said: 'the agent had nothing to propose, and a person answers',
    record: [
      chainOf(
        'a',
        [
          0,
          {
            type: 'proposal-failed',
            by: 'AGENT (offline)',
            requester: 'r',
            task: 't',
            code: 'X',
            message: 'm',
          },
        ],
        [0, opened()],
        [3, said('ana', 'respond', { answer: 42 })],
        [3, closed('answered')],
      ),
    ],
    figures: {
      ...NONE,
      asked: 1,
      outcomes: counts(['answered', 1]),
      all: only({ decisions: 1, answers: 1, median: 3 * MINUTE }),
      people: [by('ana', { decisions: 1, answers: 1, median: 3 * MINUTE })],
      actions: [by('', { decisions: 1, answers: 1, median: 3 * MINUTE })],
      medianWait: 3 * MINUTE,
    },
  },
  {
    said: 'refusals by code, the most frequent first; repeats and strays apart',
    record: [
      chainOf(
        'a',
        [0, proposed()],
        [0, opened()],
        [1, refused('NOT_AN_APPROVER')],
        [1, refused('STALE_REVISION')],
        [1, refused('STALE_REVISION')],
        [1, { type: 'refusals-counted', gate: 'main', count: 7 }],
        [1, { type: 'repeated', gate: 'main', id: 'd', via: 'signal' }],
        [1, { type: 'unknown-signal', gate: 'main', name: 'aprove' }],
      ),
    ],
    figures: {
      ...NONE,
      asked: 1,
      refusals: counts(['counted only', 7], ['STALE_REVISION', 2], ['NOT_AN_APPROVER', 1]),
      repeats: 1,
      unknownSignals: 1,
    },
  },
  {
    said: 'it ended before anybody was asked',
    record: [chainOf('a', [0, proposed()], [0, closed('failed', 'UNKNOWN_ACTION')])],
    figures: { ...NONE, unasked: 1 },
  },
  {
    said: 'a plan, and what reconciliation found, ask nobody by themselves',
    record: [
      chainOf(
        'plan',
        [0, { type: 'planned', requester: 'ci', onReject: 'stop', steps: ['one'], plan: 'p' }],
        [1, closed('executed')],
      ),
      chainOf(
        'reconcile',
        [
          0,
          {
            type: 'found-ended',
            of: { workflowId: 'a', firstRunId: 'r' },
            runId: 'r',
            status: 'TERMINATED',
            closedAt: 'then',
          },
        ],
        [0, { type: 'mismatch', of: { workflowId: 'b', firstRunId: 'r' }, problem: 'no' }],
        [0, { type: 'fork-explained', of: { workflowId: 'c', firstRunId: 'r' }, at: [3], by: 'reset' }],
        [0, { type: 'reconciled', since: 's', until: 'u', checked: 3 }],
      ),
    ],
    figures: { ...NONE, found: { comparisons: 1, ended: 1, forksExplained: 1, mismatches: 1 } },
  },
  {
    said: 'of a workflow that has one gate after the other each is a question',
    record: [
      chainOf(
        'a',
        ...[0, 10].flatMap((begun) => [
          [begun, proposed()] as const,
          [begun, opened()] as const,
          [begun + 2, said('ana', 'reject', { comment: 'no' })] as const,
          [begun + 2, closed('rejected')] as const,
        ]),
      ),
    ],
    figures: {
      ...NONE,
      asked: 2,
      outcomes: counts(['rejected', 2]),
      all: only({ decisions: 2, rejections: 2, median: 2 * MINUTE }),
      people: [by('ana', { decisions: 2, rejections: 2, median: 2 * MINUTE })],
      actions: [by('refund', { decisions: 2, rejections: 2, median: 2 * MINUTE })],
      medianWait: 2 * MINUTE,
    },
  },
  {
    said: 'of these actions alone',
    record: [EXECUTED, chainOf('b', [0, proposed({ action: 'sql' })], [0, opened()], [9, closed('expired')])],
    asked: { actions: ['refund', 'http'] },
    figures: OF_EXECUTED,
  },
  {
    said: 'from the decision on: it was asked before',
    record: [EXECUTED],
    asked: { from: BEGUN + 4 * MINUTE },
    figures: { ...OF_EXECUTED, asked: 0 },
  },
  {
    said: 'until the decision, which is not in it',
    record: [EXECUTED],
    asked: { to: BEGUN + 4 * MINUTE },
    figures: { ...NONE, asked: 1 },
  },
  {
    said: 'names that mean something to JavaScript are names',
    record: [
      chainOf(
        'a',
        [0, proposed({ action: '__proto__' })],
        [0, opened()],
        [4, said('constructor', 'approve')],
      ),
    ],
    figures: {
      ...NONE,
      asked: 1,
      all: only(APPROVAL),
      people: [by('constructor', APPROVAL)],
      actions: [by('__proto__', APPROVAL)],
    },
  },
];

describe('figures', () => {
  it.each(FIGURES)('$said', ({ record, asked, figures }) => {
    const told = whole(record, asked);
    expect(told.figures).toEqual(figures);
    expect(told).toMatchObject({ holds: true, broken: 0, places: 0, faults: [], chains: record.length });
  });

  it('tell of a passkey whose counter did not grow, where it was asked for, and of no other', () => {
    const at = (minute: number) => new Date(BEGUN + minute * MINUTE).toISOString();
    const signed = (workflowId: string, minute: number, count: number, who = 'ana') =>
      chainOf(
        workflowId,
        [0, proposed()],
        [0, opened()],
        [minute, said(who, 'approve', { signed: true, signature: touched(count, at(minute)) })],
      );
    // Chains come by their names, and the same decision may be told twice.
    const record = [signed('a', 9, 4), signed('b', 1, 5), signed('c', 2, 6), signed('d', 3, 1, 'bo')];
    const back = { person: 'ana', key: 'phone', before: 6, now: 4, workflowId: 'a', at: at(9) };
    expect(whole(record).figures.countersBack).toEqual({ count: 1, first: [back] });
    expect(whole(record, { to: BEGUN + 9 * MINUTE }).figures.countersBack).toEqual({ count: 0, first: [] });
    expect(whole(record, { from: BEGUN + 9 * MINUTE }).figures.countersBack.count).toBe(1);
    expect(whole(record, { actions: ['other'] }).figures.countersBack.count).toBe(0);
    expect(whole(record.slice(1)).figures.countersBack.count).toBe(0);
    const believed = chainOf(
      'z',
      [0, proposed()],
      [0, opened()],
      [9, said('ana', 'approve', { signature: touched(1, at(9)) })],
    );
    expect(whole([...record.slice(1), believed]).figures.countersBack.count).toBe(0);
  });

  it('of two spans that meet are those of both together', () => {
    const record = FIGURES.flatMap((one) => one.record.map((rows) => rows));
    const sums = [{ to: BEGUN + 3 * MINUTE }, { from: BEGUN + 3 * MINUTE }, {}].map((asked) => {
      const { figures } = whole(record, asked);
      return [
        figures.asked,
        figures.executed,
        figures.all.decisions,
        figures.all.otherWords,
        figures.repeats,
      ];
    });
    const [early = [], late = [], all = []] = sums;
    expect(all).toEqual(early.map((count, index) => count + late[index]!));
    expect(all[2]).toBeGreaterThan(5);
  });
});

describe('what does not hold', () => {
  const forged = (rows: readonly Row[], seq: number): Row[] =>
    rows.map((row) => (row.seq === seq ? { ...row, text: row.text?.replace('ana', 'eve') } : row));

  it('is told with its place, and not counted', () => {
    const other = chainOf('b', [0, proposed()], [0, opened()], [1, said('bo', 'approve')]);
    const { figures, ...told } = whole([forged(EXECUTED, 3), other]);
    expect(told).toMatchObject({ holds: false, chains: 2, entries: 9, broken: 1, places: 1 });
    expect(told.faults).toMatchObject([{ workflowId: 'a', seq: 3, code: 'CHANGED' }]);
    expect(figures.people.map(({ name }) => name)).toEqual(['bo']);
  });

  it('a level that is gone, or ended elsewhere than its owner says', () => {
    const [owner, level] = passedUp('a', 'MANAGER', [
      [15, said('mo', 'approve')],
      [15, closed('approved')],
    ]);
    expect(whole([owner]).faults).toMatchObject([{ workflowId: 'a/MANAGER', code: 'MISSING' }]);
    expect(whole([owner, level.slice(0, -1)]).faults).toMatchObject([
      { workflowId: 'a/MANAGER', code: 'MISSING' },
    ]);
  });

  it('the first hundred places are told, all are counted', () => {
    const record = Array.from({ length: 150 }, (_, nth) =>
      forged(chainOf(`w-${String(nth)}`, [0, said('ana', 'comment')]), 1),
    );
    const told = whole(record);
    expect(told).toMatchObject({ holds: false, broken: 150, places: 150 });
    expect(told.faults).toHaveLength(100);
  });

  it('is told whole, as it stands, whatever was asked for', () => {
    const heard = openReport({ actions: ['none'], to: 0 }).hear(forged(EXECUTED, 3));
    expect(heard?.story.questions[0]?.facts.map(({ type }) => type)).toEqual([
      ...['proposed', 'opened', 'decided', 'approved', 'executed', 'closed'],
    ]);
    expect(openReport({ actions: ['none'] }).hear(EXECUTED)?.story.questions).toEqual([]);
  });

  it.each<[string, string]>([
    ['no JSON', 'nothing'],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['facts of other kinds', '{"type":"decided","at":7,"decision":[],"seq":1}'],
    ['a policy that is a text', '{"type":"opened","at":"x","policy":"y","level":{},"digest":4}'],
    ['a type that means something to JavaScript', '{"type":"__proto__","at":"2026"}'],
    ['an approval by nobody', '{"type":"approved","signers":{"a":1}}'],
  ])('a text may be anything: %s', (_, text) => {
    const bare = { seq: 1, prev: '0'.repeat(64), hash: '', commit: '', meta: { type: '', at: '' } };
    const row = retold(
      { workflowId: 'a', firstRunId: 'r' },
      { workflowId: 'a', firstRunId: 'r', ...bare },
      text,
    );
    const report = openReport({});
    expect(report.hear([row])?.story.entries).toBe(1);
    expect(report.whole().figures.asked).toBe(0);
    const story = storyOf({ workflowId: 'a', firstRunId: 'r' }, [...chainOf('a', [0, proposed()]), row], {
      holds: false,
    });
    expect(story.questions).toHaveLength(1);
  });
});

describe('a question', () => {
  it('has who decided what, when, after how long, at which level, on what; what ran under which key, and how it ended', () => {
    const [owner, level] = passedUp('a', 'MANAGER', [
      [15, said('mo', 'approve', { signed: true, phrase: 'REFUND 1042' })],
      [15, closed('approved')],
    ]);
    const report = openReport({});
    const [ofOwner, ofLevel] = [owner, level].map((rows) => report.hear(rows)?.story.questions);
    const time = (minute: number) => new Date(BEGUN + minute * MINUTE).toISOString();
    const key = 'e'.repeat(64);
    expect(ofOwner).toMatchObject([
      {
        gate: 'main',
        requester: 'svc-orders',
        by: 'AGENT (offline)',
        title: 'Refund order 1042',
        action: 'refund',
        args: { order: 1042 },
        confirmation: 'CONFIRM',
        opened: time(0),
        decisions: [],
        approved: { at: time(16), revision: 1, digest: DIGESTS[0], level: 'MANAGER', signers: ['mo'], key },
        executed: { at: time(16), key },
        closed: { at: time(16), outcome: 'executed' },
        waited: 16 * MINUTE,
      },
    ]);
    expect(ofLevel).toMatchObject([
      {
        title: 'Refund order 1042',
        action: 'refund',
        requester: 'svc-orders',
        level: { workflowId: 'a', name: 'MANAGER' },
        confirmation: 'VERIFY',
        decisions: [
          {
            at: time(15),
            after: 5 * MINUTE,
            reviewer: 'mo',
            verdict: 'approve',
            level: 'MANAGER',
            confirmation: 'VERIFY',
            revision: 1,
            digest: DIGESTS[0],
            signed: true,
            said: { phrase: 'REFUND 1042' },
          },
        ],
      },
    ]);
  });

  it('leaves out what branches off', () => {
    const root = { workflowId: 'a', firstRunId: 'a run' };
    const stub = EXECUTED.slice(0, 3);
    const [branch] = append(
      { ...openChain(root, SEED), seq: 3, head: stub[2]!.hash },
      closed('cancelled'),
      new Date(BEGUN).toISOString(),
    ).pending;
    const rows = [...EXECUTED.slice(0, 3), { ...root, ...branch! }, ...EXECUTED.slice(3)];
    const told = whole([rows]);
    expect(told).toMatchObject({ holds: true, branches: 1 });
    expect(told.figures).toEqual(OF_EXECUTED);
  });

  it('what agents answered before comes with the question that it led to', () => {
    const rows = chainOf(
      'ticket',
      [0, { type: 'escalated', gate: 'main', revision: 0, from: 'AGENT', to: 'HUMAN', reason: 'unsure' }],
      [0, proposed()],
      [0, opened()],
    );
    const story = openReport({}).hear(rows)?.story;
    expect(story?.others).toEqual([]);
    expect(story?.questions[0]?.facts.map(({ type }) => type)).toEqual(['escalated', 'proposed', 'opened']);
  });
});
