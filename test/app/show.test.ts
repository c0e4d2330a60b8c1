/** A gate as a person reads it, and what has changed since they read it last. */
import { changedSince, readRevision, type ReadRevision } from '../../src/app/last-read';
import type { LastRead } from '../../src/app/ports';
import { show } from '../../src/app/show';
import { packetOf } from '../../src/domain/packet';
import { ARGS } from '../domain/given';
import { fakeTemporal, UNDER } from '../support/fake-temporal';

/** A door that keeps it in memory. */
function memory(): LastRead {
  const kept = new Map<string, ReadRevision>();
  return {
    before: (packet, reader) => {
      const before = kept.get(reader);
      return Promise.resolve(before && changedSince(before, packet));
    },
    note: (packet, reader) => {
      const read = readRevision(packet);
      if (read !== undefined) kept.set(reader, read);
      return Promise.resolve();
    },
  };
}

it('tells each person what has changed since they read it, and nobody else', async () => {
  const fake = fakeTemporal();
  const lastRead = memory();
  const readBy = (name: string) => show({ gates: fake.countersign, identity: { name }, lastRead }, 'pay-1');
  fake.open('pay-1', { policy: { ...UNDER, levels: UNDER.levels.map((one) => ({ ...one, quorum: 2 })) } });
  const first = await readBy('ana');
  expect(first).toMatchObject({ packet: { revision: 1 }, seen: undefined, trouble: undefined });
  await lastRead.note(first.packet, 'ana');
  expect((await readBy('ana')).seen).toBeUndefined();
  fake.say('pay-1', 'bo', 'edit', { args: { ...ARGS, amount: 7 } });
  expect((await readBy('ana')).seen).toEqual({
    revision: 1,
    diff: [{ op: 'replace', path: '/args/amount', value: 7 }],
    words: [],
  });
  expect((await readBy('cy')).seen).toBeUndefined();
});

it('while its effect is tried again, what it ran into', async () => {
  const fake = fakeTemporal();
  const packet = { ...packetOf(fake.open('pay-1')), status: 'executing' as const };
  fake.countersign.showAtEnd = () => Promise.resolve(packet);
  fake.countersign.status = () =>
    Promise.resolve({ status: 'RUNNING', firstRunId: 'run-1', trouble: 'attempt 3 of execute: away' });
  const ports = { gates: fake.countersign, identity: { name: 'ana' }, lastRead: memory() };
  expect((await show(ports, 'pay-1')).trouble).toBe('attempt 3 of execute: away');
});
