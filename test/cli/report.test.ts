/** `countersign audit report`, in this process: the page it writes, the figures it prints, and hostile words on the page. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Deps } from '../../src/cli/command';
import { run } from '../../src/cli/main';
import { reportOn } from '../../src/cli/report/command';
import { readConfig } from '../../src/config';
import type { Fact } from '../../src/domain/audit';
import type { Row } from '../../src/domain/chain';
import type { AuditStore } from '../../src/store/audit-store';
import { kept } from '../support/cli-program';
import { HOSTILE, raw } from '../support/hostile';
import * as record from '../support/report-record';

const { approved, chainOf, closed, executed, opened, passedUp, proposed, refused, revised, said, touched } =
  record;
const folder = mkdtempSync(path.join(tmpdir(), 'countersign-report-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function report(
  chains: readonly (readonly Row[])[],
  argv: string[] = [],
  env: Record<string, string> = {},
): Promise<{ exit: number; out: string; err: string; page: string }> {
  const streams = kept();
  let exit = 0;
  let open = 1;
  const config = readConfig({ HOME: '/home/ana', ...env });
  const store = {
    async *chains() {
      for (const rows of chains) yield [...rows];
    },
    close: async () => void (open -= 1),
  } as unknown as AuditStore;
  const deps: Deps = {
    streams,
    defaults: config,
    config,
    open: () => Promise.reject(new Error('a report needs no server')),
    store: async () => store,
    ended: (code) => void (exit = code),
  };
  const page = path.join(folder, 'report.html');
  rmSync(page, { force: true });
  const out = argv.includes('--json') ? [] : ['--out', page];
  const failed = await run(reportOn(deps), [...argv, ...out], streams);
  expect(open).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith('.audit-report-'))).toEqual([]);
  return { exit: failed ?? exit, ...streams.said, page: existsSync(page) ? readFileSync(page, 'utf8') : '' };
}

/** What somebody reads who sees the page without its styles. */
function plain(page: string): string {
  return page
    .replace(/<style>[^<]*<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');
}

const EXECUTED = chainOf(
  'refund-1042',
  [0, proposed()],
  [0, opened()],
  [4, said('ana', 'approve', { comment: 'fine' })],
  [4, refused('STALE_REVISION')],
  [4, approved(['ana'])],
  [5, executed],
  [5, closed('executed')],
);

describe('the page', () => {
  it('says at its top what holds, whether names are proven, and the figures', async () => {
    const { exit, out, err, page } = await report([EXECUTED]);
    expect({ exit, out, err }).toEqual({ exit: 0, out: `${path.join(folder, 'report.html')}\n`, err: '' });
    const text = plain(page);
    expect(text).toContain('Yes: every chain holds. 1 chain, 7 entries');
    expect(text).toContain('All names are believed. Decisions were taken in open mode');
    expect(text).toMatch(/By person .* ana 1 4 min 1 0 0 0 0 0 0 0 By action .* refund 1 4 min 1 0/);
    expect(text).toMatch(/Refused Code How often STALE_REVISION 1/);
    expect(text).toContain('not compared with what Temporal knows in this time: countersign reconcile');
    const compared = chainOf('r', [0, { type: 'reconciled', since: 's', until: 'u', checked: 3 }]);
    expect(plain((await report([compared])).page)).toMatch(/Compared with Temporal .* comparisons 1/);
  });

  it('tells of a gate who asked, decided, when, after how long, at which level, on what, what ran and how it ended', async () => {
    const { page } = await report([EXECUTED]);
    const text = plain(page);
    const [one, key] = [record.DIGESTS[0]!.slice(0, 12), 'e'.repeat(12)];
    expect(text).toContain(
      `Refund order 1042 refund , refund-1042 svc-orders 2026-03-02 09:00:00 ana : approve believed 4 min HUMAN CONFIRM 1 ${one} ${key} executed`,
    );
    expect(text).toContain(
      `ana believed approve 2026-03-02 09:04:00 4 min HUMAN CONFIRM 1 ${one} fine All of it, in order`,
    );
    expect(text).toContain('Refused, STALE_REVISION : no ( approve in the name of mallory )');
    expect(text).toContain('{ "order": 1042 }');
    expect(text).toContain('holds: 7 entries');
  });

  it('an edit, a level of its own, and proven names', async () => {
    const [owner, level] = passedUp('a', 'MANAGER', [
      [15, said('mo', 'edit', { signed: true, args: { order: 7 }, phrase: 'REFUND 7' })],
      [15, revised('mo')],
      [15, closed('approved')],
    ]);
    const text = plain((await report([owner, level])).page);
    expect(text).toContain('All names are proven. Each decision was signed');
    expect(text).toContain('level MANAGER of a');
    expect(text).toContain('mo proven edit 2026-03-02 09:15:00 5 min MANAGER VERIFY 1');
    expect(text).toContain('{ "args": { "order": 7 }, "phrase": "REFUND 7" }');
    expect(text).toContain('revision 2 by mo');
    expect(text).toContain('Passed up from HUMAN to MANAGER : nobody answered');
  });

  it('some names are proven, others believed', async () => {
    const both = chainOf(
      'a',
      [0, proposed()],
      [0, opened()],
      [1, said('ana', 'approve', { signed: true })],
      [2, said('bo', 'approve')],
    );
    expect(plain((await report([both])).page)).toContain('1 of 2 names are proven by a signature');
  });

  it('a passkey whose counter did not grow is told beside the names', async () => {
    const signed = (name: string, minute: number, count: number) => {
      const signature = touched(count, `2026-03-02T09:0${String(minute)}:00.000Z`) as never;
      const decided = said('ana', 'approve', { signed: true, signature });
      return chainOf(name, [0, proposed()], [0, opened()], [minute, decided]);
    };
    const { page, exit } = await report([signed('a', 1, 8), signed('b', 2, 8)]);
    expect(exit).toBe(0);
    expect(plain(page)).toContain('A passkey whose counter did not grow may have been copied');
    expect(plain(page)).toContain('ana phone 8 after 8 b 2026-03-02 09:02:00');
    expect(plain((await report([signed('a', 1, 8), signed('b', 2, 9)])).page)).not.toContain('did not grow');
  });

  it('a chain that does not hold: said at the top, with its place, and where it is told; exit code 1', async () => {
    const forged = EXECUTED.map((row) =>
      row.seq === 3 ? { ...row, text: row.text?.replaceAll('ana', 'eve') } : row,
    );
    const other = chainOf('other', [0, proposed()], [0, opened()]);
    const { exit, err, page } = await report([forged, other], ['--action', 'sql']);
    expect(exit).toBe(1);
    expect(err).toContain('AUDIT_BROKEN: the record does not hold in 1 of its chains');
    const text = plain(page);
    expect(text).toContain('No: 1 chain does not hold , in 1 place. 2 chains, 9 entries');
    expect(text).toContain('refund-1042 refund-1042 run 3 entry 3 was changed: its text has another hash');
    expect(text).toContain('This chain does not hold. It is told as it stands in the store');
    expect(text).toContain('eve believed approve');
    expect(text).not.toContain('other run');
  });

  it('what is asked for: a span, actions', async () => {
    const argv = [
      '--from',
      '2026-03-02T09:05:00Z',
      '--to',
      '2026-03-03',
      '--action',
      'refund',
      '--action',
      'sql',
    ];
    const text = plain((await report([EXECUTED], argv)).page);
    expect(text).toContain('From 2026-03-02 09:05:00 Until before 2026-03-03 00:00:00 Actions refund sql');
    expect(text).toContain('executed 1');
    expect(text).toContain('Nobody has decided anything.');
    expect(plain((await report([EXECUTED], ['--from', '2027-01-01'])).page)).toContain(
      'Nothing is on record for this time and these actions.',
    );
  });

  it('says which store, without its password', async () => {
    const env = { COUNTERSIGN_STORE: 'postgres://audit:s3cret@db.example:5433/audit' };
    const text = plain((await report([EXECUTED], [], env)).page);
    expect(text).toContain('PostgreSQL at db.example:5433/audit');
    expect(text).not.toContain('s3cret');
    expect(plain((await report([EXECUTED])).page)).toContain('Read from the embedded store');
  });

  it('is its maker’s alone to read, and takes the place of what was there', async () => {
    writeFileSync(path.join(folder, 'report.html'), 'before');
    await report([EXECUTED]);
    expect(statSync(path.join(folder, 'report.html')).mode & 0o777).toBe(0o600);
  });

  it('needs nothing else, and could not run anything: no script, no address, a policy that forbids both', async () => {
    const { page } = await report([EXECUTED]);
    expect(page).toMatch(/default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='/);
    expect(page).not.toMatch(/<script|javascript:|https?:|@import|url\(|<link|<img|<iframe| on[a-z]+=/i);
    expect(page).not.toContain('undefined');
  });

  it('every element that is begun is ended, in order', async () => {
    const chains = [EXECUTED, chainOf('plan', [0, closed('executed')]), ...passedUp('up', 'MANAGER', [])];
    for (const all of [chains, [], [EXECUTED.slice(1)]]) {
      const { page } = await report(all);
      const begun: string[] = [];
      for (const [, slash, name = ''] of page.matchAll(/<(\/?)([a-z]+[1-3]?)[^>]*>/g))
        if (slash === '/') expect(begun.pop()).toBe(name);
        else if (name !== 'meta' && name !== 'br') begun.push(name);
      expect(begun).toEqual([]);
    }
  });

  it('a long text is cut, and says how much is left and where it is', async () => {
    const args = { text: 'x'.repeat(10_000) };
    const long = chainOf('a', [0, proposed({ args, title: 't'.repeat(900) })], [0, opened()]);
    const text = plain((await report([long])).page);
    expect(text).toContain('t'.repeat(900));
    expect(text).toMatch(/x … 60\d\d more characters, which countersign audit show has/);
  });
});

describe('hostile words', () => {
  const MARKUP = [
    '<script>document.title = "pwned"</script>',
    '</pre></td></table></main><h1>Approved</h1>',
    '" onmouseover="alert(1)',
    "' style='display:none",
    '<img src=x onerror=alert(1)>',
    '<!-- ',
    '</style><style>*{display:none}',
    '&lt;b&gt; &amp; &#60;',
  ];

  /** They are wherever somebody else's words are. */
  function everywhere(text: string): Row[] {
    const facts: Fact[] = [
      {
        type: 'proposed',
        by: text,
        requester: text,
        task: text,
        proposal: {
          action: text,
          args: { [text]: text },
          title: text,
          rationale: text,
          evidence: [{ label: text, value: text, href: text }],
          confidence: 1,
          sensitive: true,
        },
        generation: { model: text, calls: 1, milliseconds: 1, repairs: [text] },
      },
      { ...opened(), level: text, deadline: text, rule: text } as Fact,
      said(text, text as 'approve', { comment: text, answer: { [text]: text }, to: text, until: text }),
      { ...said('ana', 'edit', { id: text, args: { [text]: text } }), via: text } as Fact,
      { ...revised(text), digest: text, deadline: text } as Fact,
      { ...refused('STALE_REVISION', text), code: text, message: text, verdict: text } as Fact,
      { type: 'repeated', gate: text, id: text, via: 'signal' },
      { type: 'unknown-signal', gate: text, name: text },
      { type: 'escalated', gate: text, revision: 1, from: text, to: text, reason: text },
      { type: 'level-opened', gate: text, level: text, child: { workflowId: text, firstRunId: text } },
      { type: 'level-ended', gate: text, level: text, child: text, outcome: text, reason: text },
      { type: 'planned', requester: text, onReject: text, steps: [text], plan: text },
      { type: 'step-opened', step: text, child: { workflowId: text, firstRunId: text } },
      { type: 'step-ended', step: text, child: text, outcome: text, reason: text },
      { type: 'extended', gate: text, level: text, deadline: text },
      { type: 'reminded', gate: text, level: text, nth: text as never },
      { type: 'warned', gate: text, level: text, deadline: text },
      { type: 'notified', gate: text, kind: text, to: [text], id: text },
      { type: 'not-notified', gate: text, kind: text, id: text, message: text },
      {
        type: 'found-ended',
        of: { workflowId: text, firstRunId: text },
        runId: text,
        status: text,
        closedAt: text,
        reason: text,
      },
      { type: 'fork-explained', of: { workflowId: text, firstRunId: text }, at: [1], by: text },
      { type: 'mismatch', of: { workflowId: text, firstRunId: text }, problem: text },
      { type: 'proposal-failed', by: text, requester: text, task: text, code: text, message: text },
      { ...approved([text]), digest: text, key: text, basis: text, level: text } as Fact,
      {
        type: 'executed',
        gate: text,
        key: text,
        result: text,
        receipt: 'none',
        by: { taskQueue: text, activity: text },
      },
      { type: 'completed-by-hand', gate: text, key: text, result: text },
      { type: 'histories-gone', gate: text, runs: [text] },
      { type: text, [text]: text } as never,
      { type: 'closed', outcome: text, reason: text },
    ];
    return chainOf(text, ...facts.map((fact) => [1, fact] as const));
  }
  const half = (text: string) => !Buffer.from(text, 'utf8').toString('utf8').includes('\ufffd');
  const texts = [...HOSTILE, ...MARKUP].filter(half);

  /** Tags with their attributes, as we write them. */
  const OURS =
    /^(?:<!doctype html>|<\/?[a-z]+[1-3]?(?: (?:lang|charset|http-equiv|content|name|id|class|href|scope|role|tabindex|dir|title|datetime|aria-label|aria-labelledby)="[^"<>]*")*>)$/;
  const tags = (page: string) => page.match(/<[^>]*>?/g) ?? [];
  const names = (page: string) => tags(page).map((tag) => tag.replace(/ .*/s, '>'));
  const articles = (page: string) => page.split('<article').slice(1, -1).map(names);

  it('reach the page as text: no markup of theirs, no character that is not seen', async () => {
    const innocent = (await report([everywhere('word'), everywhere('last')])).page;
    expect(texts.length).toBeGreaterThan(290);
    const { page, exit } = await report([...texts, 'last'].map(everywhere));
    expect({ exit, raw: raw(page) }).toEqual({ exit: 0, raw: [] });
    expect(tags(page).filter((tag) => !OURS.test(tag))).toEqual([]);
    const told = articles(page);
    expect(told).toHaveLength(texts.length);
    for (const [index, shape] of told.entries())
      expect({ text: texts[index], shape }).toEqual({ text: texts[index], shape: articles(innocent)[0] });
    expect(names(page.split('<article')[0] ?? '').filter((name) => name === '<h2>')).toHaveLength(5);
  });

  it('a forged chain of them, as well', async () => {
    const forged = texts.map((text) =>
      everywhere(text).map((row) => ({ ...row, text: `${row.text ?? ''} ` })),
    );
    const { page, exit } = await report(forged);
    expect({ exit, raw: raw(page) }).toEqual({ exit: 1, raw: [] });
    expect(tags(page).filter((tag) => !OURS.test(tag))).toEqual([]);
  });

  it('and the terminal, as figures', async () => {
    const { out } = await report(texts.map(everywhere), ['--json']);
    expect(out).toMatch(/^[\x20-\x7e]+\n$/);
    expect(JSON.parse(out)).toMatchObject({ holds: true, chains: texts.length });
  });
});

describe('--json', () => {
  it('prints the figures, and writes no page', async () => {
    const argv = ['--json', '--from', '2026-01-01', '--action', 'refund'];
    const { exit, out, page } = await report([EXECUTED], argv);
    expect({ exit, page }).toEqual({ exit: 0, page: '' });
    expect(JSON.parse(out)).toMatchObject({
      from: '2026-01-01T00:00:00.000Z',
      actions: ['refund'],
      holds: true,
      chains: 1,
      entries: 7,
      figures: {
        executed: 1,
        people: [{ name: 'ana', decisions: 1, median: 240_000 }],
        refusals: [{ name: 'STALE_REVISION', count: 1 }],
      },
    });
  });

  it('with --out does both', async () => {
    const out = path.join(folder, 'both.html');
    const ran = await report([EXECUTED], ['--json', '--out', out]);
    expect(JSON.parse(ran.out)).toMatchObject({ holds: true, out });
    expect(readFileSync(out, 'utf8')).toContain('<h1>Audit report</h1>');
  });

  it('says that a chain does not hold, in one line', async () => {
    const { exit, out } = await report([EXECUTED.slice(1)], ['--json']);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ holds: false, broken: 1, faults: [{ code: 'MISSING' }] });
  });
});

it('where it cannot write it says so', async () => {
  const ran = await report([EXECUTED], ['--json', '--out', path.join(folder, 'nowhere', 'x.html')]);
  expect(ran.exit).toBe(2);
  expect(JSON.parse(ran.out)).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringMatching(/^--out: cannot write .*nowhere/) as string,
  });
});
