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

  test('all chains, each whole, in the order of their bytes; heads and number of them', async () => {
    const store = current();
    expect(await all(store.chains())).toEqual([]);
    expect(await store.count()).toEqual({ chains: 0, entries: 0 });
    const later = { ...entry('b', 1), firstRunId: 'later run' };
    await store.append([entry('ä', 1), entry('b', 1), entry('b', 2), later, entry('B', 1)]);
    await store.append([entry('b', 3), entry('ä', 2)]);
    expect(await all(store.chains())).toEqual([
      [entry('B', 1)],
      [later],
      [entry('b', 1), entry('b', 2), entry('b', 3)],
      [entry('ä', 1), entry('ä', 2)],
    ]);
    const heads = (await all(store.heads())).map((chain) => chain.map((head) => Object.values(head)));
    expect(heads).toEqual([
      [['B', 'run', 1, 'hash-1']],
      [['b', 'later run', 1, 'hash-1']],
      [['b', 'run', 3, 'hash-3']],
      [['ä', 'run', 2, 'hash-2']],
    ]);
    expect(await store.count()).toEqual({ chains: 4, entries: 7 });
  });

  test('a chain that forks has a head for each branch', async () => {
    const store = current();
    const branch = { ...entry('a', 3, 'other'), prev: 'hash-2' };
    await store.append([entry('a', 1), entry('a', 2), entry('a', 3), branch, entry('a', 4)]);
    const [heads] = await all(store.heads());
    expect(heads?.map(({ seq, hash }) => `${String(seq)} ${hash}`)).toEqual(['3 other', '4 hash-4']);
  });

  test('more than is read at once: no chain is cut, none is left out or told twice', async () => {
    const store = current();
    const sizes = Array.from({ length: 1_200 }, (_, n) => (n === 700 ? 5_000 : 1 + (n % 7)));
    const ids = sizes.map((_, n) => `workflow-${String(n).padStart(4, '0')}`);
    for (let from = 0; from < sizes.length; from += 100)
      await store.append(
        sizes
          .slice(from, from + 100)
          .flatMap((size, n) =>
            Array.from({ length: size }, (_, seq) => entry(ids[from + n] ?? '', seq + 1)),
          ),
      );
    const chains = await all(store.chains());
    expect(chains.map(([first]) => first?.workflowId)).toEqual(ids);
    expect(chains.map(({ length }) => length)).toEqual(sizes);
    expect((await all(store.heads())).map(([head]) => head?.seq)).toEqual(sizes);
  });

  test('who stops reading leaves nothing open', async () => {
    const store = current();
    await store.append([entry('a', 1), entry('b', 1)]);
    for (let round = 0; round < 20; round++)
      for await (const [first] of store.chains()) if (first !== undefined) break;
    await store.append([entry('c', 1)]);
    expect(await store.count()).toEqual({ chains: 3, entries: 3 });
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
