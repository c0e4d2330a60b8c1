/** Feedback in either database: what any of them must do, told once, and what PostgreSQL's roles bring. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Feedback } from '../../src/domain/feedback';
import { openLibsqlFeedback } from '../../src/store/feedback-libsql';
import { openPostgresFeedback } from '../../src/store/feedback-postgres';
import type { FeedbackRecord, FeedbackStore } from '../../src/store/feedback-store';
import { hasPostgres, startPostgres, type Postgres } from '../support/postgres';

function record(runId: string, id: string, at: string, more: Partial<Feedback> = {}): FeedbackRecord {
  const feedback: Feedback = { v: 1, id, reviewer: 'ana', key: 'tone', score: 0.1, ...more };
  return { runId, feedback, at: `2026-03-02T09:${at}:00.000Z`, workflowId: `feedback-${runId}` };
}

const HOSTILE = `'); DROP TABLE feedback; -- \u0000 \u202e ü \u{1f600}`;

function contract(current: () => FeedbackStore): void {
  test('what was kept comes back as it was, in the order that it was taken', async () => {
    const store = current();
    const [a, b, c] = [record('a', '2', '02'), record('a', '1', '01'), record('b', '1', '03')];
    await store.keep([a, c]);
    await store.keep([b]);
    expect(await store.feedback('a')).toEqual([b, a]);
    expect(await store.feedback()).toEqual([b, a, c]);
    expect(await store.feedback('nobody')).toEqual([]);
  });

  test('the first of an id wins, and the first output of a run', async () => {
    const store = current();
    const [first, second] = [record('c', '1', '01'), record('c', '1', '02', { score: 1 })];
    await store.keep([first], { runId: 'c', output: { text: 'one' } });
    await store.keep([second, record('c', '2', '03')], { runId: 'c', output: { text: 'two' } });
    expect(await store.feedback('c')).toEqual([first, record('c', '2', '03')]);
    expect(await store.judged('c')).toEqual({ runId: 'c', output: { text: 'one' } });
    expect(await store.judged('d')).toBeUndefined();
  });

  test('any text is kept as it is', async () => {
    const kept = record('e', '1', '01', { comment: HOSTILE, correction: { [HOSTILE]: [HOSTILE, null] } });
    await current().keep([kept], { runId: 'e', output: HOSTILE });
    expect(await current().feedback('e')).toEqual([kept]);
    expect(await current().judged('e')).toEqual({ runId: 'e', output: HOSTILE });
  });

  test('two thousand at once, twice over from several hands', async () => {
    const many = Array.from({ length: 2_000 }, (_, n) => record('f', String(n), '01'));
    await Promise.all([many, many, many].map((all) => current().keep(all)));
    expect(await current().feedback('f')).toHaveLength(2_000);
    await current().keep([]);
  });

  test('lessons: the newest of each action, newest first, each once', async () => {
    const store = current();
    const lesson = (action: string, digest: string, at: string, comment = digest) => ({
      digest,
      at: `2026-03-02T09:${at}:00.000Z`,
      lesson: { action, task: HOSTILE, args: {}, how: 'edited' as const, comment },
    });
    await store.learn([lesson('ship', '1', '01'), lesson('ship', '3', '03'), lesson('sql', '2', '02')]);
    await store.learn([lesson('ship', '4', '04'), lesson('ship', '3', '03', 'something else')]);
    await store.learn([]);
    const of = async (actions: string[], most: number) =>
      (await store.lessons(actions, most)).map(({ comment }) => comment);
    expect(await of(['ship', 'sql'], 2)).toEqual(['4', '3', '2']);
    expect(await of(['ship'], 10)).toEqual(['4', '3', '1']);
    expect(await of([], 3)).toEqual([]);
    expect(await of(["ship') OR ('1' = '1"], 3)).toEqual([]);
    expect((await store.lessons(['sql'], 1))[0]).toEqual(lesson('sql', '2', '02').lesson);
  });

  test('it is ready, and asking leaves nothing behind', async () => {
    await current().ready();
    await current().ready();
  });
}

describe('embedded', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'countersign-feedback-'));
  let store: FeedbackStore;
  beforeAll(async () => {
    store = await openLibsqlFeedback(directory);
  });
  afterAll(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });
  contract(() => store);

  test('another process sees it, and one that only looks creates nothing', async () => {
    const other = await openLibsqlFeedback(directory, { create: false });
    expect(await other.feedback('a')).toHaveLength(2);
    await other.close();
    const nowhere = path.join(directory, 'nowhere');
    await expect(openLibsqlFeedback(nowhere, { create: false })).rejects.toThrow('there is no store at');
  });
});

(hasPostgres() ? describe : describe.skip)('PostgreSQL', () => {
  let server: Postgres;
  let store: FeedbackStore;
  beforeAll(async () => {
    server = await startPostgres();
    store = await openPostgresFeedback(server.url);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });
  contract(() => store);

  const as = (role: string, database = 'postgres') =>
    `postgres://${role}:pass-word@127.0.0.1:${String(server.port)}/${database}`;

  test('a role that may only add keeps feedback, and can take none back', async () => {
    await server.query('CREATE ROLE worker LOGIN');
    await (await openPostgresFeedback(server.url, { writer: 'worker' })).close();
    const worker = await openPostgresFeedback(as('worker'));
    await worker.ready();
    await worker.keep([record('g', '1', '01')], { runId: 'g', output: null });
    expect(await worker.feedback('g')).toHaveLength(1);
    await worker.close();
    const [may] = await server.query(
      "SELECT has_table_privilege('worker', 'feedback', 'DELETE, UPDATE, TRUNCATE') AS more",
    );
    expect(may).toEqual({ more: false });
  });

  test('where the tables are missing and the role may not create them, it says what to do', async () => {
    await server.query('CREATE DATABASE bare');
    const bare = await openPostgresFeedback(as('worker', 'bare'));
    await expect(bare.ready()).rejects.toThrow('run `countersign setup`');
    await expect(bare.keep([record('h', '1', '01')])).rejects.toThrow(/bare: .*run `countersign setup`/);
    await bare.close();
  });

  test('two that open an empty database at the same time both find the tables', async () => {
    await server.query('CREATE DATABASE fresh');
    const both = await Promise.all([1, 2, 3].map(() => openPostgresFeedback(as('postgres', 'fresh'))));
    for (const one of both) {
      await one.ready();
      await one.close();
    }
  });

  test('where there is no server, it says which one, and no password', async () => {
    const opened = openPostgresFeedback('postgres://ana:s3cret@127.0.0.1:1/feedback');
    await expect(opened).rejects.toThrow(
      /^the feedback store, PostgreSQL at 127.0.0.1:1\/feedback: (?!.*s3cret)/,
    );
  });
});
