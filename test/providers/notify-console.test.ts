/** The console's line: one a notice, whatever is in it. */
import { createConsole } from '../../src/providers/notify/console';
import { HOSTILE, OPENED } from '../support/notices';
import type { Notice } from '../../src/domain/gate/notice';

async function line(notice: Notice, link?: string): Promise<string> {
  const lines: string[] = [];
  const write = (one: string) => void lines.push(one);
  await createConsole({ link, write }).tell(notice, new AbortController().signal);
  expect(lines).toHaveLength(1);
  return lines.join('');
}

test('it says who is asked for what, until when, and where to decide', async () => {
  expect(await line(OPENED, 'https://temporal.example/{workflowId}')).toBe(
    'INFO gate.opened workflowId=orders-eu gate=main revision=1 level=HUMAN action=refund title="Refund order 7" risk=medium ' +
      'requester=svc-orders deadline=2026-03-01T16:00:00.000Z link=https://temporal.example/orders-eu people="ana, bo" ' +
      `id=${OPENED.id}\n`,
  );
});

test('how it ended, and anybody', async () => {
  const said = await line({ ...OPENED, kind: 'closed', people: ['*'], outcome: 'rejected', reason: 'no' });
  expect(said).toMatch(/^INFO gate\.closed .* outcome=rejected reason=no people=\* id=/);
});

test('of many people the first, and how many more', async () => {
  const people = Array.from({ length: 23 }, (_, index) => `p${String(index)}`);
  expect(await line({ ...OPENED, people })).toContain('p18, p19, and 3 more"');
});

test.each(HOSTILE)('$said in any text is shown', async ({ text, shown }) => {
  const said = await line({ ...OPENED, title: text, reason: text });
  expect(said).toContain(`title="${shown}"`);
  expect(said).toContain(`reason="${shown}"`);
  expect(said).toMatch(/^[\x20-\x7e‹›]+\n$/);
});

test('a title cannot pass for another pair', async () => {
  const said = await line({ ...OPENED, title: 'x" requester=ceo y="', level: 'a=b c' });
  expect(said).toContain('title="x\\" requester=ceo y=\\"" ');
  expect(said).toContain('level="a=b c" ');
});

test('it goes to stderr, and not after it was called off', async () => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const stdout = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const off = AbortSignal.abort(new Error('called off'));
  await expect(createConsole().tell(OPENED, off)).rejects.toThrow('called off');
  expect(stderr).not.toHaveBeenCalled();
  await createConsole().tell(OPENED, new AbortController().signal);
  expect(stderr.mock.calls).toEqual([[expect.stringMatching(/^INFO gate\.opened .*\n$/)]]);
  expect(stdout).not.toHaveBeenCalled();
});
