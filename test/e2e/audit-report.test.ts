/** A small shop's quarter in an hour's wait, and what its auditor is given: made by the CLI, read in a browser. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createClient } from '@libsql/client';
import type { Browser, Page } from 'playwright-core';
import type { Figures } from '../../src/domain/report-figures';
import { ROOT, run, startApp, temporaryDirectory, until, type App } from '../support/app';
import { launchChromium } from '../support/chromium';
import { testKey } from '../support/reviewer-keys';

const SCREENSHOT = path.join(ROOT, 'docs', 'images', 'audit-report.png');
const directory = temporaryDirectory();
const inside = (name: string) => path.join(directory.path, name);
const opened: (() => Promise<void>)[] = [];
let app: App;
let browser: Browser;
let page: Page;
/** What the browser's console said that was no good. */
const complaints: string[] = [];

/** @param keys of ana, from some time of the day on; before that names are believed */
const reviewers = (keys = '') => `people:
  - { name: ana${keys} }
  - { name: bo }
  - { name: cy }
  - { name: mo, roles: [manager] }
`;

beforeAll(async () => {
  writeFileSync(inside('reviewers.yaml'), reviewers());
  writeFileSync(inside('ana.key.pem'), testKey(7).pem, { mode: 0o600 });
  const orders = await run(process.execPath, [
    path.join(ROOT, 'examples/refunds/orders.mjs'),
    inside('refunds.db'),
  ]);
  if (orders.code !== 0) throw new Error(orders.err);
  app = await startApp({
    data: inside('data'),
    env: {
      COUNTERSIGN_ACTIONS: path.join(ROOT, 'examples/refunds/actions.ts'),
      COUNTERSIGN_REVIEWERS: inside('reviewers.yaml'),
      REFUNDS_DB: inside('refunds.db'),
    },
  });
  opened.push(() => app.stop());
  browser = await launchChromium();
  opened.push(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(request.url());
  });
});

afterAll(async () => {
  for (const close of opened.reverse()) await close();
  directory.remove();
});

const level = (name: string, people: string[], respondWithin = '1 hour') => ({
  name,
  approvers: { people },
  respondWithin,
});
const OPEN = {
  confirmation: 'CONFIRM',
  authentication: 'open',
  levels: [level('SUPPORT', ['ana', 'bo', 'cy'])],
};

const refund = (order: number, amount: number, reason: string) => ({
  action: 'refund',
  args: { order, amount, reason },
  title: `Refund EUR ${amount.toFixed(2)} for order ${String(order)}`,
  rationale: `The customer writes: ${reason}.`,
  confidence: 0.85,
  sensitive: false,
});

/** Starts it, and waits until people are asked; the digest that they read. */
async function asked(id: string, proposal: object | string, policy: object = OPEN): Promise<string> {
  const given = typeof proposal === 'string' ? { task: proposal } : { task: 'see to it', proposal };
  await app.start(id, { v: 1, requester: 'svc-orders', policy, ...given });
  return (await app.reaches(id, 'open')).digest ?? '';
}

async function decides(id: string, digest: string, reviewer: string, verdict: string, more: object = {}) {
  const decision = { v: 1, id: `${reviewer}-${verdict}`, digest, verdict, reviewer, ...more };
  const { out } = await app.update(id, decision);
  return out;
}

