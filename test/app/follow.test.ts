/** Whom or what a workflow waits for, until it has ended; how it ended; and a plan as it stands. */
import { follow, waitingFor, type WaitingFor } from '../../src/app/follow';
import { byLevel, outcome } from '../../src/app/outcome';
import { plan } from '../../src/app/plan';
import type { Packet, PlanSteps } from '../../src/client';
import { ladder } from '../domain/given';
import { fakeTemporal, resultOf, type FakeTemporal } from '../support/fake-temporal';

let fake: FakeTemporal;
beforeEach(() => {
  fake = fakeTemporal();
  fake.open('pay-1', { policy: ladder() });
});
const ports = () => ({ gates: fake.countersign });

it.each<{ said: string; packet?: Partial<Packet>; waits: object }>([
  { said: 'people', waits: { for: 'people', packet: { level: 'HUMAN' } } },
  { said: 'a level', packet: { status: 'waiting', waitingOn: 'pay-1/MANAGER' }, waits: { for: 'level' } },
  {
    said: 'a step of a plan',
    packet: {
      waitingOn: 'pay-1/deploy',
      level: undefined,
      plan: { onReject: 'stop', at: 0, steps: [] },
    } as object,
    waits: { for: 'step', packet: { waitingOn: 'pay-1/deploy' } },
  },
  {
    said: 'the store',
    packet: { status: 'approved', waitingFor: 'the store is away' },
    waits: { for: 'trouble', sentence: 'the store is away' },
  },
  { said: 'its end', packet: { status: 'executing' }, waits: { for: 'end', status: 'executing' } },
])('waits for $said', async ({ packet, waits }) => {
  const now = await fake.countersign.show('pay-1');
  fake.countersign.show = () => Promise.resolve({ ...now, ...packet });
  expect(await waitingFor(ports(), 'pay-1')).toMatchObject(waits);
});

it('without a worker it is known that it waits, and no more', async () => {
  fake.countersign.show = () => Promise.reject(new Error('nobody answers'));
  expect(await waitingFor(ports(), 'pay-1')).toEqual({ for: 'end' });
});

it('is told at every look, and not after the end', async () => {
  const told: WaitingFor['for'][] = [];
  let end: (value: string) => void = () => undefined;
  const ended = follow(
    ports(),
    { workflowId: 'pay-1', every: 1, end: () => new Promise<string>((resolve) => (end = resolve)) },
    (waits) => {
      told.push(waits.for);
      if (told.length === 3) end('done');
    },
  );
  expect(await ended).toBe('done');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toEqual(['people', 'people', 'people']);
});

describe('outcome', () => {
  it('of what goes on, and is not waited for', async () => {
    const waits = jest.fn(() => undefined);
    expect(await outcome(ports(), { workflowId: 'pay-1', waits })).toEqual({ status: 'open' });
    expect(waits).not.toHaveBeenCalled();
  });

  it('what has ended is not waited for', async () => {
    const waits = jest.fn(() => undefined);
    fake.results.set('pay-1', resultOf());
    expect(await outcome(ports(), { workflowId: 'pay-1', wait: true, waits })).toMatchObject({
      status: 'ended',
    });
    expect(waits).not.toHaveBeenCalled();
  });

  it.each([
    { of: 'gate', result: resultOf() },
    { of: 'feedback', result: { v: 1, feedback: [], refused: 0 } },
    { of: 'other', result: { v: 1, checked: 3 } },
    { of: 'other', result: 'done' },
    { of: 'other', result: undefined },
  ])('of $of', async ({ of, result }) => {
    fake.results.set('pay-1', result);
    expect(await outcome(ports(), { workflowId: 'pay-1' })).toEqual({
      status: 'ended',
      result,
      ended: { of, value: result },
    });
  });
});

it('decisions stand by level, in the order in which they were asked', () => {
  const decided = (level: string, reviewer: string) => ({ level, reviewer }) as never;
  const passed = { from: 'HUMAN', to: 'MANAGER', reason: 'above', at: '2026-03-02T10:00:00.000Z' };
  expect(
    byLevel({ decisions: [decided('MANAGER', 'mia'), decided('HUMAN', 'ana')], escalations: [passed] }),
  ).toEqual([
    { level: 'HUMAN', decisions: [decided('HUMAN', 'ana')], escalations: [passed] },
    { level: 'MANAGER', decisions: [decided('MANAGER', 'mia')], escalations: [] },
  ]);
});

describe('a plan', () => {
  const RELEASE: PlanSteps = {
    workflowId: 'release',
    status: 'waiting',
    onReject: 'undo',
    at: 1,
    steps: [
      { number: 1, name: 'backup', about: 'back up', outcome: 'executed', workflowId: 'release/backup' },
      { number: 2, name: 'migrate', about: 'migrate', workflowId: 'release/migrate' },
    ],
    underWay: { step: 'migrate', takingBack: false },
  };
  const seen = (more: Partial<PlanSteps> = {}) => {
    fake.countersign.steps = () => Promise.resolve({ ...RELEASE, ...more });
    return plan(ports(), 'release');
  };

  it.each<{ said: string; more: Partial<PlanSteps>; at: object; cutShort?: number }>([
    { said: 'under way', more: {}, at: { gate: 'migrate', status: 'waiting' } },
    {
      said: 'taken back',
      more: { underWay: { step: 'backup', takingBack: true } },
      at: { gate: 'undo/backup' },
    },
    { said: 'done', more: { status: 'closed', outcome: 'executed' }, at: { outcome: 'executed' } },
    {
      said: 'terminated',
      more: { status: 'closed', closedBy: 'TIMED_OUT' },
      at: { outcome: 'timed out' },
      cutShort: 1,
    },
  ])('$said', async ({ more, at, cutShort }) => {
    const found = await seen(more);
    expect(found.at).toMatchObject(at);
    expect(found.cutShort).toBe(cutShort);
  });
});
