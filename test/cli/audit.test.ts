/** `countersign audit verify` and `export`, beside a store and checkpoints of a worker, and a Temporal that knows the ends. */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import type { ChainEnd, Countersign } from '../../src/client';
import type { Deps } from '../../src/cli/command';
import { program, run } from '../../src/cli/main';
import { readConfig } from '../../src/config';
import { openStore, openWorkerStore } from '../../src/store';
import { metaText, type AuditRecord } from '../../src/store/audit-store';
import { byPlace, honestRecord } from '../support/record';
import { append, openChain, type Chain, type Fact } from '../../src/domain/audit';
import { openLessons } from '../../src/domain/lessons';
import { canonical, sha256Hex } from '../../src/domain/digest';
import { retold, rewritten, SEED } from '../support/forged';
import { kept } from '../support/cli-program';
import { FORGERIES } from '../support/signed-forgeries';
import { signedText } from '../../src/domain/signed-text';
import { assertionOf, testPasskey } from '../support/passkey';
import {
  at,
  DIRECTORY,
  gateOf,
  honest as honestOnes,
  PROPOSED,
  rootOf,
  told,
} from '../support/signed-record';

const ROWS = honestRecord(8).flat();
let directory: string;
let template: string;

beforeAll(async () => {
  template = mkdtempSync(path.join(os.tmpdir(), 'countersign-audit-'));
  const store = await openWorkerStore(
    readConfig({ HOME: template, COUNTERSIGN_DATA: template }),
    () => undefined,
  );
  for (const batch of honestRecord(8)) await store.append(batch);
  await store.close();
});

beforeEach(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'countersign-audit-'));
  cpSync(template, directory, { recursive: true });
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

afterAll(() => {
  rmSync(template, { recursive: true });
});

type Ends = (workflowId: string, firstRunId: string) => ChainEnd;
/** As Temporal knows it: what the store has, while nobody has touched it. */
const honest: Ends = (workflowId, firstRunId) => {
  const last = ROWS.filter((row) => row.workflowId === workflowId && row.firstRunId === firstRunId)
    .sort(byPlace)
    .at(-1);
  if (last === undefined) return { status: 'gone' };
  return last.meta.type === 'closed'
    ? { status: 'told', entries: last.seq, head: last.hash }
    : { status: 'open' };
};

async function audit(argv: readonly string[], env: NodeJS.ProcessEnv = {}, ends: Ends = honest) {
  const streams = kept();
  let code = 0;
  let opened = 0;
  const config = readConfig({ HOME: directory, COUNTERSIGN_DATA: directory, ...env });
  const countersign = {
    chainEnd: async (workflowId: string, firstRunId: string) => ends(workflowId, firstRunId),
  } as unknown as Countersign;
  const deps: Deps = {
    streams,
    defaults: config,
    config,
    open: async () => {
      opened += 1;
      return { countersign, close: async () => undefined };
    },
    store: () => openStore(config, { create: false }),
    ended: (exit) => (code = exit),
  };
  const failed = await run(program(deps), ['audit', ...argv], streams);
  const { out, err } = streams.said;
  return { code: failed ?? code, out, err, opened, json: () => JSON.parse(out) as Record<string, never> };
}

async function tamper(...sql: string[]): Promise<void> {
  const client = createClient({ url: pathToFileURL(path.join(directory, 'countersign.db')).href });
  await client.executeMultiple('DROP TRIGGER audit_entries_no_update; DROP TRIGGER audit_entries_no_delete');
  for (const one of sql) await client.execute(one);
  client.close();
}

const CHAIN = "workflow_id = 'order-0'";

describe('show', () => {
  it('of a workflow that was terminated it says which entry of the reconciliation tells of it', async () => {
    const root = { workflowId: 'countersign-reconcile', firstRunId: 'run' };
    const of = { workflowId: 'gate-t', firstRunId: 'run-t' };
    const fact = { type: 'found-ended', of, runId: 'run-t', status: 'TERMINATED' } as const;
    const chain = append(
      openChain(root, SEED),
      { ...fact, closedAt: '2026-03-02T12:00:00.000Z' },
      '2026-03-02T13:00:00.000Z',
    );
    const store = await openStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }));
    await store.append(chain.pending.map((entry) => ({ ...root, ...entry })));
    await store.close();
    expect(await audit(['show', 'gate-t'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /NOT_FOUND.*Temporal ended it without a word of its own \(TERMINATED\), as entry 1 of countersign-reconcile tells: `countersign audit show countersign-reconcile`\n$/,
      ),
    });
    expect((await audit(['show', 'nobody'])).err).toContain(
      '`countersign reconcile` records it in its own chain',
    );
  });
});

