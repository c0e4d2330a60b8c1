/** Rows that others train and evaluate with: of each fate, word for word. */
import { evaluationRows, judged, preferenceRows } from '../../src/domain/dataset';
import { written, type Version } from '../../src/domain/lessons';
import { ANSWERED, APPROVED, AT, BETTER, EDITED, edited, TEXT, version } from './lessons-given';

const place = { action: 'refund', workflowId: 'w', digest: 'a', at: AT };

describe('of each version that people decided on', () => {
  it.each<{ said: string; versions: Version[]; row: object; label: boolean; expected?: string }>([
    {
      said: 'approved as it was',
      versions: [version('a', APPROVED)],
      row: { chosen: TEXT, rejected: null, how: 'approved', reviewers: ['ana', 'bo'] },
      label: true,
    },
    {
      said: 'edited, and approved as edited',
      versions: [version('a', EDITED), edited({ how: 'approved', by: ['ana'] })],
      row: { chosen: BETTER, rejected: TEXT, comment: 'half', how: 'edited', reviewers: ['ana'] },
      label: false,
      expected: BETTER,
    },
    {
      said: 'edited, and nobody has decided on the edit',
      versions: [version('a', { how: 'edited', by: 'ana' }), edited()],
      row: { chosen: null, rejected: TEXT, how: 'edited', reviewers: ['ana'] },
      label: false,
    },
    {
      said: 'sent back, and answered in the end',
      versions: [version('a', { how: 'sent-back', by: 'ana', comment: 'why?' }), edited(ANSWERED)],
      row: { chosen: 'by hand', rejected: TEXT, comment: 'why?', how: 'sent-back', reviewers: ['ana'] },
      label: false,
      expected: 'by hand',
    },
    {
      said: 'rejected',
      versions: [version('a', { how: 'rejected', by: 'ana', comment: 'no' })],
      row: { chosen: null, rejected: TEXT, comment: 'no', how: 'rejected', reviewers: ['ana'] },
      label: false,
    },
    {
      said: 'answered in its place, with what is no text',
      versions: [version('a', { how: 'answered', by: 'mo', answer: { b: 1, a: 2 } })],
      row: { chosen: '{"a":2,"b":1}', rejected: TEXT, how: 'answered', reviewers: ['mo'] },
      label: false,
      expected: '{"a":2,"b":1}',
    },
  ])('$said', ({ versions, row, label, expected }) => {
    expect(preferenceRows(versions)).toStrictEqual([{ prompt: 'refund it', ...place, ...row }]);
    const { chosen, rejected, ...rest } = row as { chosen: unknown; rejected: unknown };
    expect(preferenceRows(versions, { pairs: true })).toHaveLength(
      chosen === null || rejected === null ? 0 : 1,
    );
    expect(evaluationRows(versions)).toStrictEqual([
      {
        prompt: 'refund it',
        output: TEXT,
        label,
        ...(expected === undefined ? {} : { expected }),
        confidence: 0.8,
        by: 'AGENT (offline)',
        ...place,
        ...rest,
      },
    ]);
  });

  it('of one action alone, where that is asked for', () => {
    const all = [version('a', APPROVED), version('c', APPROVED, { action: 'ship' }), version('d')];
    expect(judged(all).map(({ digest }) => digest)).toEqual(['a', 'c']);
    expect(judged(all, 'ship').map(({ digest }) => digest)).toEqual(['c']);
    expect(preferenceRows(all, { action: 'ship' }).map(({ digest }) => digest)).toEqual(['c']);
    expect(evaluationRows(all, { action: 'refund' }).map(({ digest }) => digest)).toEqual(['a']);
  });
});

describe('as a model would have written it', () => {
  it.each([
    { said: 'an output', action: 'answer', args: { output: 'Hello.' }, text: 'Hello.' },
    {
      said: 'an output with a form of its own',
      action: 'answer',
      args: { output: { b: 1, a: 2 } },
      text: '{"action":"answer","args":{"output":{"a":2,"b":1}}}',
    },
    {
      said: 'an action that has an output, too',
      action: 'print',
      args: { output: 'Hello.' },
      text: '{"action":"print","args":{"output":"Hello."}}',
    },
  ])('$said', ({ action, args, text }) => {
    expect(written(action, args)).toBe(text);
  });
});
