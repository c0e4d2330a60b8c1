/**
 * What one run hands to the next, and a gate to its level: whatever is read as that can be shown, asked about and decided without an error,
 * for an error in a workflow's code fails its task for ever. Each part of a genuine one is taken away, and put in a nonsense way.
 */
import { details } from '../../src/workflows/details';
import { admit } from '../../src/domain/gate/admit';
import { openChain } from '../../src/domain/audit';
import {
  unreadableFeedback,
  unreadableGate,
  unreadablePlan,
  type Unreadable,
} from '../../src/domain/carried';
import { decide, expire, receiptFor, type Gate, type OpenGate } from '../../src/domain/gate';
import { levelEnd, openLevel, parseLevel } from '../../src/domain/gate/levels';
import { packetOf } from '../../src/domain/packet';
import { NEW_PLAN, nextOf, tally, viewOf, type Plan } from '../../src/domain/plan';
import { wakeOf } from '../../src/domain/gate/timers';
import { endOf, release } from './plan-given';
import {
  approve,
  comment,
  delegate,
  edit,
  found,
  ladder,
  open,
  OPENED,
  openAmong,
  play,
  policy,
  reject,
  revise,
  ROOT,
  signedBy,
  waitingAbove,
  withdraw,
  type Said,
} from './given';

const SAIDS: readonly Said[] = [
  approve('ana'),
  edit('bo'),
  reject('cy'),
  delegate('ana', 'eve'),
  withdraw('ana'),
  comment('bo'),
  signedBy(approve('ana')),
];

const asked = (
  under = policy({ quorum: 2, rejections: 2, warnBefore: '1 hour', remindEvery: '1 hour' }),
): Gate =>
  play(openAmong(under), [delegate('bo', 'eve'), reject('eve'), edit('ana', 20), comment('cy')]).gate;
const GATES: Readonly<Record<string, Gate>> = {
  'that is open': asked(),
  'that is open, for signed decisions': asked(policy({ quorum: 2 }, { authentication: 'signed' })),
  'at the agent again': play(open(policy({ quorum: 2 })), [edit('ana', 20), revise('cy')]).gate,
  'with its next level': waitingAbove(ladder()),
};
const carriedBy = (gate: Gate) => ({
  gate,
  ledger: { chain: openChain(ROOT), told: 0, counted: 0, lasts: { opened: { entries: 1, head: 'x' } } },
  setting: {},
  openedAt: OPENED,
});

/** What a workflow does with a gate, as it comes and as people have their say. */
function lived(gate: Gate): void {
  details(packetOf(gate));
  receiptFor(gate, 'd1');
  if (gate.status !== 'open') return;
  wakeOf(gate);
  packetOf(expire(gate, gate.deadline));
  for (const [nth, said] of SAIDS.entries()) {
    const { decision, at } = said(gate, nth + 100);
    if (admit(gate, decision, at) === undefined) packetOf(decide(gate, decision, at, found(gate, decision)));
  }
}

const NONSENSE: readonly unknown[] = [null, 7, 'x', [], {}, [7]];

/** Every way to spoil one part of it. */
function* spoilt(whole: unknown, at: readonly (string | number)[] = []): Generator<[string, unknown]> {
  const where = at.join('.');
  if (at.length > 0) {
    yield [`${where} left out`, put(whole, at, undefined)];
    for (const value of NONSENSE) yield [`${where}: ${JSON.stringify(value)}`, put(whole, at, value)];
  }
  const here = at.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], whole);
  if (typeof here !== 'object' || here === null) return;
  for (const key of Array.isArray(here) ? here.keys() : Object.keys(here)) yield* spoilt(whole, [...at, key]);
}

