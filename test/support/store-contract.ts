/** What every audit store must do, told once: each store's test file runs it on its own. */
import type { AuditStore } from '../../src/store/audit-store';
import { entry } from './appender';

export function storeContract(current: () => AuditStore): void {
  test('entries come back as they were, in order, those of one workflow alone', async () => {
    const store = current();
    const later = { ...entry('a', 1), firstRunId: 'later run', entry: '{"text":"ü\\u0000"}' };
    await store.append([entry('a', 2), entry('b', 1)]);
    await store.append([entry('a', 1), later]);
    expect(await store.entries('a')).toEqual([later, entry('a', 1), entry('a', 2)]);
    expect(await store.entries('a', 'run')).toEqual([entry('a', 1), entry('a', 2)]);
    expect(await store.entries('c')).toEqual([]);
  });

  test('runs are in the order of their bytes, whatever the language', async () => {
    const runs = ['B', 'a', 'ä', 'é', 'z'].map((firstRunId) => ({ ...entry('a', 1), firstRunId }));
    await current().append([...runs].reverse());
    const found = await current().entries('a');
    expect(found.map(({ firstRunId }) => firstRunId)).toEqual(['B', 'a', 'z', 'ä', 'é']);
  });

  test('appending the same again changes nothing', async () => {
    const store = current();
    await store.append([entry('a', 1), entry('a', 2)]);
    await store.append([entry('a', 1), entry('a', 2), entry('a', 3)]);
    await store.append([]);
    expect(await store.entries('a')).toEqual([entry('a', 1), entry('a', 2), entry('a', 3)]);
  });

  test('a fork is kept: two hashes at one seq, each to be had by its own', async () => {
    const store = current();
    await store.append([entry('a', 1)]);
    await store.append([{ ...entry('a', 1, 'other'), entry: '{"another":1}' }]);
    expect(await store.entries('a')).toEqual([
      entry('a', 1),
      { ...entry('a', 1, 'other'), entry: '{"another":1}' },
    ]);
    expect(await store.entry(entry('a', 1), { seq: 1, hash: 'other' })).toMatchObject({
      hash: 'other',
      entry: '{"another":1}',
    });
    expect(await store.entry(entry('a', 1), { seq: 1, hash: 'hash-1' })).toEqual(entry('a', 1));
  });

  test.each([
    { differs: 'workflow', asked: { ...entry('a', 1), workflowId: 'b' } },
    { differs: 'run', asked: { ...entry('a', 1), firstRunId: 'another' } },
    { differs: 'seq', asked: { ...entry('a', 1), seq: 2 } },
    { differs: 'hash', asked: { ...entry('a', 1), hash: 'forged' } },
  ])('an entry of another $differs is not found', async ({ asked }) => {
    await current().append([entry('a', 1)]);
    expect(await current().entry(asked, asked)).toBeUndefined();
  });

  test('any text is stored as it is', async () => {
    const hostile = ["'); DROP TABLE audit_entries; --", '\u0001;\n"', '\u{1f600} ü \u202e', 'COMMIT;', ''];
    const records = hostile.map((text, n) => ({ ...entry(text, n), hash: text, entry: text }));
    await current().append(records);
    for (const record of records) expect(await current().entries(record.workflowId, 'run')).toEqual([record]);
  });

  test.each([{ text: 'a\u0000b' }, { text: '\ud800' }])(
    'what would come back changed is refused, and what came with it: %j',
    async ({ text }) => {
      const bad = current().append([entry('a', 1), { ...entry('a', 2), entry: text }]);
      await expect(bad).rejects.toThrow('which the store cannot keep');
      expect(await current().entries('a')).toEqual([]);
    },
  );

  test('it is ready, and asking leaves nothing behind', async () => {
    await current().ready();
    await current().ready();
    await current().append([entry('a', 1)]);
    expect(await current().entries('a')).toEqual([entry('a', 1)]);
  });

  test('thirty appends at once lose nothing', async () => {
    const store = current();
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => store.append([entry('a', n + 1), entry(`own-${String(n)}`, 1)])),
    );
    expect((await store.entries('a')).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 30 }, (_, n) => n + 1),
    );
  });
}
