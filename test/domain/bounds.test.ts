/** Whatever is sent, and however much: the state stays small enough to be carried, and what ends a gate still finds room. */
import { offeredVerdicts } from '../../src/domain/gate/offered';
import { parseDecision, type Decision } from '../../src/domain/gate/decision';
import { canonical } from '../../src/domain/digest';
import { openGate, receiptFor, refuse, sentBack, type Gate } from '../../src/domain/gate';
import { guard, LIMITS, utf8Length } from '../../src/domain/json';
import { packetOf } from '../../src/domain/packet';
import { refusal } from '../../src/domain/gate/refusals';
import { unproposed } from '../../src/domain/gate/no-proposal';
import {
  approve,
  assessed,
  at,
  cancel,
  comment,
  DEADLINE,
  delegate,
  edit,
  extend,
  HOUR,
  open,
  OPENED,
  play,
  policy,
  proposal,
  reject,
  respond,
  revise,
  ROOT,
  withdraw,
  type Said,
  PLACE,
} from './given';

/** What a workflow's state may weigh; the server takes 2 MB. */
const MOST = 1_500_000;
const bytes = (value: unknown) => utf8Length(canonical(value));
const many = policy({ quorum: 900, rejections: 900, approvers: { people: ['*'] } }, { maxRevisions: 100 });
const LONG = 'x'.repeat(190);
const FULL = 'z'.repeat(20_000);
const big = (kib: number, letter = 'y') => ({ text: letter.repeat(kib * 1024) });

function openBig(kib = 250): Gate {
  const args = big(kib);
  return openGate(
    {
      root: ROOT,
      ...PLACE,
      gate: 'main',
      requester: 'req',
      proposal: proposal(args),
      policy: many,
      assessment: assessed(args),
      by: 'req',
    },
    OPENED,
  );
}

/** Says it again and again, until it is admitted no more; at most so often. */
function filled(
  gate: Gate,
  said: (nth: number) => Said,
  most = 3_000,
): { gate: Gate; count: number; code: string } {
  let now = gate;
  for (let count = 0; count < most; count += 1) {
    const { gate: next, answers } = play(now, [at(OPENED, said(count))]);
    if (answers[0] !== 'admitted') return { gate: now, count, code: answers[0]! };
    now = next;
  }
  return { gate: now, count: most, code: 'admitted' };
}

const id = (kind: string, nth: number) => `${kind}${String(nth)}-${LONG}`;
const full = filled(openBig(), (nth) => comment('ana', { id: id('c', nth), comment: FULL })).gate;

describe('a gate takes so many bytes of decisions', () => {
  it.each<[string, Said]>([
    ['comment', comment('ana', { comment: FULL })],
    ['edit', edit('ana', 1, { comment: FULL })],
    ['revise', revise('ana', FULL)],
    ['delegate', delegate('ana', 'dan', { comment: FULL })],
    ['extend', extend('ana', DEADLINE + HOUR, { comment: FULL })],
  ])('full of comments: %s, which only piles up, is refused, and how to end it is said', (_, said) => {
    const { answers, sentences } = play(full, [said]);
    expect([answers[0], sentences[0]]).toEqual([
      'GATE_FULL',
      'this gate holds 272 KiB of decisions, as much as it takes; approve or reject it, in short',
    ]);
  });

  it('withdraw piles up, too', () => {
    const signed = play(full, [approve('ana', { id: 'a' })]).gate;
    expect(play(signed, [withdraw('ana', { comment: FULL })]).answers).toEqual(['GATE_FULL']);
  });

  it.each<[string, Said, Partial<Gate>]>([
    ['approve', approve('bo', { comment: FULL }), { status: 'open' }],
    ['reject', reject('bo', { comment: FULL }), { status: 'open' }],
    ['respond', respond('bo', { answer: big(100).text }), { status: 'closed' }],
    ['cancel', cancel('req', { comment: FULL }), { status: 'closed' }],
  ])('%s, which can end it, still finds room', (_, said, left) => {
    const { answers, gate } = play(full, [said]);
    expect(answers).toEqual(['admitted']);
    expect(gate).toMatchObject(left);
  });

  it('what can end a gate is bounded in its turn', () => {
    const flips = filled(full, (nth) =>
      nth % 2 === 0
        ? approve('bo', { id: id('f', nth), comment: FULL })
        : reject('bo', { id: id('f', nth), comment: FULL }),
    );
    expect([flips.code, flips.count]).toEqual(['GATE_FULL', 8]);
    expect(play(flips.gate, [reject('cy', { comment: FULL })]).sentences).toEqual([
      'this gate holds 448 KiB of decisions, as much as it takes; approve or reject it, in short',
    ]);
    expect(play(flips.gate, [reject('cy', { id: 'short' })]).answers).toEqual(['admitted']);
  });

  it('any one decision that passes the guard fits an empty gate', () => {
    const sent = edit('ana', 0, { args: big(255) });
    expect(guard(sent(open(), 1).decision)).toBeUndefined();
    expect(play(open(many), [sent]).answers).toEqual(['admitted']);
  });

  it('hundreds of short approvals are no matter', () => {
    const { gate, count } = filled(
      open(many),
      (nth) => approve(`p${String(nth)}`, { id: `a${String(nth)}` }),
      300,
    );
    expect([count, gate.signatures.length]).toEqual([300, 300]);
  });
});

