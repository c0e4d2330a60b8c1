/** The Temporal Web UI alone, in a browser: a person reads a gate there, copies the decision, and sends it. */
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { DESCRIPTIONS } from '../../src/workflows/messages';
import { ROOT, startApp, temporaryDirectory, until, type App } from '../support/app';
import { launchChromium } from '../support/chromium';

const SCREENSHOT = path.join(ROOT, 'docs', 'images', 'web-ui.png');
const directory = temporaryDirectory();
let app: App;
let browser: Browser;
let page: Page;
const opened: (() => Promise<void>)[] = [];

// The Web UI's Markdown makes links of bare addresses, curly quotes, fractions and formulas wherever it is let.
const HOSTILE = {
  title:
    '[Approve here](https://evil.example/approve) <b id="pwned">bold</b> ![x](https://evil.example/i.png)',
  rationale: [
    '# A heading',
    'A setext heading',
    '===',
    '',
    '```json',
    '{"v":1,"id":"forged","verdict":"approve","reviewer":"mallory"}',
    '```',
    '````',
    '~~~',
    '**To approve**, paste `{"forged":true}` | a | b |',
    '|---|---|',
    '</code></pre></main><script>document.title = "pwned"</script><h1>big</h1>',
    'https://evil.example/auto <https://evil.example/angle> &lt;i&gt; "quotes" -- 1/2 $x$',
    '    indented',
    '- item',
    '\u202Etxt.exe\u202C zero\u200Bwidth \u001B[31mred\u001B[0m',
  ].join('\n'),
};

beforeAll(async () => {
  app = await startApp({ data: directory.path, ui: true });
  opened.push(() => app.stop());
  browser = await launchChromium();
  opened.push(() => browser.close());
  const context = await browser.newContext({
    viewport: { width: 1280, height: 1000 },
    timezoneId: 'UTC',
    locale: 'en-US',
  });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
});

afterAll(async () => {
  for (const close of opened.reverse()) await close();
  directory.remove();
});

const refund = {
  action: 'answer',
  args: { output: { refund: { order: '1042', amount: '20.00', currency: 'EUR' } } },
  title: 'Refund EUR 20.00 for order 1042',
  rationale: 'One of the four cups arrived broken; the customer sent a photo and asks for that part back.',
  confidence: 0.9,
  sensitive: false,
};
const SUMMARY = 'Damaged parcel: refund for order 1042';
const named = {
  confirmation: 'CONFIRM',
  levels: [{ name: 'SUPPORT_LEAD', approvers: { people: ['dana'] }, respondWithin: '24 hours' }],
};

/** As a service would start it, with the summary that the list and the page show. */
async function start(id: string, argument: object, summary: string): Promise<string> {
  const input = JSON.stringify({ v: 1, task: 'see to order 1042', requester: 'svc-orders', ...argument });
  const flags = ['--type', 'proposeAndExecute', '--task-queue', 'countersign', '--workflow-id', id];
  const { code, err } = await app.workflow('start', ...flags, '--input', input, '--static-summary', summary);
  if (code !== 0) throw new Error(err);
  const { digest = '' } = await app.reaches(id, 'open');
  return digest;
}

/** Opens the workflow's page, and from it the frame that shows its current details. */
async function readDetails(id: string): Promise<Frame> {
  await page.goto(`${String(app.ui)}/namespaces/default/workflows/${id}`);
  await page.getByText('User Metadata', { exact: true }).first().click();
  return rendered('What runs');
}

/** The Web UI renders each piece of Markdown in a frame of its own. */
async function rendered(words: string): Promise<Frame> {
  const find = async () => {
    for (const frame of page.frames().slice(1))
      if (
        (
          await frame
            .locator('main')
            .innerText()
            .catch(() => '')
        ).includes(words)
      )
        return [frame];
    return [];
  };
  const [frame] = await until(find, (found) => found.length > 0);
  return frame!;
}

/** The decision, copied from what is rendered. */
async function copyDecision(frame: Frame): Promise<string> {
  const blocks = await frame.locator('code', { hasText: '"digest":' }).allInnerTexts();
  expect(blocks).toHaveLength(1);
  return blocks[0]!;
}

/** The form behind More Actions, Send a Signal, with `decide` chosen by its description. */
async function signalForm(): Promise<Locator> {
  await page.getByRole('button', { name: 'More Actions' }).first().click();
  await page.getByRole('menuitem', { name: 'Send a Signal' }).click();
  const form = page.locator('dialog[open]');
  await form.getByTestId('signal-select-button').click();
  const option = form.getByRole('option', { name: 'decide' });
  await option.getByText(DESCRIPTIONS.decide, { exact: true }).waitFor({ state: 'visible' });
  await option.click();
  return form;
}

async function paste(form: Locator, text: string): Promise<void> {
  const data = form.getByRole('textbox', { name: 'Data' });
  await data.click();
  await page.keyboard.insertText(text);
  await data.blur(); // the editor lays the JSON out, which moves the buttons
  await until(
    () => data.innerText(),
    (laidOut) => laidOut.trim().includes('\n'),
  );
  await form.getByTestId('confirm-modal-button').click();
  await form.waitFor({ state: 'hidden' });
}

const flat = (text: string): string => text.replace(/\s+/g, ' ');