async function shopsDay(): Promise<void> {
  const edited = await asked('refund-1042', refund(1042, 12, 'one of four cups arrived broken'));
  expect(await decides('refund-1042', edited, 'mallory', 'approve')).toContain('UNKNOWN_REVIEWER');
  await decides('refund-1042', edited, 'bo', 'edit', {
    args: refund(1042, 9, 'one of four cups arrived broken').args,
  });

  const rejected = await asked('refund-1044', refund(1044, 5, 'the lamp is the wrong colour'));
  await decides('refund-1044', rejected, 'cy', 'reject', { comment: 'it was ordered in that colour' });

  const ladder = { ...OPEN, levels: [level('SUPPORT', ['bo', 'cy'], '2s'), level('MANAGER', ['mo'])] };
  const silent = await asked('refund-1045', refund(1045, 8, 'the parcel never came'), ladder);
  await app.reaches('refund-1045', 'waiting');
  await app.reaches('refund-1045/MANAGER', 'open');
  await decides('refund-1045/MANAGER', silent, 'mo', 'approve');

  const first = await asked('reply-1046', 'answer: your parcel is on its way');
  await decides('reply-1046', first, 'bo', 'revise', { comment: 'say when' });
  const { digest: second = '' } = await until(
    () => app.gate('reply-1046'),
    ({ status, revision }) => status === 'open' && revision === 2,
  );
  await decides('reply-1046', second, 'bo', 'respond', { answer: 'It comes on Friday.' });

  const late = { ...OPEN, onSilence: 'expire', levels: [level('SUPPORT', ['bo'], '1s')] };
  await asked('refund-1047', refund(1047, 3, 'a cup is chipped'), late);
  await app.start('refund-1048', {
    v: 1,
    requester: 'svc-orders',
    task: 'see to it',
    proposal: refund(1048, 1, 'the voucher was not counted'),
    policy: { ...OPEN, confirmation: 'INFO' },
  });
  const ids = ['1042', '1044', '1045', '1047', '1048'].map((order) => `refund-${order}`);
  for (const id of [...ids, 'reply-1046']) await app.result(id);

  await keysCount();
  const signed = { ...OPEN, authentication: 'signed', confirmation: 'VERIFY' };
  const digest = await asked('refund-1043', refund(1043, 15, 'the kettle does not heat'), signed);
  const { phrase = '' } = await app.gate('refund-1043');
  const argv = ['--digest', digest, '--reviewer', 'ana', ...KEY, '--phrase', phrase];
  expect(await app.countersign('approve', 'refund-1043', ...argv)).toMatchObject({ code: 0 });
  await app.result('refund-1043');
}

const KEY = ['--key', inside('ana.key.pem'), '--key-id', 'ana-1'];

/** Ana's key is in the directory, and the worker has read it. */
async function keysCount(): Promise<void> {
  writeFileSync(
    inside('reviewers.yaml'),
    reviewers(`, keys: [{ id: ana-1, public: "${testKey(7).public}" }]`),
  );
  const store = createClient({ url: `file:${inside('data/countersign.db')}` });
  // The worker may be writing just now.
  const loaded = async () => {
    const found = store.execute("SELECT hash FROM configurations WHERE kind = 'directory'");
    return (await found.catch(() => undefined))?.rows.length;
  };
  await until(loaded, (versions) => versions === 2).finally(() => {
    store.close();
  });
}

async function made(name: string, ...argv: string[]): Promise<string> {
  const file = inside(name);
  const ran = await app.countersign('audit', 'report', '--out', file, ...argv);
  expect(ran).toMatchObject({ code: 0, out: `${file}\n`, err: '' });
  return pathToFileURL(file).href;
}

it('tells of a day at the shop: figures, names, and what became of each gate', async () => {
  await shopsDay();
  await page.goto(await made('report.html'));
  const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ');
  expect(text).toContain('Yes: every chain holds.');
  expect(text).toContain('1 of 6 names are proven');
  expect(await page.locator('h1').allInnerTexts()).toEqual(['Audit report']);
  expect(await page.locator('h2').allInnerTexts()).toEqual([
    'Does the record hold?',
    'Are names proven?',
    'Figures',
    'Gates',
    'Each of them, as it went',
  ]);
  const line = async (title: string) =>
    (await page.getByRole('row', { name: title }).first().innerText()).replace(/\s+/g, ' ');
  expect(await line('Refund EUR 12.00 for order 1042')).toMatch(
    /refund, refund-1042 svc-orders .* bo: edit believed .* SUPPORT CONFIRM 2 [0-9a-f]{12} [0-9a-f]{12} executed/,
  );
  expect(await line('Refund EUR 15.00 for order 1043')).toMatch(/ana: approve proven .* SUPPORT VERIFY 1 /);
  expect(await line('Refund EUR 5.00 for order 1044')).toMatch(/cy: reject believed .* nothing ran rejected/);
  expect(await line('Refund EUR 3.00 for order 1047')).toMatch(
    /nobody .* SUPPORT CONFIRM .* nothing ran expired/,
  );
  expect(await line('Refund EUR 1.00 for order 1048')).toMatch(/notice .* SUPPORT INFO 1 .* executed/);
  expect(text).toContain('level MANAGER of refund-1045');
  expect(complaints).toEqual([]);
  await screenshot();
});

