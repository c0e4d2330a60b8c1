/** What was said of a question, over branches and runs: until when a no voids what came before it. */
import { firstHeard, isWithdrawn, lastNo, ranked, type Heard } from '../../src/domain/heard';
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