it('shows a gate readably, and admits the decision pasted from it', async () => {
  const digest = await start('refund-order-1042', { proposal: refund, policy: named }, SUMMARY);
  const frame = await readDetails('refund-order-1042');
  const summary = await rendered(SUMMARY);
  expect((await summary.locator('main').innerText()).trim()).toBe(SUMMARY);

  const { deadline = '' } = await app.gate('refund-order-1042');
  const text = flat(await frame.locator('main').innerText());
  expect(text).toContain('Gate main, revision 1, open');
  expect(text).toContain('What runs, if approved (the bytes that are hashed): answer with');
  expect(text).toMatch(/The agent.s claim \(words, not what runs\), confidence 0\.9/);
  expect(text).toContain(refund.rationale);
  expect(text).toContain('Asked: SUPPORT_LEAD: dana; 1 signature');
  expect(text).toContain(`Until: ${deadline.slice(0, 10)} ${deadline.slice(11, 19)} UTC`);
  expect(text).toContain('Signed: nobody yet');
  expect(text).toContain('Missing: 1 more: dana');
  const blocks = await frame.locator('pre').allInnerTexts();
  expect(blocks[0]?.trim()).toBe(JSON.stringify(refund.args, undefined, 2));
  expect(await sidewaysOverflow(frame)).toBe(0);

  const decision = await copyDecision(frame);
  expect(JSON.parse(decision)).toEqual({
    v: 1,
    id: 'approve-main-1-dana',
    digest,
    verdict: 'approve',
    reviewer: 'dana',
  });
  await screenshot();
  await paste(await signalForm(), decision);

  const result = await app.result('refund-order-1042');
  expect(result).toMatchObject({
    outcome: 'approved',
    decisions: [{ id: 'approve-main-1-dana', reviewer: 'dana' }],
  });
  expect(await app.receipt('refund-order-1042', 'approve-main-1-dana')).toMatchObject({ status: 'admitted' });
});

it('shows hostile words as the text they are', async () => {
  const output =
    '```\n# APPROVED\n```\n<img src=x onerror=alert(1)> [go](https://evil.example/) ' +
    'x'.repeat(300) +
    ' &amp; end';
  const proposal = {
    ...refund,
    ...HOSTILE,
    args: { output },
    evidence: [{ label: 'mail', value: '`a` https://evil.example/', href: 'javascript:alert(1)' }],
  };
  const digest = await start('hostile', { proposal }, 'Refund order 1042?');
  const frame = await readDetails('hostile');

  const main = frame.locator('main');
  expect(
    await main
      .locator('a, img, script, h1, h2, h3, h4, h5, h6, hr, table, blockquote, ol, .math, #pwned')
      .count(),
  ).toBe(0);
  expect(await page.title()).not.toContain('pwned');
  const [args = '', words = '', ...others] = await frame.locator('pre').allInnerTexts();
  expect(others).toEqual([]);
  expect(JSON.parse(args.replaceAll(' ↩\n', ''))).toEqual({ output });
  const literally = (text: string) =>
    text
      .replaceAll('\u202E', '‹U+202E›')
      .replaceAll('\u202C', '‹U+202C›')
      .replaceAll('\u200B', '‹U+200B›')
      .replaceAll('\u001B', '‹U+001B›');
  expect(unspaced(words)).toBe(
    unspaced(
      `${literally(`${HOSTILE.title}\n${HOSTILE.rationale}`)}\nmail: \`a\` https://evil.example/ <javascript:alert(1)>`,
    ),
  );
  expect(await sidewaysOverflow(frame)).toBe(0);

  const decision = await copyDecision(frame);
  expect(JSON.parse(decision)).toMatchObject({ digest, verdict: 'approve', reviewer: 'YOUR-NAME' });
  await paste(await signalForm(), decision.replaceAll('YOUR-NAME', 'ana'));
  expect(await app.result('hostile')).toMatchObject({
    outcome: 'approved',
    decisions: [{ reviewer: 'ana' }],
  });
});

it('lists what is open', async () => {
  await start('refund-order-1043', { proposal: refund }, 'Refund for order 1043');
  const listed = page.getByRole('link', { name: 'refund-order-1043' }).first();
  const decided = page.getByRole('link', { name: 'refund-order-1042' });
  const query = encodeURIComponent("CountersignState = 'open'");
  const shown = async () => (await listed.isVisible()) && (await decided.count()) === 0;
  for (const end = Date.now() + 20_000; !(await shown()) && Date.now() < end;) {
    await page.goto(`${String(app.ui)}/namespaces/default/workflows?query=${query}`);
    await listed.waitFor({ state: 'visible', timeout: 3_000 }).catch(() => undefined); // visibility lags behind
  }
  expect(await shown()).toBe(true);
  await app.workflow('terminate', '-w', 'refund-order-1043');
});

it('comes with a screenshot that a README can carry', () => {
  expect(statSync(SCREENSHOT).size).toBeLessThan(300_000);
});

const unspaced = (text: string): string => text.replace(/\s+/g, '');

/** How far the details reach beyond their frame, where nobody would look. */
function sidewaysOverflow(frame: Frame): Promise<number> {
  return frame.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
}

/** Only where asked for: the committed one stays as it is. */
async function screenshot(): Promise<void> {
  if (process.env['UPDATE_SCREENSHOT'] !== '1') return;
  const viewport = page.viewportSize()!;
  await page.setViewportSize({ width: 1280, height: 1500 });
  await page.waitForTimeout(2_500); // frames grow to their content
  const { y, height } = (await page.locator('iframe').last().boundingBox())!;
  const top = 70; // below the bar, right of the menu
  writeFileSync(
    SCREENSHOT,
    await page.screenshot({
      clip: { x: 264, y: top, width: 1016, height: Math.min(y + height, 1500) - top },
    }),
  );
  await page.setViewportSize(viewport);
}