describe('verify', () => {
  it('an honest record holds; the sentence says how much it is, and what it was compared with', async () => {
    const { code, out, err, opened } = await audit(['verify']);
    const chains = new Set(ROWS.map(({ workflowId, firstRunId }) => `${workflowId} ${firstRunId}`)).size;
    expect({ code, err, opened }).toEqual({ code: 0, err: '', opened: 1 });
    expect(out).toMatch(
      new RegExp(
        `^the record holds: ${String(chains)} chains, ${String(ROWS.length)} entries \\(\\d+ of them branch off.*\\)\n` +
          'checkpoints: 3 lines in 1 file, the last of 20.*Z\n' +
          'Temporal: 7 results compared; 3 still open, 0 ended without a result, 0 not known there \\(any more\\)\n$',
      ),
    );
  });

  it('offline asks no server', async () => {
    const { code, out, opened } = await audit(['verify', '--offline', '--all']);
    expect({ code, opened }).toEqual({ code: 0, opened: 0 });
    expect(out).not.toContain('Temporal');
  });

  it('one workflow, with all of its runs', async () => {
    const { out } = await audit(['verify', 'order-3', '--offline']);
    const rows = ROWS.filter(({ workflowId }) => workflowId === 'order-3');
    expect(out).toContain(`the record holds: 2 chains, ${String(rows.length)} entries`);
  });

  it.each<[string, string[], string]>([
    [
      'an edited text',
      [`UPDATE audit_entries SET text = replace(text, 'order-0', 'order-x') WHERE ${CHAIN} AND seq = 2`],
      'order-0 (first run run-0): entry 2 was changed: its text has another hash',
    ],
    ['an entry that is gone', [`DELETE FROM audit_entries WHERE ${CHAIN} AND seq = 2`], 'entry 2 is missing'],
    [
      'a tail that was cut',
      [`DELETE FROM audit_entries WHERE ${CHAIN} AND seq > 2`],
      'missing in part: checkpoint 2 of checkpoints.jsonl',
    ],
    [
      'a chain that is gone',
      [`DELETE FROM audit_entries WHERE ${CHAIN}`],
      'the whole chain is missing: checkpoint 2',
    ],
    [
      'a chain that nobody stored',
      [
        `INSERT INTO audit_entries SELECT 'forged', first_run_id, seq, hash, prev, meta, "commit", text FROM audit_entries WHERE ${CHAIN}`,
      ],
      'forged (first run run-0): entry 1 does not belong there: its text tells another place than it has',
    ],
  ])('%s is told by its place, with exit code 1', async (_, sql, says) => {
    await tamper(...sql);
    for (const how of [['--offline'], ['--offline', '--json']]) {
      const { code, out } = await audit(['verify', ...how]);
      expect(code).toBe(1);
      expect(out).toContain(how.includes('--json') ? says.replace(/^.*\): /, '') : says);
      expect(how.includes('--json') ? out.trimEnd().split('\n') : []).toHaveLength(how.length - 1);
    }
    expect((await audit(['verify', '--offline'])).out).toMatch(/^the record does not hold: \d+ places?; /m);
  });

  it.each<[string, string, string[]]>([
    [
      'a number that is none of an entry',
      `UPDATE audit_entries SET seq = 9223372036854775807 WHERE ${CHAIN} AND seq = 2`,
      ['entry 9223372036854776000 has no number of an entry', 'entry 2 is missing'],
    ],
    [
      'an entry that is no text',
      `UPDATE audit_entries SET text = CAST(text AS BLOB) WHERE ${CHAIN} AND seq = 2`,
      ['entry 2 was changed: its text holds no text of its kind'],
    ],
    [
      'an entry that is no UTF-8',
      `UPDATE audit_entries SET text = CAST(x'ff' AS TEXT) WHERE ${CHAIN} AND seq = 2`,
      ['entry 2 was changed: its text holds no text of its kind'],
    ],
  ])('%s is told by its place, and the rest is verified', async (_, sql, says) => {
    await tamper(sql, `DELETE FROM audit_entries WHERE workflow_id = 'order-5'`);
    const { code, out } = await audit(['verify', '--offline']);
    expect(code).toBe(1);
    for (const one of says) expect(out).toContain(`order-0 (first run run-0): ${one}`);
    expect(out).toContain('order-5 (first run run-5): the whole chain is missing');
    // Shown as well, as far as it goes.
    expect(await audit(['show', 'order-0'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('  1  2026-03-02T'),
      err: expect.stringMatching(/^AUDIT_BROKEN: entry 2 /),
    });
  });

  describe('a table that is gone', () => {
    const gone = () => tamper('DROP TABLE audit_entries');

    it.each([
      { how: 'dropped', away: gone },
      {
        how: 'with its file, an empty one in its place',
        away: () => Promise.resolve(writeFileSync(path.join(directory, 'countersign.db'), '')),
      },
    ])('$how: the checkpoints tell what is missing', async ({ away }) => {
      await away();
      const { code, out, err } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      const chains = new Set(ROWS.map(({ workflowId, firstRunId }) => `${workflowId} ${firstRunId}`)).size;
      expect(out.match(/the whole chain is missing: checkpoint 2/g)).toHaveLength(chains);
      expect(err).toContain('has no table audit_entries: it was never set up');
    });

    it('beside nobody who tells of it, is no record that holds', async () => {
      await gone();
      expect(await audit(['verify', '--offline'], { COUNTERSIGN_CHECKPOINTS: 'off' })).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('or somebody has dropped it'),
      });
    });
  });

  it('a view in the place of the table is read as it is', async () => {
    await tamper(
      'ALTER TABLE audit_entries RENAME TO moved',
      `CREATE VIEW audit_entries AS SELECT * FROM moved WHERE NOT (${CHAIN})`,
    );
    const { code, out } = await audit(['verify', '--offline']);
    expect(code).toBe(1);
    expect(out).toContain('order-0 (first run run-0): the whole chain is missing');
    expect(out).toMatch(/the record does not hold: 1 place; /);
  });

  it('an older copy shows offline beside the checkpoints, and without them beside Temporal alone', async () => {
    const last = Math.max(...ROWS.filter(({ workflowId }) => workflowId === 'order-7').map(({ seq }) => seq));
    await tamper(`DELETE FROM audit_entries WHERE workflow_id = 'order-7' AND seq = ${String(last)}`);
    const off = { COUNTERSIGN_CHECKPOINTS: 'off' };
    expect((await audit(['verify', '--offline'])).code).toBe(1);
    const blind = await audit(['verify', '--offline'], off);
    expect(blind).toMatchObject({ code: 0, err: expect.stringContaining('there are no checkpoints') });
    const seen = await audit(['verify'], off);
    expect(seen.code).toBe(1);
    expect(seen.out).toContain(
      `order-7 (first run run-7): entry ${String(last)} is missing: the workflow's own result`,
    );
  });

  it('what follows the end that Temporal knows was put in', async () => {
    const short: Ends = (workflowId, firstRunId) => {
      const end = honest(workflowId, firstRunId);
      const before = ROWS.find(
        (row) => row.workflowId === 'order-6' && end.status === 'told' && row.seq === end.entries - 1,
      );
      return workflowId === 'order-6' && before !== undefined
        ? { status: 'told', entries: before.seq, head: before.hash }
        : end;
    };
    const { code, out } = await audit(['verify'], {}, short);
    expect(code).toBe(1);
    expect(out).toMatch(
      /order-6 .*: entry \d+ follows entry \d+, which is the last one by the workflow's own result/,
    );
  });

  it('a range is the chains with an entry in it', async () => {
    // order-1 begins at 9:00 and 100 minutes.
    const range = ['--from', '2026-03-02T10:40:00Z', '--to', '2026-03-02T12:00:00Z'];
    const { out } = await audit(['verify', '--offline', ...range]);
    expect(out).toMatch(/^the record holds: 1 chain, \d+ entries/);
    await tamper(`DELETE FROM audit_entries WHERE ${CHAIN} AND seq = 2`);
    expect((await audit(['verify', '--offline', ...range])).code).toBe(0);
    expect((await audit(['verify', '--offline', '--to', '2026-03-02T09:30:00Z'])).code).toBe(1);
    expect(await audit(['verify', '--from', 'yesterday'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Give a date (UTC) or an instant'),
    });
  });

  it('a time in which no entry can be is a mistake; one in which none is, is said', async () => {
    const never = ['--from', '2027-01-01', '--to', '2026-01-01'];
    for (const command of ['verify', 'export', 'report'])
      expect(await audit([command, ...never])).toMatchObject({
        code: 2,
        out: '',
        err: expect.stringContaining('--from must be before --to'),
      });
    expect(await audit(['verify', '--offline', '--from', '2027-01-01'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /^nothing was looked at: the store holds no entries, or none in that time\n/,
      ),
    });
  });

  describe('what no checkpoint tells of', () => {
    const forge = () =>
      tamper(
        `INSERT INTO audit_entries SELECT workflow_id, first_run_id, seq, hash, prev, meta, "commit", text FROM (
           SELECT 'order-0' AS workflow_id, 'run-0' AS first_run_id, 1 AS seq, '${forged.hash}' AS hash,
             '${forged.prev}' AS prev, '${metaText(forged.meta)}' AS meta, '${forged.commit}' AS "commit",
             '${forged.text ?? ''}' AS text)`,
      );
    const forged: AuditRecord = (() => {
      const [other] = honestRecord(8, 2)
        .flat()
        .filter(({ workflowId, seq }) => workflowId === 'order-0' && seq === 1);
      return rewritten(other!, { at: '2026-03-02T09:01:00.000Z' });
    })();

    it('is refused where all workers have ended in order', async () => {
      await forge();
      const { code, out } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      expect(out).toContain(
        'order-0 (first run run-0): entry 1 is vouched for by no checkpoint: no worker has stored it',
      );
    });

    it('is counted while a worker runs, or where other workers may have written it', async () => {
      await forge();
      const elsewhere = await audit(['verify', '--offline', '--no-complete']);
      expect(elsewhere.code).toBe(0);
      expect(elsewhere.out).toContain('1 entry that no checkpoint tells of yet: order-0 from 1\n');
      const worker = await openWorkerStore(
        readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }),
        () => undefined,
      );
      expect((await audit(['verify', '--offline'])).code).toBe(0);
      await worker.close();
      // Found as the worker began, though nobody ran before: that is no word for it.
      expect((await audit(['verify', '--offline'])).code).toBe(1);
    });
  });

  describe('the checkpoints themselves', () => {
    const file = () => path.join(directory, 'checkpoints.jsonl');

    it('a line that was changed is told', async () => {
      writeFileSync(file(), readFileSync(file(), 'utf8').replace('"kind":"stored"', '"kind":"found"'));
      const { code, out } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      expect(out).toMatch(/checkpoints\.jsonl: line 2 is not what the key [0-9a-f]{16} signed/);
    });

    it.each([
      { left: 'both keys', gone: [] },
      { left: 'the public key', gone: ['checkpoints.key.pem'] },
      { left: 'the private key', gone: ['checkpoints.pub.pem'] },
    ])('a file that is gone is told where $left stayed', async ({ gone }) => {
      for (const name of ['checkpoints.jsonl', ...gone]) rmSync(path.join(directory, name));
      const { code, out } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      expect(out).toContain(`${file()}: the file is gone, though the key or a later file beside it is there`);
      expect(out).toContain('where no worker has run yet since checkpoints were switched on');
      expect(out).toContain('the record does not hold: 1 place;');
    });

    it.each([
      { how: 'was emptied', text: '', gone: [] },
      { how: 'holds half a line', text: '{"at":"2026-', gone: [] },
      { how: 'was emptied beside the public key', text: '', gone: ['checkpoints.key.pem'] },
      {
        how: 'was emptied where both keys are gone',
        text: '',
        gone: ['checkpoints.key.pem', 'checkpoints.pub.pem'],
      },
    ])('a file that $how is told', async ({ text, gone }) => {
      writeFileSync(file(), text);
      for (const name of gone) rmSync(path.join(directory, name));
      const { code, out } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      expect(out).toContain(`${file()}: holds no whole line, and a worker writes one as it first begins`);
      expect(out).toContain('the record does not hold: 1 place;');
    });

    it('a file that is gone is told where one is there that was begun beside it', async () => {
      cpSync(file(), path.join(directory, 'checkpoints-2.jsonl'));
      rmSync(file());
      const { code, out } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      expect(out).toContain(`${file()}: the file is gone`);
    });

    it('a public key that is kept elsewhere is believed, not the one beside them', async () => {
      const mine = path.join(directory, 'mine.pem');
      cpSync(path.join(directory, 'checkpoints.pub.pem'), mine);
      rmSync(path.join(directory, 'checkpoints.key.pem'));
      rmSync(path.join(directory, 'checkpoints.pub.pem'));
      rmSync(file());
      await (
        await openWorkerStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }), () => undefined)
      ).close();
      expect((await audit(['verify', '--offline'])).code).toBe(0);
      const { code, out } = await audit(['verify', '--offline', '--public-key', mine]);
      expect(code).toBe(1);
      expect(out).toMatch(/line 1 is signed with the key [0-9a-f]{16}, whose public key is not there/);
    });

    it('files from elsewhere are named; without them it says so', async () => {
      const elsewhere = path.join(directory, 'elsewhere');
      cpSync(template, elsewhere, { recursive: true });
      rmSync(file());
      const named = ['--checkpoints', path.join(elsewhere, 'checkpoints.jsonl')];
      expect((await audit(['verify', '--offline', ...named, '--json'])).json()).toMatchObject({
        holds: true,
        checkpoints: { files: 1, lines: 3, complete: false, settled: false },
      });
      expect((await audit(['verify', '--offline', ...named, '--complete', '--json'])).json()).toMatchObject({
        checkpoints: { complete: true, settled: true },
      });
      expect(await audit(['verify', '--checkpoints', path.join(directory, 'no.jsonl')])).toMatchObject({
        code: 2,
        err: expect.stringContaining('--checkpoints: there are none at'),
      });
    });

    it.each([
      { left: 'nothing', text: '' },
      { left: 'half a line', text: '{"at":"2026-' },
    ])('a file that is there and holds $left was emptied', async ({ text }) => {
      writeFileSync(file(), text);
      const { code, out } = await audit(['verify', '--offline']);
      expect(code).toBe(1);
      expect(out).toContain(
        `${file()}: holds no whole line, and a worker writes one as it first begins: put it back`,
      );
      expect(out).toContain('the record does not hold: 1 place;');
    });

    it('half a line at the end is what a killed worker leaves, and no fault', async () => {
      appendFileSync(file(), '{"at":');
      expect((await audit(['verify', '--offline'])).code).toBe(0);
    });
  });

  it('a workflow that nobody knows is not found; one id and all of it is a mistake', async () => {
    expect(await audit(['verify', 'nobody', '--offline'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('NOT_FOUND'),
    });
    expect((await audit(['verify', 'order-0', '--all'])).code).toBe(2);
  });

  it('a store that is not there is not made', async () => {
    const data = path.join(directory, 'nowhere');
    const { code, err } = await audit(['verify', '--offline'], { COUNTERSIGN_DATA: data });
    expect(code).toBe(1);
    expect(err).toContain('there is no audit store at');
    expect(existsSync(data)).toBe(false);
  });
});

