/** Confidence beside what people decided, in tables: bins, the threshold, how far off; and a record that leads in a circle. */
import { picture } from '../../src/cli/calibration-picture';
import { append, openChain, type Fact } from '../../src/domain/audit';
import { calibrate } from '../../src/domain/calibration';
import { preferenceRows } from '../../src/domain/dataset';
import { openLessons, successors, wanted, type Fate, type Version } from '../../src/domain/lessons';
import { SEED } from '../support/forged';

const FATES: Readonly<Record<string, Fate>> = {
  approved: { how: 'approved', by: ['ana'] },
  edited: { how: 'edited', by: 'ana' },
  rejected: { how: 'rejected', by: 'ana', comment: 'no' },
  'sent-back': { how: 'sent-back', by: 'ana' },
  answered: { how: 'answered', by: 'ana', answer: 'x' },
};

let made = 0;
const version = (confidence: number | undefined, how?: string, more: Partial<Version> = {}): Version => ({
  digest: String(++made),
  workflowId: 'w',
  gate: 'main',
  revision: 1,
  at: '2026-03-02T09:00:00.000Z',
  task: 'refund it',
  action: 'refund',
  args: {},
  title: 'Refund',
  by: 'AGENT (offline)',
  ...(confidence === undefined ? {} : { confidence }),
  ...(how === undefined ? {} : { fate: FATES[how] as Fate }),
  ...more,
});
const many = (times: number, confidence: number, how: string) =>
  Array.from({ length: times }, () => version(confidence, how));

it.each([
  { confidence: 0, bin: 0 },
  { confidence: 0.09, bin: 0 },
  { confidence: 0.1, bin: 1 },
  { confidence: 0.3, bin: 3 },
  { confidence: 0.7, bin: 7 },
  { confidence: 0.999, bin: 9 },
  { confidence: 1, bin: 9 },
])('$confidence is in bin $bin', ({ confidence, bin }) => {
  const { bins } = calibrate([version(confidence, 'approved')]);
  expect(bins.map(({ of }) => of).indexOf(1)).toBe(bin);
  expect(bins[bin]).toMatchObject({ approved: 1, edited: 0, rejected: 0, of: 1, share: 1 });
});

it('edits apart from what was not taken at all; what nobody decided, or edited himself, is not counted', () => {
  const { bins, decided } = calibrate(
    [
      ...['approved', 'edited', 'rejected', 'sent-back', 'answered'].map((how) => version(0.5, how)),
      version(0.5),
      version(undefined, 'approved'),
      version(0.5, 'approved', { action: 'other' }),
    ],
    'refund',
  );
  expect(bins[5]).toMatchObject({ approved: 1, edited: 1, rejected: 3, of: 5, share: 0.2 });
  expect(decided).toBe(5);
});

it.each<{ said: string; versions: Version[]; threshold?: object; why?: RegExp }>([
  { said: 'nothing', versions: [], why: /0 decided, and 20 are the least/ },
  { said: 'one too few', versions: many(19, 0.9, 'approved'), why: /19 decided/ },
  {
    said: 'just enough',
    versions: many(20, 0.9, 'approved'),
    threshold: { confidence: 0.9, of: 20, share: 1 },
  },
  {
    said: 'nineteen of twenty',
    versions: [...many(19, 0.9, 'approved'), version(0.9, 'edited')],
    threshold: { confidence: 0.9, of: 20, share: 0.95 },
  },
  {
    said: 'eighteen of twenty',
    versions: [...many(18, 0.9, 'approved'), ...many(2, 0.9, 'edited')],
    why: /^no threshold/,
  },
  {
    said: 'the lowest that still holds',
    versions: [...many(20, 0.9, 'approved'), ...many(20, 0.6, 'approved'), ...many(20, 0.5, 'rejected')],
    threshold: { confidence: 0.6, of: 40, share: 1 },
  },
  {
    said: 'the same, whatever the order they came in',
    versions: [...many(20, 0.5, 'rejected'), ...many(20, 0.6, 'approved'), ...many(20, 0.9, 'approved')],
    threshold: { confidence: 0.6, of: 40, share: 1 },
  },
  {
    said: 'one that does not hold on the way down is passed over',
    versions: [...many(2, 0.99, 'rejected'), ...many(38, 0.8, 'approved')],
    threshold: { confidence: 0.8, of: 40, share: 0.95 },
  },
  {
    said: 'all of one confidence are on the same side',
    versions: [...many(20, 0.7, 'approved'), ...many(20, 0.7, 'rejected')],
    why: /^no threshold/,
  },
])('threshold: $said', ({ versions, threshold, why }) => {
  const found = calibrate(versions);
  expect(found.threshold).toEqual(threshold);
  if (why === undefined) expect(found).not.toHaveProperty('why');
  else expect(found.why).toMatch(why);
});

it('each bin says where it begins and ends', () => {
  const { bins } = calibrate([]);
  expect(bins.map(({ from, to }) => [from, to])).toEqual(
    Array.from({ length: 10 }, (_, nth) => [nth / 10, (nth + 1) / 10]),
  );
  expect(bins[0]).toEqual({ from: 0, to: 0.1, approved: 0, edited: 0, rejected: 0, of: 0 });
});

it('why there is no threshold, in words', () => {
  expect(calibrate(many(19, 0.9, 'approved')).why).toBe(
    'too little to propose a threshold: 19 decided, and 20 are the least',
  );
  expect(calibrate(many(20, 0.9, 'edited')).why).toBe(
    'no threshold: of the surest 20 or more, fewer than 95 % were approved as they were',
  );
});

