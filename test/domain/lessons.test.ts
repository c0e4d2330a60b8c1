/** What people made of what was proposed, read from the record, and what an agent is shown of it. */
import { append, openChain, type Chain, type Fact } from '../../src/domain/audit';
import { lessonsOf, openLessons, wanted, type Version } from '../../src/domain/lessons';
import { ANSWERED, APPROVED, AT, BETTER, EDITED, edited, TEXT, version } from './lessons-given';
import { SEED } from '../support/forged';

describe('lessons', () => {
  const lesson = { action: 'refund', task: 'refund it', args: { amount: 2 } };
  it.each<{ said: string; versions: Version[]; lessons: object[] }>([
    { said: 'approved as it was: none', versions: [version('a', APPROVED)], lessons: [] },
    { said: 'answered: none', versions: [version('a', ANSWERED)], lessons: [] },
    { said: 'nobody has decided: none', versions: [version('a')], lessons: [] },
    {
      said: 'edited: what was wanted in its place, and why',
      versions: [version('a', EDITED), edited(APPROVED)],
      lessons: [{ ...lesson, how: 'edited', comment: 'half', wanted: BETTER }],
    },
    {
      said: 'rejected without a word',
      versions: [version('a', { how: 'rejected', by: 'ana' })],
      lessons: [{ ...lesson, how: 'rejected' }],
    },
    {
      said: 'an edit that was rejected: nobody had estimated it',
      versions: [version('a', EDITED), edited({ how: 'rejected', by: 'bo' })],
      lessons: [{ ...lesson, how: 'edited', comment: 'half' }],
    },
    {
      said: 'long texts: their beginnings',
      versions: [
        version(
          'a',
          { how: 'sent-back', by: 'ana', comment: 'c'.repeat(1_001) },
          { task: 't'.repeat(1_001) },
        ),
      ],
      lessons: [
        {
          ...lesson,
          task: expect.stringMatching(/^t{900}/),
          how: 'sent-back',
          comment: expect.stringMatching(/^c{900}/),
        },
      ],
    },
    {
      said: 'as long as they may be: whole',
      versions: [
        version(
          'a',
          { how: 'sent-back', by: 'ana', comment: 'c'.repeat(1_000) },
          { task: 't'.repeat(1_000) },
        ),
      ],
      lessons: [{ ...lesson, task: 't'.repeat(1_000), how: 'sent-back', comment: 'c'.repeat(1_000) }],
    },
    {
      said: 'args as long as they may be',
      versions: [version('a', EDITED, { args: { text: 'x'.repeat(4_000 - '{"text":""}'.length) } })],
      lessons: [{ ...lesson, args: expect.anything(), how: 'edited', comment: 'half' }],
    },
    {
      said: 'args that are longer: none',
      versions: [version('a', EDITED, { args: { text: 'x'.repeat(4_001 - '{"text":""}'.length) } })],
      lessons: [],
    },
    {
      said: 'wanted was something longer: none',
      versions: [version('a', EDITED), { ...edited(APPROVED), args: { text: 'x'.repeat(4_000) } }],
      lessons: [],
    },
  ])('$said', ({ versions, lessons }) => {
    expect(lessonsOf(versions)).toStrictEqual(lessons.map((one) => ({ digest: 'a', at: AT, lesson: one })));
    for (const { lesson: kept } of lessonsOf(versions))
      for (const text of [kept.task, kept.comment ?? '']) expect(text.length).toBeLessThanOrEqual(1_000);
  });

  it('what was wanted is found however many edits later', () => {
    const next = new Map(
      ['a', 'b', 'c'].map((at, nth) => [at, version('bcd'[nth]!, nth === 2 ? APPROVED : EDITED)]),
    );
    expect(wanted(version('a', EDITED), next)).toBe(TEXT);
    expect(wanted(version('a', EDITED), new Map([...next].slice(0, 2)))).toBeUndefined();
  });
});