describe('the files that workers went by', () => {
  const load = async (text: string) => {
    const config = readConfig({ HOME: directory, COUNTERSIGN_DATA: directory });
    const worker = await openWorkerStore(config, () => undefined);
    await worker.configured({ kind: 'rules', text, at: '2026-03-02T09:00:00.000Z' });
    await worker.close();
    return sha256Hex(text);
  };
  const off = ['DROP TRIGGER configurations_no_update', 'DROP TRIGGER configurations_no_delete'];

  it('are there, as they were loaded', async () => {
    await load('one');
    await load('two');
    const { code, json } = await audit(['verify', '--offline', '--json']);
    expect({ code, ...json() }).toMatchObject({
      code: 0,
      holds: true,
      configurations: { count: 2, faults: [] },
    });
  });

  it.each([
    {
      how: 'changed',
      sql: "UPDATE configurations SET text = 'three'",
      says: 'was changed: its text has another hash',
    },
    {
      how: 'taken away',
      sql: 'DELETE FROM configurations',
      says: 'is missing: line 5 of checkpoints.jsonl tells that a worker went by it',
    },
    {
      how: 'called another',
      sql: "UPDATE configurations SET kind = 'directory'",
      says: 'is missing: line 5',
    },
    { how: 'away with their table', sql: 'DROP TABLE configurations', says: 'is missing: line 5' },
  ])('are told of where they were $how', async ({ sql, says }) => {
    const hash = await load('one');
    await tamper(...off, sql);
    const { code, out } = await audit(['verify', '--offline']);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`^the (?:rules|directory) ${hash.slice(0, 12)}… ${says}`, 'm'));
    expect(out).toContain('the record does not hold: 1 place;');
  });
});

