/** What was said of a question, over branches and runs: until when a no voids what came before it. */
import {
  firstHeard,
  firstSaid,
  isTakenBack,
  isWithdrawn,
  lastNo,
  ranked,
  type Heard,
} from '../../src/domain/heard';
import type { Decision } from '../../src/domain/decision';
import { DIRECTORY, policy } from './given';

const said = (
  reviewer: string,
  verdict: Decision['verdict'],
  at: number,
  id = `${reviewer}-${verdict}`,
): Heard => ({
  decision: { v: 1, id, digest: 'd'.repeat(64), verdict, reviewer },
  level: 'HUMAN',
  at,
});
const levels = (rejections: number) => policy({ rejections }).levels;
const seats = { reviewers: DIRECTORY, delegations: [] };

it.each<[string, readonly Heard[], number, number | undefined]>([
  ['nobody said no', [said('ana', 'approve', 1)], 1, undefined],
  ['one no is enough', [said('ana', 'approve', 1), said('bo', 'reject', 2)], 1, 1],
  ['one of two is not', [said('ana', 'approve', 1), said('bo', 'reject', 2)], 2, undefined],
  ['one person twice is one', [said('bo', 'reject', 1), said('bo', 'reject', 2, 'again')], 2, undefined],
  ['an alias is the same person', [said('ana', 'reject', 1), said('ana.lee', 'reject', 2)], 2, undefined],
  ['two of two are', [said('bo', 'reject', 1), said('cy', 'reject', 2)], 2, 1],
  [
    'taken back, it is none',
    [said('bo', 'reject', 1), said('bo', 'withdraw', 2), said('cy', 'reject', 3)],
    2,
    undefined,
  ],
  [
    'approved after all, it is none',
    [said('bo', 'reject', 1), said('bo', 'approve', 2), said('cy', 'reject', 3)],
    2,
    undefined,
  ],
  [
    'an old approval, sent once more, lifts it not',
    [said('bo', 'approve', 0), said('bo', 'reject', 1), said('bo', 'approve', 2), said('cy', 'reject', 3)],
    2,
    3,
  ],
  [
    'the last of them counts',
    [said('bo', 'reject', 1), said('ana', 'approve', 2), said('cy', 'reject', 3)],
    1,
    2,
  ],
  ['a cancel', [said('ana', 'approve', 1), said('req', 'cancel', 2)], 1, 1],
  ['by time, not as they are given', [said('bo', 'reject', 5), said('ana', 'approve', 1)], 1, 1],
])('%s', (_, heard, rejections, rank) => {
  expect(lastNo(ranked(heard), levels(rejections), seats)).toBe(rank);
});

it('at another level it is not that level’s no', () => {
  const elsewhere = { ...said('bo', 'reject', 1), level: 'MANAGER' };
  expect(lastNo(ranked([elsewhere]), levels(1), seats)).toBeUndefined();
});

it('a withdrawal takes back what came before it, within one millisecond, too', () => {
  const heard = ranked([
    said('ana', 'approve', 1),
    said('ana', 'withdraw', 1),
    said('ana', 'approve', 1, 'again'),
  ]);
  const takenBack = (id: string) =>
    isWithdrawn(heard, DIRECTORY, 'ana.lee', heard.find(({ decision }) => decision.id === id)!.rank);
  expect([takenBack('ana-approve'), takenBack('again')]).toEqual([true, false]);
});

it('the first of the very same decision is when it was received; another content under its id is another', () => {
  const one = said('ana', 'approve', 7);
  const heard = ranked([
    { ...one, at: 9 },
    one,
    { ...one, decision: { ...one.decision, comment: 'hm' }, at: 3 },
  ]);
  expect(firstHeard(heard, one.decision)?.at).toBe(7);
  expect(firstHeard(heard, { ...one.decision, id: 'none' })).toBeUndefined();
});

it('the first that says it is when it was said, in whichever bytes it was signed; signed for by nobody, too', () => {
  const one = said('ana', 'approve', 7);
  const signature = { key: 'k', issued: '2026-01-01T00:00:00.000Z', expires: '2026-01-01T01:00:00.000Z' };
  const spelt = (value: string, at: number) => ({
    ...one,
    decision: { ...one.decision, signature: { ...signature, value } },
    at,
  });
  const heard = ranked([spelt('other', 9), spelt('first', 8), one]);
  expect(firstSaid(heard, spelt('other', 0).decision)?.at).toBe(7);
  expect(firstHeard(heard, spelt('other', 0).decision)?.at).toBe(9);
  expect(firstSaid(heard, { ...one.decision, comment: 'hm' })).toBeUndefined();
});

describe('taken back', () => {
  const tie = { from: 'bo', to: 'cy', decision: 'bo-delegate', at: 't' };
  it.each<[string, readonly Heard[], boolean]>([
    ['by nobody', [said('bo', 'approve', 2)], false],
    ['by a withdrawal', [said('ana', 'withdraw', 2)], true],
    ['by one that came before', [said('ana', 'withdraw', 0)], false],
    ['by a no of one’s own', [said('ana', 'reject', 2)], true],
    ['by a no under an alias', [said('ana.lee', 'reject', 2)], true],
    ['by a no that came before', [said('ana', 'reject', 0)], false],
    ['by a no at another level', [{ ...said('ana', 'reject', 2), level: 'MANAGER' }], false],
    ['by somebody else’s no', [said('bo', 'reject', 2)], false],
  ])('%s', (_, more, taken) => {
    const heard = ranked([said('ana', 'approve', 1), ...more]);
    const { rank } = heard.find(({ decision }) => decision.id === 'ana-approve')!;
    expect(isTakenBack(heard, 'HUMAN', seats, 'ana', rank)).toBe(taken);
  });

  it.each<[string, number, boolean]>([
    ['by a no of whom the signer acts for', 0, true],
    ['by a no of somebody who was tied to the signer only then', 3, false],
  ])('%s', (_, at, taken) => {
    const heard = ranked([said('bo', 'delegate', at), said('cy', 'approve', 1), said('bo', 'reject', 2)]);
    const { rank } = heard.find(({ decision }) => decision.id === 'cy-approve')!;
    const tied = { reviewers: DIRECTORY, delegations: [tie] };
    expect(isTakenBack(heard, 'HUMAN', tied as never, 'cy', rank)).toBe(taken);
  });
});
