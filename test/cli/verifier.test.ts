/** examples/verifier: an export is believed by a program that has no code of ours, and a forged one is not. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { append, openChain } from '../../src/domain/audit';
import { openStore, openWorkerStore } from '../../src/store';
import type { AuditRecord } from '../../src/store/audit-store';
import { SEED } from '../support/forged';
import { byPlace, honestRecord, random } from '../support/record';
import { KINDS, tampered } from '../support/tamperings';

const BATCHES = honestRecord(8);
const ROWS = BATCHES.flat();
const SCRIPT = path.resolve(__dirname, '..', '..', 'examples', 'verifier', 'verify.py');
const directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-verifier-'));
const record = path.join(directory, 'record.jsonl');
const checkpoints = path.join(directory, 'checkpoints.jsonl');

const here = spawnSync('python3', ['--version']).status === 0 ? describe : describe.skip;

function exported(rows: readonly AuditRecord[]): void {
  const lines = [...rows]
    .sort(byPlace)
    .map(({ workflowId, firstRunId, seq, hash, prev, meta, commit, text = null }) =>
      JSON.stringify({
        workflow_id: workflowId,
        first_run_id: firstRunId,
        ...{ seq, hash, prev, meta, commit, text },
      }),
    );
  writeFileSync(record, lines.map((line) => `${line}\n`).join(''));
}

/** A chain of one entry, well-formed, that no worker has stored. */
function byItself(workflowId: string): AuditRecord[] {
  const root = { workflowId, firstRunId: 'run' };
  const fact = { type: 'closed', outcome: 'approved' } as const;
  return append(openChain(root, SEED), fact, '2026-03-02T12:00:00.000Z').pending.map((entry) => ({
    ...root,
    ...entry,
  }));
}

function judged(...files: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync('python3', ['-X', 'utf8', SCRIPT, record, ...files], {
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr.replace(/^signatures were not checked.*\n/, '') };
}

here('the verifier in Python', () => {
  beforeAll(async () => {
    const config = { store: undefined, dataDir: directory };
    const store = await openWorkerStore(
      { ...config, checkpoints: { path: undefined, key: undefined, entries: 9, seconds: 60 } },
      () => undefined,
    );
    for (const batch of BATCHES) await store.append(batch);
    await store.close();
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('believes a true export, with and without the checkpoints', () => {
    exported(ROWS);
    const holds = { code: 0, out: '10 chains: hold\n', err: '' };
    expect(judged()).toEqual(holds);
    expect(judged(checkpoints)).toEqual(holds);
  });

  // The worker has ended in order: what holds by itself and was added after it is refused as well.
  it.each(Object.keys(KINDS))('refuses a forged one: %s', (kind) => {
    const pick = random(5);
    for (let nth = 0; nth < 8; nth++) {
      const { how, rows } = tampered(kind, ROWS, pick);
      exported(rows);
      const { code, out, err } = judged(checkpoints);
      expect({ how, code, err }).toEqual({ how, code: 1, err: '' });
      expect(out).toMatch(/chains: DO NOT HOLD\n$/);
    }
  });

  it('believes two workers, whose files have one key; what neither tells of is refused once both have ended', async () => {
    const two = path.join(directory, 'two');
    const config = {
      store: undefined,
      dataDir: two,
      checkpoints: { path: undefined, key: undefined, entries: 9, seconds: 60 },
    };
    const stores = [
      await openWorkerStore(config, () => undefined),
      await openWorkerStore(config, () => undefined),
    ];
    for (const [nth, batch] of BATCHES.entries()) await stores[nth % 2]?.append(batch);
    for (const store of stores) await store.close();
    const files = ['checkpoints.jsonl', 'checkpoints-2.jsonl'].map((name) => path.join(two, name));
    const forged = byItself('forged');
    exported(ROWS);
    expect(judged(...files)).toEqual({ code: 0, out: '10 chains: hold\n', err: '' });
    exported([...ROWS, ...forged]);
    const refused = {
      code: 1,
      out: 'forged (run): no checkpoint tells of entry 1\n11 chains: DO NOT HOLD\n',
      err: '',
    };
    expect(judged(...files)).toEqual(refused);
    // A worker that finds it as it begins does not make it true.
    const store = await openStore(config);
    await store.append(forged);
    await store.close();
    await (await openWorkerStore(config, () => undefined)).close();
    expect(readFileSync(files[0] ?? '', 'utf8')).toContain('"forged"');
    expect(judged(...files)).toEqual(refused);
  });

  it('names what no checkpoint tells of where a worker may still have to tell it', () => {
    const text = readFileSync(checkpoints, 'utf8');
    const open = path.join(directory, 'checkpoints-3.jsonl');
    writeFileSync(open, text.split('\n').slice(0, -2).join('\n') + '\n');
    exported([...ROWS, ...byItself('forged')]);
    expect(judged(open)).toEqual({
      code: 0,
      out: 'forged (run): no checkpoint tells of entry 1\n11 chains: hold\n',
      err: '',
    });
  });

  it('refuses checkpoints that were changed', () => {
    exported(ROWS);
    const text = readFileSync(checkpoints, 'utf8');
    const forged = path.join(directory, 'forged.jsonl');
    writeFileSync(forged, text.split('\n').slice(1).join('\n'));
    writeFileSync(
      path.join(directory, 'forged.pub.pem'),
      readFileSync(path.join(directory, 'checkpoints.pub.pem')),
    );
    expect(judged(forged)).toMatchObject({ code: 1, out: expect.stringContaining('line 2 does not follow') });
    writeFileSync(forged, text.replace(/order-1/g, 'order-x'));
    expect(judged(forged)).toMatchObject({ code: 1, out: expect.stringContaining('of order-x is missing') });
  });

  it('its story says how long it is', () => {
    expect(readFileSync(SCRIPT, 'utf8').trimEnd().split('\n').length).toBeLessThan(91);
  });
});