describe('what people have signed', () => {
  const record = async (...chains: AuditRecord[][]) => {
    rmSync(directory, { recursive: true });
    const store = await openStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }));
    for (const rows of chains) await store.append(rows);
    await store.close();
    const file = path.join(directory, 'reviewers.json');
    writeFileSync(file, JSON.stringify(DIRECTORY, null, 2));
    return ['verify', '--offline', '--directory', file];
  };

  it('is proven and counted, with the directory from outside of the record', async () => {
    const verify = await record(...honestOnes());
    const { code, out } = await audit(verify);
    expect(code).toBe(0);
    expect(out).toContain(
      "approvals: 4 by people's own signatures, 0 vouched for, 0 by names that were believed, 1 by the rules' own consent; signed for prod\n" +
        'decisions: 5 signed, 0 vouched for, 0 believed\n' +
        "effects: 4 with a receipt, 1 by another worker's word alone, which whoever may complete an activity can give\n",
    );
    expect((await audit([...verify, '--json'])).json()).toMatchObject({
      holds: true,
      proven: { deployment: 'prod', workerKeys: 'listed', approvals: { signed: 4, consent: 1 }, late: 0 },
    });
    expect((await audit([...verify, '--deployment', 'test'])).code).toBe(1);
  });

  it('is refused where they have not, chain by chain', async () => {
    const [forged] = FORGERIES[0]!.chains();
    const verify = await record(...honestOnes(), forged!);
    expect((await audit(['verify', '--offline'])).code).toBe(0);
    const { code, out } = await audit(verify);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^forged \(first run run of forged\): entry 3: the decision ana-1 in the name of ana is not proven: /m,
    );
    expect(out).toMatch(/^forged .*: entry 4: approved in the name of ana, of whom no decision/m);
    expect(out).not.toMatch(/^[a-e]-/m);
  });

  it('a passkey whose counter did not grow is remarked, and the record holds', async () => {
    const passkey = testPasskey(-7);
    const people = [{ name: 'ana', keys: [passkey.entry] }];
    const touched = (id: string, minute: number, signCount: number) => {
      const gate = gateOf({ root: rootOf(id), directory: { deployment: 'prod', people } });
      const decision = gate.said('ana');
      const life = { issued: at(minute), expires: at(minute + 9) };
      const text = signedText('decision', { ...gate.where, decision, signer: passkey.entry.id, ...life });
      const signature = { key: passkey.entry.id, ...life, ...assertionOf(passkey, text, { signCount }) };
      const decided = gate.decided({ ...decision, signature }, 'signed');
      return told(gate.chain, PROPOSED, gate.opened(), decided, gate.approved(['ana']));
    };
    const verify = await record(touched('a', 1, 7), touched('b', 2, 7));
    writeFileSync(verify.at(-1)!, JSON.stringify({ deployment: 'prod', people }));
    const { code, out } = await audit(verify);
    expect(out).toContain(
      `remark: b (first run run of b): entry 3: the passkey ${passkey.entry.id} of ana counts 7 after 7: a counter that does not grow`,
    );
    expect(code).toBe(0);
    const remarks = [expect.objectContaining({ workflowId: 'b', seq: 3 })];
    expect((await audit([...verify, '--json'])).json()).toMatchObject({ holds: true, proven: { remarks } });
  });

  it('is verified with a version of the directory that the record has kept, where the one given lists its keys', async () => {
    const verify = await record(...honestOnes());
    const later = { ...DIRECTORY, people: [...DIRECTORY.people, { name: 'new' }] };
    writeFileSync(verify.at(-1)!, JSON.stringify(later));
    expect((await audit(verify)).out).toContain('by a directory that none of those given is a version of');
    const store = await openStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }));
    await store.configured({ kind: 'directory', text: canonical(DIRECTORY), at: '2026-03-02T08:00:00.000Z' });
    await store.close();
    expect((await audit(verify)).code).toBe(0);
    writeFileSync(verify.at(-1)!, JSON.stringify({ ...later, people: later.people.slice(1) }));
    expect((await audit(verify)).code).toBe(1);
  });

  it('names that were believed before an instant are', async () => {
    const gate = gateOf({ root: rootOf('before'), policy: { authentication: 'open' }, directory: null });
    const rows = told(
      gate.chain,
      PROPOSED,
      gate.opened(),
      gate.decided(gate.said('ana'), 'open'),
      gate.approved(['ana']),
    );
    const verify = await record(rows);
    expect((await audit(verify)).code).toBe(1);
    expect((await audit([...verify, '--believed-until', '2026-03-03'])).code).toBe(0);
  });

  it('takes the whole record, and a directory that can be read', async () => {
    const verify = await record(...honestOnes());
    for (const more of [['a-two'], ['--from', '2026-03-01'], ['--to', '2027-03-01']])
      expect(await audit(['verify', ...more, ...verify.slice(1)])).toMatchObject({
        code: 2,
        err: expect.stringContaining('--directory needs the whole record'),
      });
    writeFileSync(verify.at(-1)!, 'people: 7');
    expect(await audit(verify)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--directory: .*people/s),
    });
    expect((await audit(['verify', '--offline', '--directory', path.join(directory, 'no.yaml')])).code).toBe(
      2,
    );
  });

  it('the directory as the record names it, from YAML', async () => {
    const file = path.join(directory, 'reviewers.yaml');
    writeFileSync(file, 'people: # who\n  - {name: bo, keys: []}\n  - name: ana\n');
    expect(await audit(['directory', file])).toMatchObject({
      code: 0,
      out: '{"people":[{"keys":[],"name":"bo"},{"name":"ana"}]}',
    });
    expect((await audit(['directory', path.join(directory, 'no.yaml')])).code).toBe(2);
  });

  it('the files that workers went by are exported beside the record', async () => {
    await record(...honestOnes());
    const store = await openStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }));
    const loaded = { kind: 'directory' as const, text: canonical(DIRECTORY), at: '2026-03-02T08:00:00.000Z' };
    await store.configured(loaded);
    await store.close();
    const file = path.join(directory, 'loaded.jsonl');
    expect((await audit(['export', '--configurations', file])).code).toBe(0);
    expect(
      readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([{ ...loaded, hash: sha256Hex(loaded.text) }]);
  });
});

