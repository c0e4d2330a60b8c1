/** examples/verifier: an export is believed by a program that has no code of ours, and a forged one is not. */
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { append, openChain } from '../../src/domain/audit';
import { canonical } from '../../src/domain/digest';
import { openStore, openWorkerStore } from '../../src/store';
import type { AuditRecord } from '../../src/store/audit-store';
import { byPlace, honestRecord, random } from '../support/record';
import { retold, SEED } from '../support/forged';
import { share } from '../support/share';
import { FORGERIES } from '../support/signed-forgeries';
import { DIRECTORY, gateOf, honest, PROPOSED, rootOf, told, WITH_DOOR } from '../support/signed-record';
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
  return { code: status, out: stdout, err: stderr };
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
    for (let nth = 0; nth < share(8, 2); nth++) {
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

  it.each([
    { left: 'nothing', text: '' },
    { left: 'half a line', text: '{"at":"2026-' },
  ])('refuses a file of checkpoints that holds $left: it was emptied', ({ text }) => {
    exported(ROWS);
    const file = path.join(directory, 'emptied.jsonl');
    writeFileSync(file, text);
    writeFileSync(
      path.join(directory, 'emptied.pub.pem'),
      readFileSync(path.join(directory, 'checkpoints.pub.pem')),
    );
    const wrong = `${file}: holds no whole line, and a worker writes one as it first begins\n10 chains: DO NOT HOLD\n`;
    expect(judged(file)).toEqual({ code: 1, out: wrong, err: '' });
    expect(judged(checkpoints, file)).toEqual({ code: 1, out: wrong, err: '' });
  });

  it('its story says how long it is', () => {
    const length = (name: string) =>
      readFileSync(path.join(path.dirname(SCRIPT), name), 'utf8')
        .trimEnd()
        .split('\n').length;
    expect(length('verify.py')).toBeLessThanOrEqual(120);
    expect(length('verify.py') + length('people.py') + length('ed25519.py')).toBeLessThan(440);
  });
});