function put(whole: unknown, at: readonly (string | number)[], value: unknown): unknown {
  const copy = JSON.parse(JSON.stringify(whole)) as unknown;
  const last = at.at(-1) ?? '';
  const holder = at
    .slice(0, -1)
    .reduce<unknown>((inside, key) => (inside as Record<string | number, unknown>)[key], copy);
  if (value !== undefined) (holder as Record<string | number, unknown>)[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else Reflect.deleteProperty(holder as object, last);
  return copy;
}

/** How often it was read as one; an error names what was spoilt. */
function counted(whole: unknown, read: (one: unknown) => boolean): { spoilt: number; read: number } {
  const all = [...spoilt(whole)];
  const readable = all.filter(([how, one]) => {
    try {
      return read(one);
    } catch (error) {
      throw new Error(`${how}: ${String(error)}`, { cause: error });
    }
  });
  return { spoilt: all.length, read: readable.length };
}

const readWith =
  <T>(unreadable: Unreadable, live: (one: T) => void) =>
  (one: unknown): boolean => {
    if (unreadable(one) !== undefined) return false;
    live(one as T);
    return true;
  };

describe('a gate', () => {
  test.each(Object.entries(GATES))('%s is carried as it is, and lives however it was spoilt', (_, gate) => {
    const carried = JSON.parse(JSON.stringify(carriedBy(gate))) as unknown;
    expect(unreadableGate(carried)).toBeUndefined();
    lived(gate);
    const count = counted(
      carried,
      readWith<{ gate: Gate }>(unreadableGate, (one) => {
        lived(one.gate);
      }),
    );
    expect(count.spoilt).toBeGreaterThan(500);
    expect(count.read).toBeGreaterThan(0);
    expect(count.read).toBeLessThan(count.spoilt);
  });

  test.each(['approved', 'executing', 'closed'])('that is %s is never carried', (status) => {
    const gate = { ...GATES['that is open'], status, basis: 'signatures', outcome: 'executed' } as Gate;
    expect(unreadableGate(carriedBy(gate))).toMatch(/^gate.status: /);
  });

  test('given to a level lives as well', () => {
    const argument = JSON.parse(
      JSON.stringify({ v: 1, gate: GATES['with its next level'], setting: {} }),
    ) as unknown;
    const count = counted(argument, (one) => {
      if (!parseLevel(one).ok) return false;
      const level: OpenGate = openLevel((one as { gate: Gate }).gate as never, OPENED);
      lived(level);
      const { decision, at } = reject('mia')(level, 1);
      const closed = admit(level, decision, at) === undefined ? decide(level, decision, at) : level;
      if (closed.status === 'closed') levelEnd(closed, undefined);
      return true;
    });
    expect(count.read).toBeGreaterThan(0);
    expect(count.read).toBeLessThan(count.spoilt);
  });
});

test('a plan is carried as it is, and lives however it was spoilt', () => {
  const start = release('undo', ['a', 'b', 'c']);
  const done: Plan = { ...NEW_PLAN, done: [{ end: endOf('a', 'executed', { result: { rows: 4 } }) }] };
  const whole = JSON.parse(
    JSON.stringify({
      plan: done,
      answers: { answered: [], refusals: 0 },
      ledger: carriedBy(GATES['that is open'] as Gate).ledger,
    }),
  ) as unknown;
  expect(unreadablePlan(whole)).toBeUndefined();
  const live = ({ plan }: { plan: Plan }) => {
    nextOf(start, plan);
    tally(start, plan);
    viewOf(start, plan);
  };
  const count = counted(whole, readWith(unreadablePlan, live));
  expect(count.read).toBeLessThan(count.spoilt);
});

test('feedback is carried as it is, and nothing else is read as that', () => {
  const whole = {
    desk: {
      collection: {
        taken: [{ feedback: { v: 1, id: '1', reviewer: 'ana', key: 'tone', score: 1 }, at: 'x' }],
        bytes: 1,
        refused: 0,
        refusals: [],
        closed: false,
      },
      closesAt: OPENED,
    },
    deliveries: { stored: 0, judged: false, sending: [], undelivered: [] },
  };
  expect(unreadableFeedback(whole)).toBeUndefined();
  for (const nonsense of NONSENSE) expect(unreadableFeedback(nonsense)).toBeDefined();
});