describe('a store with a poisoned chain of each kind', () => {
  const END: Fact = { type: 'closed', outcome: 'executed' };
  const AT = '2026-03-02T12:00:00.000Z';
  /** Well-formed by itself. */
  function chainOf(workflowId: string, firstRunId: string, ...facts: object[]): AuditRecord[] {
    const root = { workflowId, firstRunId };
    const chain = facts.reduce<Chain>((on, fact) => append(on, fact as Fact, AT), openChain(root, SEED));
    return chain.pending.map((entry) => ({ ...root, ...entry }));
  }
  const sql = (value: string | number | null | undefined) =>
    typeof value === 'number' ? String(value) : value == null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
  const written = (rows: readonly AuditRecord[], change: Record<string, string> = {}) =>
    rows.map(({ workflowId, firstRunId, seq, hash, prev, meta, commit, text }) => {
      const columns = {
        workflow_id: workflowId,
        first_run_id: firstRunId,
        seq,
        hash,
        prev,
        meta: metaText(meta),
        commit,
        text,
      };
      const values = Object.entries(columns).map(([name, value]) => change[name] ?? sql(value));
      return `INSERT INTO audit_entries VALUES (${values.join(', ')})`;
    });
  const three = (workflowId: string) => chainOf(workflowId, 'run', END, END, END);
  const saying = (workflowId: string, text: string) => {
    const [row] = three(workflowId);
    return written([retold(row!, row!, text)]);
  };
  const child = { workflowId: 'order-0', firstRunId: 'run-0' };

  /** With what is said of it; undefined: it is a chain like any other, and Temporal alone could tell. */
  const POISONED: readonly (readonly [id: string, rows: string[], says: string])[] = [
    [
      'odd-run-id',
      written(chainOf('odd-run-id', "no run'; --", END)),
      'cannot be compared with Temporal: Invalid RunId.',
    ],
    [
      'x'.repeat(2_000),
      written(chainOf('x'.repeat(2_000), 'run', END)),
      'cannot be compared with Temporal: WorkflowId length exceeds limit.',
    ],
    [
      'elsewhere',
      written(three('order-1').map((row) => ({ ...row, workflowId: 'elsewhere' }))),
      'entry 1 does not belong there: its text tells another place than it has',
    ],
    [
      'wrong-hash',
      written(three('wrong-hash').map((row, nth) => (nth === 1 ? { ...row, hash: 'f'.repeat(64) } : row))),
      'entry 2 was changed: its hash is not that of what it holds',
    ],
    ['gap', written(three('gap').filter(({ seq }) => seq !== 2)), 'entry 2 is missing: entry 3 is there'],
    [
      'no-json',
      saying('no-json', 'nothing'),
      'entry 1 does not belong there: its text tells another place than it has',
    ],
    ['a-number', saying('a-number', '7'), 'entry 1 does not belong there'],
    ['null', saying('null', 'null'), 'entry 1 does not belong there'],
    ['a-list', saying('a-list', '[[]]'), 'entry 1 does not belong there'],
    ['deep', saying('deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`), 'entry 1 does not belong there'],
    [
      'deep-within',
      written([rewrittenDeep(three('deep-within')[0]!)]),
      'entry 1 does not belong there: its text tells another place than it has',
    ],
    [
      'types',
      written(
        chainOf(
          'types',
          'run',
          { type: 'decided', decision: [] },
          { type: 'opened', digest: 4, policy: 'x' },
          { type: 'approved', signers: { a: 1 } },
          { type: 'proposed', proposal: 7 },
          { type: 'level-opened', child: null },
          { type: 'level-ended', child: 9, audit: null },
          { type: 'found-ended', of: null },
        ),
      ),
      'cannot be compared with Temporal: no such thing',
    ],
    [
      'liar',
      written(
        chainOf(
          'liar',
          'run',
          { type: 'level-opened', child },
          { type: 'level-ended', child: 'order-0', audit: { entries: -1, head: 'x' } },
        ),
      ),
      'cannot be compared with Temporal: no such thing',
    ],
    [
      'accuser',
      written(
        chainOf(
          'accuser',
          'run',
          { type: 'level-opened', child },
          { type: 'level-ended', child: 'order-0', audit: { entries: 99, head: 'x' } },
        ),
      ),
      'cannot be compared with Temporal: no such thing',
    ],
    [
      'no-meta',
      written(three('no-meta').slice(0, 1), { meta: "'nothing'" }),
      'entry 1 was changed: its meta holds no text of its kind',
    ],
    [
      'blobs',
      written(three('blobs').slice(0, 1), { text: "x'ff'", hash: "x'00'", prev: '7' }),
      'entry 1 was changed: its hash, text holds no text of its kind',
    ],
    ['numbers', written(three('numbers').slice(0, 1), { seq: "'one'" }), 'entry 0 has no number of an entry'],
    [
      'far',
      written(three('far').slice(0, 1), { seq: '9223372036854775807' }),
      'entry 9223372036854776000 has no number of an entry',
    ],
  ];

  function rewrittenDeep(row: AuditRecord): AuditRecord {
    const text = row.text!.replace('"executed"', `${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    return retold(row, row, text);
  }

  const ends: Ends = (workflowId, firstRunId) => {
    if (firstRunId.includes('no run')) throw new Error('Invalid RunId.');
    if (workflowId.length > 1_000) throw new Error('WorkflowId length exceeds limit.');
    if (['types', 'liar', 'accuser'].includes(workflowId)) throw new Error('no such thing');
    return honest(workflowId, firstRunId);
  };

  it('is verified to its end: each is named, and the rest is verified', async () => {
    // One of the rest is changed, so that it shows that they are looked at.
    await tamper(
      ...POISONED.flatMap(([, rows]) => rows),
      `DELETE FROM audit_entries WHERE workflow_id = 'order-7' AND seq = 1`,
    );
    const { code, out } = await audit(['verify'], {}, ends);
    expect(code).toBe(1);
    for (const [id, , says] of POISONED) {
      const lines = out.split('\n').filter((line) => line.startsWith(id));
      expect({ id, said: lines.some((line) => line.includes(says)) }).toEqual({ id, said: true });
    }
    expect(out).toContain('order-7 (first run run-7): entry 1 is missing: entry 2 is there');
    const named = new Set(out.split('\n').flatMap((line) => /^(\S+) \(first run/.exec(line)?.[1] ?? []));
    expect([...named].filter((id) => id.startsWith('order-'))).toEqual(['order-0', 'order-7']);
    expect(out).toMatch(/^order-0 .*: entries \d+ to 99 are missing: entry 2 of accuser tells of entry 99$/m);
    const chains = new Set(ROWS.map(({ workflowId, firstRunId }) => `${workflowId} ${firstRunId}`)).size;
    expect(out).toContain(`${String(chains + POISONED.length)} chains, `);
    const json = await audit(['verify', '--json'], {}, ends);
    expect(json.json()).toMatchObject({ holds: false, chains: chains + POISONED.length });
    expect(
      (json.json()['uncompared'] as unknown as { workflowId: string }[])
        .map(({ workflowId }) => workflowId)
        .sort(),
    ).toEqual(['accuser', 'liar', 'odd-run-id', 'types', 'x'.repeat(2_000)].sort());
  }, 60_000);

  it('is reported on, exported and shown to its end', async () => {
    await tamper(...POISONED.flatMap(([, rows]) => rows));
    const exported = await audit(['export']);
    expect(exported.code).toBe(0);
    const html = path.join(directory, 'report.html');
    expect(await audit(['report', '--out', html])).toMatchObject({ code: 1 });
    for (const [id] of POISONED) {
      expect((await audit(['show', id])).out).toMatch(/^ {2}[01] {2}|^\d+ {2}/);
      if (id.length < 100) expect(readFileSync(html, 'utf8')).toContain(id);
    }
  }, 60_000);

  it('teaches nobody, and stops nobody who learns from the rest', async () => {
    await tamper(...POISONED.flatMap(([, rows]) => rows));
    const store = await openStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }), {
      create: false,
    });
    const lessons = openLessons();
    for await (const chain of store.chains()) lessons.read(chain);
    await store.close();
    expect(lessons.versions()).toEqual([]);
  });

  it('what could not be compared is no record that holds, though nothing is wrong with it', async () => {
    const away: Ends = () => {
      throw new Error('no answer');
    };
    const { code, out } = await audit(['verify'], {}, away);
    expect(code).toBe(1);
    const chains = new Set(ROWS.map(({ workflowId, firstRunId }) => `${workflowId} ${firstRunId}`)).size;
    expect(out).toContain(`the record holds by itself; ${String(chains)} chains cannot be compared; `);
  });
});

describe('export', () => {
  const rows = [...ROWS].sort(byPlace);
  const row = ({ workflowId, firstRunId, seq, hash, prev, meta, commit, text }: AuditRecord) => ({
    workflow_id: workflowId,
    first_run_id: firstRunId,
    ...{ seq, hash, prev, meta, commit, text },
  });

  it('JSON lines: every row as it is, chain after chain', async () => {
    const { code, out, err } = await audit(['export']);
    expect(code).toBe(0);
    const exported = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(exported).toEqual(expect.arrayContaining(rows.map(row)));
    expect(exported).toHaveLength(rows.length);
    expect(err).toMatch(/^\d+ entries in \d+ chains\n$/);
  });

  it('to a file, of one workflow, in a range', async () => {
    const file = path.join(directory, 'out.jsonl');
    const { out } = await audit(['export', 'order-1', '--out', file]);
    expect(out).toBe('');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(ROWS.filter(({ workflowId }) => workflowId === 'order-1').length);
    expect((await audit(['export', '--to', '2026-03-02T09:30:00Z'])).out).not.toContain('"order-1"');
  });

  it('CSV: a header, quotes as RFC 4180 has them', async () => {
    const { out } = await audit(['export', 'order-0', '--format', 'csv']);
    const [head, first = ''] = out.split('\r\n');
    expect(head).toBe('workflow_id,first_run_id,seq,hash,prev,meta,commit,text');
    const [entry] = ROWS.filter(({ workflowId, seq }) => workflowId === 'order-0' && seq === 1);
    const { workflowId, firstRunId, hash, prev, meta, commit, text = '' } = entry!;
    expect(first).toBe(
      [workflowId, firstRunId, '1', hash, prev, metaText(meta), commit, text]
        .map((cell) => `"${cell.replaceAll('"', '""')}"`)
        .join(','),
    );
  });

  it('CSV: what a spreadsheet would compute is text to it; JSON lines are exact', async () => {
    const store = await openStore(readConfig({ HOME: directory, COUNTERSIGN_DATA: directory }));
    const ids = ['=HYPERLINK("x")', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', "'", 'a=1'];
    const [row] = ROWS;
    for (const workflowId of ids) await store.append([rewritten({ ...row!, workflowId }, { workflowId })]);
    await store.close();
    const { out } = await audit(['export', '--format', 'csv']);
    const cells = ids.map((id) => `"${id.replaceAll('"', '""')}","${row!.firstRunId}"`);
    for (const [nth, cell] of cells.entries())
      expect(out).toContain(`\n${nth < 6 ? cell.replace('"', `"'`) : cell},`);
    const { out: lines } = await audit(['export']);
    for (const workflowId of ids) expect(lines).toContain(`{"workflow_id":${JSON.stringify(workflowId)},`);
  });

  it('what there is not is not found', async () => {
    expect((await audit(['export', 'nobody'])).code).toBe(1);
    expect((await audit(['export', '--format', 'xml'])).code).toBe(2);
  });
});