describe('the whole state stays under 1.5 MB', () => {
  const LEAVES: [string, (nth: number) => Said][] = [
    ['comments as long as they may be', (nth) => comment('ana', { id: id('c', nth), comment: FULL })],
    [
      'comments of characters of three bytes',
      (nth) => comment('ana', { id: id('c', nth), comment: '界'.repeat(20_000) }),
    ],
    ['short comments', (nth) => comment('ana', { id: `c${String(nth)}`, comment: 'x' })],
    ['edits of 120 KiB', (nth) => edit('ana', nth, { id: id('e', nth), args: { ...big(120), nth } })],
    ['edits of 255 KiB', (nth) => edit('ana', nth, { id: id('e', nth), args: { ...big(255), nth } })],
    ['short edits', (nth) => edit('ana', nth, { id: `e${String(nth)}` })],
    ['changes of mind', (nth) => (nth % 2 === 0 ? approve : reject)('ana', { id: `f${String(nth)}` })],
    ['approvals by people with long names', (nth) => approve(id('p', nth), { id: id('a', nth) })],
    ['delegations', (nth) => delegate('ana', id('p', nth), { id: id('d', nth) })],
  ];

  it.each(LEAVES)(
    '%s, until nothing more is taken, and 500 refusals on top',
    (_, said) => {
      const { gate } = filled(filled(openBig(), said).gate, (nth) =>
        approve(id('q', nth), { id: id('z', nth) }),
      );
      let most = gate;
      for (let nth = 0; nth < 501; nth += 1)
        most = refuse(
          most,
          { id: id('r', nth) },
          refusal('MALFORMED_DECISION', { problem: '界'.repeat(2_000) }),
        );
      expect({ under: bytes(most) < MOST, refusals: most.refusals }).toEqual({ under: true, refusals: 501 });
    },
    60_000,
  );

  it('where a remote action repeats its args for the queue that it runs in, too', () => {
    const args = { input: big(245) };
    const runs = {
      in: 'queue',
      taskQueue: 'q',
      activity: 'a',
      input: args.input,
      timeout: '1 minute',
    } as const;
    const gate = openGate(
      {
        root: ROOT,
        ...PLACE,
        gate: 'main',
        requester: 'req',
        proposal: proposal(args),
        policy: many,
        assessment: { ...assessed(args), runs },
        by: 'req',
      },
      OPENED,
    );
    const said = filled(filled(gate, LEAVES[1]![1]).gate, LEAVES[7]![1]).gate;
    expect(bytes(said)).toBeLessThan(MOST - 400_000);
  });

  it('a decision is counted for its bytes, twice its names, and what stands around them', () => {
    const counted = (said: Said) => {
      const { decision } = said(open(), 1);
      return play(open(), [said]).gate.weight - bytes(decision);
    };
    expect([counted(comment('ana')), counted(delegate('ana', 'dan'))]).toEqual([
      2 * (2 + 3) + 350,
      2 * (2 + 3 + 3) + 350,
    ]);
  });

  it('what a decision is counted for is no less than what it adds', () => {
    for (const [, said] of LEAVES) {
      const before = play(open(many), [comment('ana', { id: 'first' })]).gate;
      const { gate } = play(before, [at(OPENED, said(0))]);
      const { decisions, answered, signatures, rejections, delegations } = gate;
      const grew = (parts: unknown, was: unknown) => bytes(parts) - bytes(was);
      expect(
        grew(
          [decisions, answered, signatures, rejections, delegations],
          [before.decisions, before.answered, [], [], []],
        ),
      ).toBeLessThanOrEqual(gate.weight - before.weight);
    }
  });
});