it('how far off: the mean distance of what was said from what was approved', () => {
  expect(calibrate([...many(10, 0.75, 'approved')]).error).toBeCloseTo(0.25);
  expect(calibrate([...many(5, 0.5, 'approved'), ...many(5, 0.5, 'rejected')]).error).toBeCloseTo(0);
  // Two bins: 0.25 off twice, and 0.15 off once.
  const two = [...many(2, 0.75, 'approved'), version(0.15, 'rejected')];
  expect(calibrate(two).error).toBeCloseTo((2 * 0.25 + 0.15) / 3);
  expect(calibrate([])).not.toHaveProperty('error');
});

it('the picture holds nothing that somebody wrote, and says where the threshold is', () => {
  const hostile = many(20, 0.9, 'approved').map((one) => ({ ...one, task: '<script>', title: '"/>' }));
  const svg = picture(calibrate(hostile));
  expect(svg).toContain('threshold 0.9');
  expect(svg).not.toContain('script');
  expect(picture(calibrate([]))).toContain('0 decided');
});

const RUN = { workflowId: 'w', firstRunId: 'r' };
const chain = (...facts: Fact[]) =>
  facts
    .reduce((all, fact) => append(all, fact, '2026-03-02T09:00:00.000Z'), openChain(RUN, SEED))
    .pending.map((entry) => ({ ...RUN, ...entry }));
const proposed: Fact = {
  type: 'proposed',
  by: 'AGENT (offline)',
  requester: 'rita',
  task: 'refund it',
  proposal: {
    action: 'refund',
    args: { amount: 2 },
    title: 't',
    rationale: '',
    confidence: 0.8,
    sensitive: false,
  },
};
const opened = (digest: string) => ({ type: 'opened', gate: 'main', revision: 1, digest }) as unknown as Fact;
const decided = (digest: string, verdict: string, more: object = {}) =>
  ({ type: 'decided', decision: { digest, verdict, reviewer: 'ana', ...more } }) as unknown as Fact;
const revised = (digest: string, by: string, amount: number) =>
  ({ type: 'revised', gate: 'main', revision: 2, digest, by, args: { amount } }) as unknown as Fact;
const approved = (digest: string, ...signers: string[]) =>
  ({ type: 'approved', digest, signers }) as unknown as Fact;
const closed = (outcome: string): Fact => ({ type: 'closed', outcome });

it.each<{ said: string; facts: Fact[]; hows: (string | undefined)[] }>([
  { said: 'nobody has decided yet', facts: [proposed, opened('a')], hows: [undefined] },
  {
    said: 'an approval that was taken back leaves nothing',
    facts: [proposed, opened('a'), decided('a', 'approve'), decided('a', 'withdraw'), closed('expired')],
    hows: [undefined],
  },
  {
    said: 'approved by the policy alone: no signer, no lesson',
    facts: [proposed, opened('a'), approved('a'), closed('executed')],
    hows: [undefined],
  },
  {
    said: 'approved, and the effect failed: the approval stands',
    facts: [proposed, opened('a'), decided('a', 'approve'), approved('a', 'ana'), closed('failed')],
    hows: ['approved'],
  },
  {
    said: 'edited, and then rejected: the edit is no better',
    facts: [
      proposed,
      opened('a'),
      decided('a', 'edit'),
      revised('b', 'ana', 1),
      decided('b', 'reject', { comment: 'no' }),
      closed('rejected'),
    ],
    hows: ['edited', 'rejected'],
  },
  {
    said: 'a rejection that is not enough by itself, and an approval',
    facts: [proposed, opened('a'), decided('a', 'reject'), approved('a', 'bo'), closed('executed')],
    hows: ['approved'],
  },
  {
    said: 'the agent had nothing',
    facts: [
      { ...proposed, type: 'proposal-failed', code: 'X', message: '' },
      opened('a'),
      decided('a', 'respond'),
      closed('answered'),
    ],
    hows: [],
  },
])('a record: $said', ({ facts, hows }) => {
  const lessons = openLessons();
  lessons.read(chain(...facts));
  expect(lessons.versions().map(({ fate }) => fate?.how)).toEqual(hows);
});

it('edited and then rejected: nothing was wanted in its place', () => {
  const lessons = openLessons();
  lessons.read(
    chain(
      proposed,
      opened('a'),
      decided('a', 'edit'),
      revised('b', 'ana', 1),
      decided('b', 'reject'),
      closed('rejected'),
    ),
  );
  expect(preferenceRows(lessons.versions())).toMatchObject([{ chosen: null, rejected: expect.any(String) }]);
});

it('a level’s own record may be read before that of the gate that owns it', () => {
  const owner = chain(proposed, opened('a'), revised('b', 'mo', 1), approved('b', 'mo'), closed('executed'));
  const level = chain(
    opened('a'),
    decided('a', 'edit', { reviewer: 'mo' }),
    revised('b', 'mo', 1),
    closed('revised'),
  );
  for (const order of [
    [owner, level],
    [level, owner],
  ]) {
    const lessons = openLessons();
    for (const one of order) lessons.read(one);
    expect(lessons.versions().map(({ fate }) => fate)).toMatchObject([
      { how: 'edited', by: 'mo' },
      { how: 'approved' },
    ]);
  }
});

it('a record that somebody has changed to lead in a circle ends', () => {
  const a = version(0.5, 'edited', { digest: 'a', after: 'b' });
  const b = version(0.5, 'edited', { digest: 'b', after: 'a' });
  expect(wanted(a, successors([a, b]))).toBeUndefined();
});