here('what people have signed, by the verifier in Python from the export and the directory alone', () => {
  const own = mkdtempSync(path.join(os.tmpdir(), 'countersign-people-'));
  const written = (name: string, value: object) => {
    const file = path.join(own, name);
    writeFileSync(file, JSON.stringify(value, null, 2));
    return file;
  };
  const verified = (chains: readonly AuditRecord[][], directory: object, ...more: string[]) => {
    exported(chains.flat());
    return judged('--directory', written('reviewers.json', directory), ...more);
  };

  beforeAll(() => {
    mkdirSync(directory, { recursive: true });
  });
  afterAll(() => {
    for (const one of [own, directory]) rmSync(one, { recursive: true });
  });

  it('believes what they have signed', () => {
    expect(verified(honest(), DIRECTORY)).toEqual({ code: 0, out: '7 chains: hold\n', err: '' });
  });

  it.each(FORGERIES)('refuses: $said', ({ chains, directory: given = DIRECTORY }) => {
    expect(verified(chains(), given)).toMatchObject({
      code: 1,
      err: '',
      out: expect.stringMatching(/^forged .*\n1 chains: DO NOT HOLD\n$/s),
    });
  });

  it('says what the verifier of ours says, word for word where there is one', () => {
    const same = FORGERIES.filter(
      ({ says }) => !/is no life of|was revoked at|is good from|was good until|by method/.test(says),
    );
    expect(same.length).toBeGreaterThan(25);
    for (const { chains, says, directory: given = DIRECTORY } of same)
      expect(verified(chains(), given).out).toContain(says.replace(' by token', ''));
  }, 120_000);

  it('believes a front door as far as it vouches, and an alias', () => {
    const policy = { authentication: 'vouched' };
    const gate = gateOf({ root: rootOf('vouched'), policy, directory: WITH_DOOR });
    const rows = told(
      gate.chain,
      PROPOSED,
      gate.opened(),
      gate.byVouch(),
      gate.approved(['ana@example.com']),
      gate.executed(),
    );
    expect(verified([rows], WITH_DOOR)).toEqual({ code: 0, out: '1 chains: hold\n', err: '' });
    expect(verified([rows], DIRECTORY)).toMatchObject({ code: 1 });
  });

  it('believes a version that the record has kept, where the one given lists all of its keys', () => {
    const later = { ...DIRECTORY, people: [...DIRECTORY.people, { name: 'new', roles: ['oncall'] }] };
    expect(verified(honest(), later)).toMatchObject({ code: 1 });
    const text = canonical(DIRECTORY);
    const loaded = path.join(own, 'loaded.jsonl');
    const rows = [
      { kind: 'directory', text },
      { kind: 'directory', text: 'null' },
      { kind: 'rules', text: 'x' },
    ];
    writeFileSync(loaded, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    expect(verified(honest(), later, '--configurations', loaded)).toMatchObject({ code: 0 });
    const without = { ...later, people: later.people.filter(({ name }) => name !== 'bo') };
    expect(verified(honest(), without, '--configurations', loaded)).toMatchObject({ code: 1 });
  });

  it('names that were believed are believed before an instant that is given', () => {
    const gate = gateOf({ root: rootOf('before'), policy: { authentication: 'open' }, directory: null });
    const rows = told(
      gate.chain,
      PROPOSED,
      gate.opened(),
      gate.decided(gate.said('ana'), 'open'),
      gate.approved(['ana']),
    );
    expect(verified([rows], DIRECTORY)).toMatchObject({ code: 1 });
    expect(verified([rows], DIRECTORY, '--believed-until', '2026-03-03T00:00:00Z')).toMatchObject({
      code: 0,
    });
  });

  it('another deployment is another installation', () => {
    const { deployment: _, ...unnamed } = DIRECTORY;
    expect(verified(honest(), unnamed, '--deployment', 'test')).toMatchObject({ code: 1 });
  });

  const [honestRow] = told(rootOf('poisoned'), PROPOSED);
  const row = (change: object): AuditRecord => ({ ...honestRow!, ...change });
  it.each<[string, AuditRecord]>([
    ['another hash of a text', row({ commit: 'a' })],
    ['no meta', row({ meta: null })],
    ['a number for a hash', row({ hash: 7 })],
    ['a list for a hash', row({ hash: [], prev: {} })],
    ['a number that is none', row({ seq: 'one' })],
    ['a text that is no JSON', retold(honestRow!, honestRow!, 'nothing')],
    ['a text that is a list', retold(honestRow!, honestRow!, '[7]')],
    ['a text without end', retold(honestRow!, honestRow!, '['.repeat(100_000))],
  ])('a chain with %s is named, and the others are verified', (_, poisoned) => {
    const gate = gateOf({ root: rootOf('forged') });
    const forged = told(gate.chain, PROPOSED, gate.opened(), gate.decided(gate.said('ana'), 'signed'));
    exported([...forged, ...honest()[0]!, poisoned]);
    const { code, out, err } = judged('--directory', written('reviewers.json', DIRECTORY));
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toMatch(/^poisoned \(run of poisoned\): /m);
    expect(out).toMatch(/^forged \(run of forged\): entry 3: the decision ana-1/m);
    expect(out).not.toMatch(/^a-two/m);
  });
});

here('Ed25519 in Python', () => {
  it('is that of node:crypto, on texts and signatures of all kinds', () => {
    const cases = Array.from({ length: 60 }, (_, nth) => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const text = Buffer.from(`text ${String(nth)} ü`.repeat(nth));
      const good = sign(null, text, privateKey);
      const flipped = Buffer.from(good);
      flipped[nth % 64]! ^= 1 << (nth % 8);
      const { x = '' } = publicKey.export({ format: 'jwk' });
      return [good, flipped].map((signature) => ({
        public: Buffer.from(x, 'base64url').toString('hex'),
        text: text.toString('hex'),
        signature: signature.toString('hex'),
        holds: verify(null, text, publicKey, signature),
      }));
    }).flat();
    const small = ['00', '01'].map((first) => ({
      ...{
        public: `${first}${'00'.repeat(31)}`,
        text: '00',
        signature: `${first}${'00'.repeat(63)}`,
        holds: false,
      },
    }));
    const { stdout, stderr } = spawnSync(
      'python3',
      [
        '-c',
        'import json, sys, ed25519\nprint(json.dumps([ed25519.holds(*(bytes.fromhex(one[key]) for key in ("public", "text", "signature"))) for one in json.load(sys.stdin)]))',
      ],
      { cwd: path.dirname(SCRIPT), input: JSON.stringify([...cases, ...small]), encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([...cases, ...small].map(({ holds }) => holds));
    expect(cases.filter(({ holds }) => holds)).toHaveLength(60);
  });
});
