/** What was said of a question, over branches and runs: until when a no voids what came before it. */
import { firstHeard, firstRank, ranked, type Heard } from '../../src/domain/heard';
import { isTakenBack, lastNo, spokenFor, toldAt } from '../../src/domain/told';
import type { Decision } from '../../src/domain/gate/decision';
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
const delegates = (from: string, to: string, at: number): Heard => {
  const one = said(from, 'delegate', at, `${from}-to-${to}-${String(at)}`);
  return { ...one, decision: { ...one.decision, to } };
};
const asking = { directory: DIRECTORY, requester: 'req', barred: ['req'], isSure: () => true };
const told = (heard: readonly Heard[], rejections = 1) =>
  toldAt(levels(rejections)[0]!, ranked(heard), asking);

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
  expect(lastNo([told(heard, rejections)], levels(rejections))).toBe(rank);
});

it('at another level it is not that level’s no', () => {
  const elsewhere = { ...said('bo', 'reject', 1), level: 'MANAGER' };
  expect(lastNo([told([elsewhere])], levels(1))).toBeUndefined();
});

it('a withdrawal takes back what came before it, within one millisecond, too', () => {
  const heard = told([
    said('ana', 'approve', 1),
    said('ana', 'withdraw', 1),
    said('ana.lee', 'approve', 1, 'again'),
  ]);
  const takenBack = (id: string) =>
    isTakenBack(heard, 'ana', heard.find(({ decision }) => decision.id === id)!.rank);
  expect([takenBack('ana-approve'), takenBack('again')]).toEqual([true, false]);
});

it.each<[string, readonly Heard[], boolean]>([
  ['one’s own later no', [said('ana', 'approve', 1), said('ana.lee', 'reject', 2)], true],
  ['a no before it', [said('ana', 'reject', 1), said('ana', 'approve', 2)], false],
  ['somebody else’s no', [said('ana', 'approve', 1), said('bo', 'reject', 2)], false],
  [
    'the no of who acts for her',
    [said('ana', 'approve', 1), delegates('ana', 'dan', 2), said('dan', 'reject', 3)],
    true,
  ],
  [
    'the no of who came to act for her later',
    [said('ana', 'approve', 1), said('bo', 'reject', 2), delegates('ana', 'bo', 3)],
    false,
  ],
])('what she has signed is taken back by %s: %s', (_, heard, takenBack) => {
  const all = told(heard, 2);
  const { rank } = all.find(({ decision }) => decision.id === 'ana-approve')!;
  expect(isTakenBack(all, 'ana', rank)).toBe(takenBack);
});

it.each<[string, readonly Heard[], number | undefined]>([
  ['who was delegated to may say no', [delegates('ana', 'dan', 1), said('dan', 'reject', 2)], 1],
  ['not before', [said('dan', 'reject', 1), delegates('ana', 'dan', 2)], undefined],
  ['nor by one who is not asked', [delegates('eve', 'dan', 1), said('dan', 'reject', 2)], undefined],
  ['nobody delegates to the requester', [delegates('ana', 'req', 1), said('req', 'reject', 2)], undefined],
  ['the requester, who may not decide, says no', [said('req', 'reject', 1)], undefined],
])('%s', (_, heard, rank) => {
  expect(lastNo([told(heard)], levels(1))).toBe(rank);
});

it('what was a no stays one, though its people come to have one voice afterwards', () => {
  const heard = [said('ana', 'reject', 1), said('bo', 'reject', 2), delegates('ana', 'bo', 3)];
  expect(lastNo([told(heard, 2)], levels(2))).toBe(1);
});

it('the same words again, with another proof, say nothing', () => {
  const no = said('bo', 'reject', 1);
  const vouch = { ...no.decision, vouch: { door: 'web' } } as unknown as Decision;
  const heard = [no, said('bo', 'withdraw', 2), { ...no, decision: vouch, at: 3 }];
  expect(lastNo([told(heard)], levels(1))).toBe(0);
  expect(firstRank(ranked(heard), vouch)).toBe(0);
});

it('with whom a voice is shared has spoken, too, unless it was withdrawn', () => {
  const heard = [delegates('ana', 'dan', 1), said('ana', 'approve', 2), said('cy', 'reject', 3)];
  const digest = 'd'.repeat(64);
  expect([...spokenFor(told(heard, 2), digest)].sort()).toEqual(['ana', 'cy', 'dan']);
  const after = [...heard, said('ana', 'withdraw', 4)];
  expect(spokenFor(told(after, 2), digest)).toEqual(['cy']);
  expect(spokenFor(told(after, 2), 'e'.repeat(64))).toEqual([]);
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