describe('versions in the record', () => {
  const RUN = { workflowId: 'w', firstRunId: 'r' };
  const chain = (times: readonly string[], ...facts: object[]) =>
    facts
      .reduce<Chain>((all, fact, nth) => append(all, fact as Fact, times[nth] ?? AT), openChain(RUN, SEED))
      .pending.map((entry) => ({ ...RUN, ...entry }));
  const proposal = {
    action: 'refund',
    args: { amount: 2 },
    title: 'Refund',
    rationale: '',
    confidence: 0.8,
    sensitive: false,
  };
  const proposed = {
    type: 'proposed',
    by: 'AGENT (offline)',
    requester: 'rita',
    task: 'refund it',
    proposal,
  };
  const opened = (digest: string, revision = 1) => ({ type: 'opened', gate: 'main', revision, digest });
  const revised = (digest: string) => ({
    type: 'revised',
    gate: 'main',
    revision: 2,
    digest,
    by: 'ana',
    args: { amount: 1 },
  });
  const decided = (digest: string, verdict: string, more: object = {}) => ({
    type: 'decided',
    decision: { digest, verdict, reviewer: 'ana', ...more },
  });
  const read = (...runs: ReturnType<typeof chain>[]) => {
    const lessons = openLessons();
    for (const run of runs) lessons.read(run);
    return lessons.versions();
  };

  it('what was asked, what stands in its place, and what became of each', () => {
    const times = [AT, AT, AT, '2026-03-02T09:01:00.000Z'];
    const facts = [
      proposed,
      opened('a'),
      decided('a', 'edit', { comment: 'half' }),
      revised('b'),
      { type: 'approved', digest: 'b', signers: ['ana'] },
      { type: 'closed', outcome: 'executed' },
    ];
    const { confidence, ...rest } = version('b', { how: 'approved', by: ['ana'] }, { args: { amount: 1 } });
    expect(confidence).toBe(0.8);
    expect(read(chain(times, ...facts))).toStrictEqual([
      version('a', EDITED),
      { ...rest, revision: 2, at: '2026-03-02T09:01:00.000Z', by: 'ana', after: 'a' },
    ]);
  });

  it('sent back, and proposed anew: the next one has its own task and estimate', () => {
    const again = { ...proposed, by: 'AGENT (other)', proposal: { ...proposal, confidence: 0.9 } };
    const facts = [proposed, opened('a'), decided('a', 'revise', { comment: 'why?' }), again, revised('b')];
    expect(read(chain([], ...facts))).toMatchObject([
      { digest: 'a', fate: { how: 'sent-back', by: 'ana', comment: 'why?' } },
      { digest: 'b', by: 'AGENT (other)', confidence: 0.9, args: { amount: 2 }, after: 'a' },
    ]);
  });

  it.each<{ said: string; facts: object[]; fates: unknown[] }>([
    {
      said: 'answered: with what',
      facts: [
        proposed,
        opened('a'),
        decided('a', 'respond', { answer: 7 }),
        { type: 'closed', outcome: 'answered' },
      ],
      fates: [{ how: 'answered', by: 'ana', answer: 7 }],
    },
    {
      said: 'answered with nothing',
      facts: [proposed, opened('a'), decided('a', 'respond'), { type: 'closed', outcome: 'answered' }],
      fates: [{ how: 'answered', by: 'ana', answer: null }],
    },
    {
      said: 'answered, and the answer is not in the record',
      facts: [proposed, opened('a'), { type: 'closed', outcome: 'answered' }],
      fates: [undefined],
    },
    {
      said: 'rejected, by the last who said so',
      facts: [
        proposed,
        opened('a'),
        decided('a', 'reject', { comment: 'no' }),
        decided('a', 'reject', { reviewer: 'bo', comment: 'no!' }),
        { type: 'closed', outcome: 'rejected' },
      ],
      fates: [{ how: 'rejected', by: 'bo', comment: 'no!' }],
    },
    {
      said: 'a rejection, and another end',
      facts: [proposed, opened('a'), decided('a', 'reject'), { type: 'closed', outcome: 'expired' }],
      fates: [undefined],
    },
    {
      said: 'followed by another, and nobody has said why',
      facts: [proposed, opened('a'), revised('b')],
      fates: [undefined, undefined],
    },
    {
      said: 'a level that passes a question on is no end of it',
      facts: [proposed, opened('a'), decided('a', 'reject'), { type: 'closed', outcome: 'revised' }],
      fates: [undefined],
    },
    {
      said: 'edited where nothing was asked before',
      facts: [revised('b'), { type: 'closed', outcome: 'rejected' }],
      fates: [],
    },
    { said: 'asked where nothing was proposed', facts: [opened('a')], fates: [] },
    {
      said: 'the agent had nothing when it was asked again: what came before is not followed by it',
      facts: [proposed, opened('a'), { type: 'proposal-failed' }, opened('b'), revised('c')],
      fates: [undefined],
    },
    {
      said: 'a gate after another in one workflow: each by itself',
      facts: [
        proposed,
        opened('a'),
        { type: 'approved', digest: 'a', signers: ['ana'] },
        proposed,
        opened('b'),
        decided('b', 'reject'),
        { type: 'closed', outcome: 'rejected' },
      ],
      fates: [
        { how: 'approved', by: ['ana'] },
        { how: 'rejected', by: 'ana' },
      ],
    },
  ])('$said', ({ facts, fates }) => {
    expect(read(chain([], ...facts)).map(({ fate }) => fate)).toStrictEqual(fates);
  });

  it('a second gate does not stand in the place of the first', () => {
    const versions = read(chain([], proposed, opened('a'), proposed, opened('b')));
    expect(versions.map(({ after }) => after)).toEqual([undefined, undefined]);
  });

  it('in the order that they were asked, whatever the order of the runs', () => {
    const [early, late] = ['2026-03-01T00:00:00.000Z', '2026-03-03T00:00:00.000Z'];
    const one = chain([late, late], proposed, opened('late'));
    const other = chain([early, early], proposed, opened('early'));
    expect(read(one, other).map(({ digest }) => digest)).toEqual(['early', 'late']);
    expect(read(other, one).map(({ digest }) => digest)).toEqual(['early', 'late']);
  });

  it('of a fork what went on counts', () => {
    const root = openChain(RUN, SEED);
    const start = [proposed, opened('a')].reduce<Chain>((all, fact) => append(all, fact as Fact, AT), root);
    const cutOff = append({ ...start, pending: [] }, decided('a', 'reject') as unknown as Fact, AT);
    const goesOn = [
      decided('a', 'respond', { answer: 'x' }),
      { type: 'closed', outcome: 'answered' },
    ].reduce<Chain>((all, fact) => append(all, fact as unknown as Fact, AT), { ...start, pending: [] });
    const entries = [...start.pending, ...cutOff.pending, ...goesOn.pending].sort((a, b) => a.seq - b.seq);
    expect(read(entries.map((entry) => ({ ...RUN, ...entry }))).map(({ fate }) => fate)).toEqual([
      { how: 'answered', by: 'ana', answer: 'x' },
    ]);
  });
});