describe('what is kept of the past', () => {
  it('earlier proposals as far as they fit, the latest ones; every digest of the last fifty revisions', () => {
    const { gate } = filled(
      open(many),
      (nth) => edit('ana', nth, { id: `e${String(nth)}`, args: { ...big(50), nth } }),
      5,
    );
    expect(gate.revisions.map(({ revision, proposal: kept }) => [revision, kept !== undefined])).toEqual([
      [1, false],
      [2, false],
      [3, false],
      [4, true],
      [5, true],
      [6, false], // the open one stands in the gate itself
    ]);
    expect(packetOf(gate).diff).toEqual([{ op: 'replace', path: '/args/nth', value: 4 }]);
  });

  it.each([
    ['just fits', 0, true],
    ['is a byte too large', 1, false],
  ])('a proposal that %s', (_, more, fits) => {
    const size = 128 * 1024 - bytes(proposal({ text: '' })) + more;
    const args = { text: 'x'.repeat(size) };
    const gate = openGate(
      {
        root: ROOT,
        ...PLACE,
        gate: 'main',
        requester: 'req',
        proposal: proposal(args),
        policy: many,
        assessment: assessed(args),
        by: 'req',
      },
      OPENED,
    );
    const { revisions } = play(gate, [edit('ana', 1)]).gate;
    expect(revisions.map(({ proposal: kept }) => kept !== undefined)).toEqual([fits, false]);
  });

  it('a proposal that is too large to be kept leaves no difference to be shown, and the digest it had', () => {
    const { gate } = play(openBig(200), [edit('ana', 1)]);
    expect(gate.revisions.map(({ proposal: kept }) => kept)).toEqual([undefined, undefined]);
    expect(packetOf(gate)).not.toHaveProperty('diff');
  });

  it('the agent is told the revision that is sent back, however large it is', () => {
    const { gate } = play(openBig(200), [revise('ana', 'less')]);
    expect(sentBack(gate)).toEqual([{ proposal: gate.proposal, comment: 'less' }]);
  });

  it('50 delegations of one gate, and no more', () => {
    const { count, code, gate } = filled(open(many), (nth) =>
      delegate('ana', `p${String(nth)}`, { id: `d${String(nth)}` }),
    );
    expect([count, code]).toEqual([50, 'DELEGATE_NOT_ALLOWED']);
    expect(play(gate, [delegate('ana', 'dan', { id: 'more' })]).sentences).toEqual([
      'dan cannot act on your behalf: this gate has 50 delegations already',
    ]);
  });

  it('receipts of the last 500 refusals, each with the beginning of its sentence', () => {
    const why = refusal('MALFORMED_DECISION', { problem: 'é'.repeat(400) });
    let gate = open();
    for (let nth = 0; nth <= 500; nth += 1) gate = refuse(gate, { id: `r${String(nth)}` }, why);
    const { message } = receiptFor(gate, 'r500');
    expect(receiptFor(gate, 'r0').status).toBe('unknown');
    expect(receiptFor(gate, 'r1').status).toBe('refused');
    expect(message).toBe(`this is not a decision: ${'é'.repeat(138)}…`);
    expect(utf8Length(message!) - '…'.length * 3).toBe(300);
  });

  it('a sentence of 300 bytes is whole, and one of 301 is cut', () => {
    const kept = (length: number) =>
      receiptFor(
        refuse(open(), { id: 'r' }, { code: 'MALFORMED_DECISION', message: 'x'.repeat(length) }),
        'r',
      ).message;
    expect([kept(300), kept(301)]).toEqual(['x'.repeat(300), `${'x'.repeat(300)}…`]);
  });

  it('the same id again grows nothing but the count', () => {
    const once = refuse(open(), { id: 'r' }, refusal('ARGS_REQUIRED', {}));
    const twice = refuse(once, { id: 'r' }, refusal('ANSWER_REQUIRED', {}));
    expect([twice.answered, twice.refusals]).toEqual([once.answered, 2]);
  });
});

describe('what is too much is refused before it is read', () => {
  const sent = (args: object): Decision => ({
    ...edit('ana')(open(), 1).decision,
    args: args as Decision['args'],
  });
  it.each<[string, string, number]>([
    ['a control character is six in JSON', '\u0001', 6],
    ['a quote is two', '"', 2],
    ['a backslash is two', '\\', 2],
    ['a letter of three bytes is three', '界', 3],
  ])('%s: so many fit, and one more does not', (_, letter, size) => {
    const room = LIMITS.bytes - 'text'.length;
    const fits = Math.floor(room / size);
    expect(guard({ text: letter.repeat(fits) })).toBeUndefined();
    expect(guard({ text: letter.repeat(fits + 1) })).toBe('the payload is larger than 256 KiB');
  });

  it('so that no payload is larger on the wire than it was counted for', () => {
    const worst = sent({ text: '\u0001'.repeat(43_000) });
    expect(guard(worst)).toBeUndefined();
    expect(bytes(worst)).toBeLessThan(LIMITS.bytes + 1_000);
    expect(parseDecision(sent({ text: '\u0001'.repeat(256 * 1024) })).ok).toBe(false);
  });

  it('a task that is cut in the question is cut between characters', () => {
    const task = `${'x'.repeat(19_999)}😀${'y'.repeat(10)}`;
    const { args } = unproposed(task, { code: 'X', message: 'y' }, policy(), 'AGENT').proposal;
    expect((args['details'] as { task: string }).task).toBe(`${'x'.repeat(19_999)} … (12 more characters)`);
    expect(guard(args)).toBeUndefined();
  });

  it('what is offered on a full gate is what was offered before: a refusal tells the rest', () => {
    expect(offeredVerdicts(full)).toEqual(offeredVerdicts(openBig()));
  });
});
