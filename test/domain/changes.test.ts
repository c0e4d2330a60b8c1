/** Who changed what, from the first proposal to the one that it ended with. */
import { changesOf, wordsOf } from '../../src/domain/changes';
import { openGate, repropose, type Gate } from '../../src/domain/gate';
import { unproposed } from '../../src/domain/gate/no-proposal';
import {
  approve,
  ARGS,
  assessed,
  edit,
  HOUR,
  open,
  OPENED,
  play,
  policy,
  proposal,
  revise,
  ROOT,
  says,
  PLACE,
} from './given';

const two = policy({ quorum: 2 });
const ofWords = (text: string, id: string) => says('bo', 'edit', { args: { text }, id });

function again(gate: Gate, args: { [key: string]: number | string }): Gate {
  if (gate.status !== 'proposing') throw new Error(`it is ${gate.status}`);
  const made = {
    proposal: proposal(args, 'Less'),
    policy: two,
    assessment: assessed(args),
    by: 'AGENT (rules)',
  };
  return repropose(gate, made, OPENED + HOUR);
}

const amount = (value: number) => ({ op: 'replace', path: '/args/amount', value });

describe('who changed what', () => {
  it('nobody, where the first proposal is the last', () => {
    expect(changesOf(open())).toEqual([]);
    expect(changesOf(play(open(), [approve('ana')]).gate)).toEqual([]);
  });

  it('an editor, the agent that was sent back, and an editor again, oldest first', () => {
    const first = play(open(two), [edit('ana', 30), revise('cy')]).gate;
    const { gate } = play(again(first, { ...ARGS, amount: 25 }), [
      edit('bo', 20, { id: 'e' }),
      approve('ana'),
    ]);
    expect(changesOf(gate)).toStrictEqual([
      { revision: 2, by: 'ana', diff: [amount(30)] },
      {
        revision: 3,
        by: 'AGENT (rules)',
        diff: [{ op: 'replace', path: '/title', value: 'Less' }, amount(25)],
      },
      { revision: 4, by: 'bo', diff: [amount(20)] },
    ]);
    expect(gate.status).toBe('open');
  });

  it('an edit that decided it is a change as well', () => {
    const { gate } = play(open(), [edit('ana', 30)]);
    expect(gate.status).toBe('approved');
    expect(changesOf(gate)).toStrictEqual([{ revision: 2, by: 'ana', diff: [amount(30)] }]);
  });

  it('an edit that changed nothing is one without a difference', () => {
    expect(changesOf(play(open(two), [edit('ana', 40)]).gate)).toStrictEqual([
      { revision: 2, by: 'ana', diff: [] },
    ]);
  });

  it('what the agent proposed after it had nothing is told from the question that stood for it', () => {
    const failure = { code: 'AGENT_FAILED', message: 'no idea' };
    const asked = unproposed('t', failure, two, 'AGENT');
    const sent = play(openGate({ root: ROOT, ...PLACE, gate: 'main', requester: 'req', ...asked }, OPENED), [
      revise('ana'),
    ]).gate;
    const [change, ...others] = changesOf(again(sent, ARGS));
    expect(change).toMatchObject({ revision: 2, by: 'AGENT (rules)' });
    expect(change?.diff).toContainEqual({ op: 'replace', path: '/action', value: 'refund' });
    expect(others).toEqual([]);
  });

  it('word by word, where it is a text', () => {
    const { gate } = play(open(two), [ofWords('it was broken', 'e1'), ofWords('it was lost', 'e2')]);
    expect(changesOf(gate)[1]).toStrictEqual({
      revision: 3,
      by: 'bo',
      diff: [{ op: 'replace', path: '/args/text', value: 'it was lost' }],
      words: [
        {
          path: '/args/text',
          changes: [
            { op: 'same', text: 'it was ' },
            { op: 'removed', text: 'broken' },
            { op: 'added', text: 'lost' },
          ],
        },
      ],
    });
    expect(changesOf(gate)[0]).not.toHaveProperty('words');
  });
});

describe('what is too long ago', () => {
  it('of more than 50 revisions the last are told, and the first of them without what it changed', () => {
    const saids = Array.from({ length: 60 }, (_, nth) => edit('ana', nth, { id: `e${String(nth)}` }));
    const changes = changesOf(play(open(two), saids).gate);
    expect(changes.map(({ revision }) => revision)).toEqual(Array.from({ length: 50 }, (_, nth) => nth + 12));
    expect(changes[0]).toStrictEqual({ revision: 12, by: 'ana' });
    expect(changes.slice(1).map(({ diff }) => diff)).toEqual(
      Array.from({ length: 49 }, (_, nth) => [amount(nth + 11)]),
    );
  });

  it('a proposal that was let go of is missing on both sides of it', () => {
    const long = (nth: number) => ofWords(`${String(nth)} ${'x'.repeat(50_000)}`, `e${String(nth)}`);
    const changes = changesOf(play(open(two), [1, 2, 3, 4].map(long)).gate);
    expect(changes.map(({ revision, diff }) => [revision, diff?.length])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, 1],
      [5, 1],
    ]);
  });
});

describe('the texts of the revision that is open', () => {
  it('against the one before it, and no other', () => {
    const before = play(open(two), [ofWords('it was broken', 'e1')]).gate;
    expect(wordsOf(open(two))).toEqual([]);
    expect(wordsOf(before)).toEqual([]);
    const after = play(before, [ofWords('it was lost', 'e2')]).gate;
    expect(wordsOf(after)).toEqual(changesOf(after)[1]?.words);
    expect(wordsOf(play(after, [ofWords('it was lost', 'e3')]).gate)).toEqual([]);
  });
});