it('prints the same figures for programs', async () => {
  const { out } = await app.countersign('audit', 'report', '--json');
  const { figures, holds } = JSON.parse(out) as { figures: Figures; holds: boolean };
  expect(holds).toBe(true);
  expect(figures).toMatchObject({
    asked: 7,
    executed: 4,
    outcomes: [
      { name: 'executed', count: 4 },
      { name: 'answered', count: 1 },
      { name: 'expired', count: 1 },
      { name: 'rejected', count: 1 },
    ],
    all: { decisions: 6, approvals: 2, edits: 1, rejections: 1, sentBack: 1, answers: 1, signed: 1 },
    silence: { escalations: 1, expired: 1 },
  });
  expect(figures.people.map(({ name }) => name)).toEqual(['bo', 'ana', 'cy', 'mo']);
});

it('can be read by whoever has to: captions, headings, contrast, small screens, paper', async () => {
  const url = pathToFileURL(inside('report.html')).href;
  await page.goto(url);
  expect(await page.evaluate(STRUCTURE)).toEqual([]);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect({ colorScheme, low: await page.evaluate(LOW_CONTRAST) }).toEqual({ colorScheme, low: [] });
  }
  const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 390, height: 800 });
  expect(await overflow()).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
  expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe(
    'rgb(255, 255, 255)',
  );
  expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(10_000);
  await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
});

it('hostile words are the text they are, in the browser', async () => {
  const words =
    '<img src=x onerror=alert(1)></td></table><script>document.title="pwned"</script>\u202Etxt.exe';
  const hostile = { ...refund(1049, 2, words), title: words, rationale: words };
  const policy = { ...OPEN, authentication: 'signed' };
  const digest = await asked('hostile', hostile, policy);
  const argv = ['--digest', digest, '--reviewer', 'ana', ...KEY, '--comment', words];
  expect(await app.countersign('reject', 'hostile', ...argv)).toMatchObject({ code: 0 });
  await app.result('hostile');
  await page.goto(await made('hostile.html'));
  expect(await page.title()).toBe('Countersign: audit report');
  expect(await page.locator('img, script, main table table').count()).toBe(0);
  const shown = words.replace('\u202E', '‹U+202E›');
  expect(await page.locator('article h3').allInnerTexts()).toContain(shown);
  expect(readFileSync(inside('hostile.html'), 'utf8')).not.toContain('\u202E');
  expect(complaints).toEqual([]);
});

it('comes with a screenshot that a README can carry', () => {
  expect(statSync(SCREENSHOT).size).toBeLessThan(400_000);
});

/** What a reader of the page without eyes would miss. */
const STRUCTURE = `(() => {
  const wrong = [];
  if (document.documentElement.lang !== 'en') wrong.push('no language');
  for (const table of document.querySelectorAll('table')) {
    if (!table.caption?.textContent) wrong.push('a table without a caption');
    const columns = table.tHead?.rows[0]?.cells.length;
    for (const row of table.rows) if (row.cells.length !== columns) wrong.push('a ragged row: ' + row.textContent);
  }
  for (const head of document.querySelectorAll('th')) if (!head.scope) wrong.push('a heading without scope');
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3')) {
    const own = Number(heading.tagName[1]);
    if (own > level + 1) wrong.push('a level is left out before ' + heading.textContent);
    level = own;
  }
  for (const link of document.querySelectorAll('a'))
    if (!document.getElementById(link.hash.slice(1))) wrong.push('a link to nowhere: ' + link.hash);
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  return wrong;
})()`;

/** Text that is less than 4.5 : 1 against what is behind it (WCAG 1.4.3). */
const LOW_CONTRAST = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const low = new Set();
  for (const one of document.querySelectorAll('main *')) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.add(one.tagName + ' ' + ratio.toFixed(2));
  }
  return [...low];
})()`;

/** Only where asked for: the committed one stays as it is. */
async function screenshot(): Promise<void> {
  if (process.env['UPDATE_SCREENSHOT'] !== '1') return;
  const { y, height } = (await page.locator('section[aria-labelledby="gates"]').boundingBox())!;
  const bottom = Math.ceil(y + height) + 20;
  await page.setViewportSize({ width: 1280, height: bottom });
  writeFileSync(SCREENSHOT, await page.screenshot({ clip: { x: 0, y: 0, width: 1280, height: bottom } }));
  await page.setViewportSize({ width: 1280, height: 900 });
}
