/** Webhooks against a real server on loopback: what arrives there, and what becomes of each kind of answer. */
import { createServer as createSecureServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { messageOf } from '../../src/domain/message';
import type { Notice } from '../../src/domain/gate/notice';
import { createChannels, type Channel } from '../../src/providers/notify';
import { createWebhook } from '../../src/providers/notify/webhook';
import { TryLater } from '../../src/providers/try-later';
import { certificateFor } from '../support/certificate';
import { startHttpTarget, type Answers, type Asked, type HttpTarget } from '../support/http-target';
import { HOSTILE, OPENED } from '../support/notices';

const SECRET = `whsec_${Buffer.from('k'.repeat(32)).toString('base64')}`;
const TOKEN = 's3cr3t-t0ken';
const LINK = 'https://temporal.example/namespaces/default/workflows/{workflowId}';

let server: HttpTarget;
let host: string;
beforeAll(async () => {
  server = await startHttpTarget();
  host = `127.0.0.1:${String(server.port)}`;
});
beforeEach(() => {
  server.reset();
});
afterAll(() => server.stop());

interface Options {
  readonly at?: string;
  readonly link?: string;
  readonly timeout?: number;
}

/** With a secret wherever a URL may hold one. */
function webhook({ at = host, link, timeout = 2_000 }: Options = {}): Channel {
  const url = `http://bot:${TOKEN}@${at}/hooks/${TOKEN}?token=${TOKEN}#${TOKEN}`;
  return createWebhook({ url, secret: SECRET }, { name: 'webhook', link, timeout });
}

const never = () => new AbortController().signal;

async function told(notice: Notice = OPENED, options: Options = {}): Promise<Asked> {
  await webhook(options).tell(notice, never());
  return server.asked.at(-1)!;
}

/** The error, in which nothing secret is, whichever way one looks at it. */
async function failure(options: Options = {}, signal: AbortSignal = never()): Promise<Error> {
  const error: unknown = await webhook(options)
    .tell(OPENED, signal)
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  const { stack, cause } = error as Error;
  const all = [messageOf(error), stack, JSON.stringify(error), String(cause)].join('\n');
  for (const secret of [TOKEN, SECRET, SECRET.slice(6), '/hooks']) expect(all).not.toContain(secret);
  return error as Error;
}

const answering =
  (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): Answers =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

const genuine = ({ body, headers }: Asked, by = SECRET): unknown =>
  new Webhook(by).verify(body, headers as Record<string, string>);

/** The body's `data`. */
const dataOf = ({ body }: Asked): Record<string, unknown> =>
  (JSON.parse(body) as { data: Record<string, unknown> }).data;

describe('what arrives', () => {
  test('a signed JSON message with ids, names and the title', async () => {
    const asked = await told({ ...OPENED, at: '2026-03-01T12:00:00.000Z' }, { link: LINK });
    expect(asked).toMatchObject({
      method: 'POST',
      path: `/hooks/${TOKEN}?token=${TOKEN}`,
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`bot:${TOKEN}`).toString('base64')}`,
        'webhook-id': OPENED.id,
      },
    });
    expect(genuine(asked)).toEqual({
      type: 'gate.opened',
      timestamp: '2026-03-01T12:00:00.000Z',
      data: {
        workflowId: 'orders-eu',
        gate: 'main',
        revision: 1,
        level: 'HUMAN',
        people: ['ana', 'bo'],
        action: 'refund',
        title: 'Refund order 7',
        risk: 'medium',
        requester: 'svc-orders',
        deadline: '2026-03-01T16:00:00.000Z',
        link: 'https://temporal.example/namespaces/default/workflows/orders-eu',
      },
    });
  });

  test.each(['opened', 'reminder', 'warning', 'escalated', 'info', 'closed'] as const)(
    '%s is the message gate.%s',
    async (kind) => {
      expect(genuine(await told({ ...OPENED, kind }))).toMatchObject({ type: `gate.${kind}` });
    },
  );

  test('how it ended, and why', async () => {
    const { deadline, ...rest } = OPENED;
    const asked = await told({ ...rest, kind: 'closed', outcome: 'rejected', reason: 'too\u200bmuch' });
    expect(dataOf(asked)).toMatchObject({ outcome: 'rejected', reason: 'too‹U+200B›much' });
    expect(dataOf(asked)).not.toHaveProperty('deadline');
    expect(dataOf(asked)).not.toHaveProperty('link');
  });

  test('another body, id, time or secret is not genuine', async () => {
    const asked = await told();
    const { body, headers } = asked;
    expect(() => genuine(asked)).not.toThrow();
    const middle = Math.floor(body.length / 2);
    for (const at of [0, middle, body.length - 1]) {
      const flipped = String.fromCharCode(body.charCodeAt(at) ^ 1);
      const changed = body.slice(0, at) + flipped + body.slice(at + 1);
      expect(() => genuine({ ...asked, body: changed })).toThrow('No matching signature');
    }
    const other = { ...headers, 'webhook-id': 'b2'.repeat(32) };
    expect(() => genuine({ ...asked, headers: other })).toThrow('No matching signature');
    const later = { ...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) + 1) };
    expect(() => genuine({ ...asked, headers: later })).toThrow('No matching signature');
    const stranger = `whsec_${Buffer.from('x'.repeat(32)).toString('base64')}`;
    expect(() => genuine(asked, stranger)).toThrow('No matching signature');
  });

  test('a repeat has the same id and body, and the time of its own attempt', async () => {
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'setTimeout', 'clearTimeout', 'queueMicrotask'],
    });
    try {
      const notice = { ...OPENED, at: '2026-03-01T12:00:00.000Z' };
      jest.setSystemTime(Date.parse('2026-03-01T12:00:05Z'));
      const first = await told(notice);
      jest.setSystemTime(Date.parse('2026-03-01T18:00:00Z'));
      const again = await told(notice);
      expect(again.body).toBe(first.body);
      const seconds = [first, again].map(({ headers }) => Number(headers['webhook-timestamp']));
      expect(seconds).toEqual(['12:00:05', '18:00:00'].map((at) => Date.parse(`2026-03-01T${at}Z`) / 1_000));
      expect(again.headers['webhook-id']).toBe(first.headers['webhook-id']);
      expect(() => genuine(again)).not.toThrow();
      expect(() => genuine(first)).toThrow('too old');
    } finally {
      jest.useRealTimers();
    }
  });

  test.each(HOSTILE)('$said in a title is shown', async ({ text, shown }) => {
    const asked = await told({ ...OPENED, title: text });
    expect(dataOf(asked)['title']).toBe(shown);
    expect(asked.body).not.toContain(JSON.stringify(text).slice(1, -1));
  });

  test.each(['workflowId', 'gate', 'level', 'action', 'risk', 'requester'] as const)(
    'a hostile %s is shown',
    async (key) => {
      const asked = await told({ ...OPENED, [key]: 'a\u202eb', people: ['bo\u200b'] }, { link: LINK });
      expect(dataOf(asked)).toMatchObject({ [key]: 'a‹U+202E›b', people: ['bo‹U+200B›'] });
      expect(asked.body).toMatch(/^[\x20-\x7e‹›]+$/);
    },
  );

  test('a long title is cut, and says so, never within a code', async () => {
    const title = async (text: string) => dataOf(await told({ ...OPENED, title: text }))['title'] as string;
    expect(await title('x'.repeat(200))).toBe('x'.repeat(200));
    const cut = await title('x'.repeat(201));
    expect(cut).toBe(`${'x'.repeat(170)}… (cut: 201 characters in all)`);
    expect([...cut]).toHaveLength(200);
    for (const lead of ['', 'a', 'ab', 'abc', 'abcd', 'abcde', 'abcdef', 'abcdefg']) {
      const shown = await title(lead + '\u202e'.repeat(100));
      expect(shown).toMatch(/^[a-g]*(?:‹U\+202E›)+… \(cut: \d+ characters in all\)$/);
      expect([...shown].length).toBeLessThanOrEqual(200);
    }
    expect(await title('\ud83d\ude00'.repeat(300))).toMatch(
      /^(?:\ud83d\ude00)+… \(cut: 300 characters in all\)$/,
    );
  });
});

describe('a link leads to the workflow and holds nothing else', () => {
  test.each([
    { id: 'orders-eu', as: 'orders-eu' },
    { id: 'a/b?c#d e', as: 'a%2Fb%3Fc%23d%20e' },
    { id: '../../admin', as: '..%2F..%2Fadmin' },
    { id: "x)!'(*", as: 'x%29%21%27%28%2A' },
    { id: '{workflowId}$&', as: '%7BworkflowId%7D%24%26' },
    { id: 'é\u202e', as: '%C3%A9%E2%80%AE' },
    { id: 'half \ud83d', as: 'half%20%EF%BF%BD' },
  ])('$id as $as', async ({ id, as }) => {
    const link = `${LINK}?also={workflowId}`;
    const asked = await told({ ...OPENED, workflowId: id }, { link });
    expect(dataOf(asked)['link']).toBe(link.replaceAll('{workflowId}', () => as));
  });
});

describe('what becomes of an answer', () => {
  test.each([200, 201, 202, 204])('%i is delivered', async (status) => {
    server.answers = answering(status, {}, status === 204 ? '' : 'thanks');
    await expect(told()).resolves.toMatchObject({ method: 'POST' });
  });

  test('what is endless after a 200 is not read', async () => {
    server.answers = (_, response) => {
      response.writeHead(200);
      const more = setInterval(() => response.write('x'.repeat(1_000)), 5);
      response.on('close', () => {
        clearInterval(more);
      });
    };
    await expect(told()).resolves.toBeDefined();
  });

  test.each([
    { status: 503, headers: { 'retry-after': '7' }, wait: 7_000 },
    { status: 503, headers: {}, wait: undefined },
    { status: 429, headers: { 'retry-after': '120' }, wait: 120_000 },
    { status: 429, headers: { 'retry-after': '999999' }, wait: 3_600_000 },
    { status: 429, headers: { 'retry-after': 'soon' }, wait: undefined },
    { status: 500, headers: {}, wait: undefined },
    { status: 502, headers: {}, wait: undefined },
    { status: 408, headers: {}, wait: undefined },
    { status: 425, headers: {}, wait: undefined },
  ] as { status: number; headers: Record<string, string>; wait: number | undefined }[])(
    '$status with $headers is tried again after $wait ms',
    async ({ status, headers, wait }) => {
      server.answers = answering(status, headers, `no, ${TOKEN}`);
      const error = await failure();
      expect(error).toBeInstanceOf(TryLater);
      expect(error.message).toBe(`the webhook at ${host} answered ${String(status)}`);
      expect(error).toHaveProperty('milliseconds', wait);
    },
  );

  test.each([
    { status: 400, mend: 'Check that the receiver takes a Standard Webhooks message, JSON by POST' },
    { status: 401, mend: 'Check that the receiver holds the secret in COUNTERSIGN_NOTIFY_SECRET' },
    { status: 403, mend: 'Check that the receiver holds the secret in COUNTERSIGN_NOTIFY_SECRET' },
    { status: 404, mend: 'Check its URL in COUNTERSIGN_NOTIFY' },
    { status: 410, mend: 'Check its URL in COUNTERSIGN_NOTIFY' },
    { status: 302, mend: 'Redirects are not followed' },
    { status: 308, mend: 'Redirects are not followed' },
  ])('$status is not tried again', async ({ status, mend }) => {
    server.answers = answering(status, { location: `http://${host}/elsewhere` }, `\u001b[2K${TOKEN}`);
    const error = await failure();
    expect(error.name).toBe('PermanentError');
    const start = `the webhook at ${host} answered ${String(status)}; it is not told again. ${mend}`;
    expect(error.message.slice(0, start.length)).toBe(start);
    expect(server.asked).toHaveLength(1);
  });

  test('silence is given up, to be tried again', async () => {
    server.answers = () => undefined;
    const error = await failure({ timeout: 100 });
    expect(error).toBeInstanceOf(TryLater);
    expect(error.message).toBe(`the webhook at ${host} gave no answer within 100 ms`);
  });

  test('a signal ends it with its own reason, at once', async () => {
    const asking = new AbortController();
    const reason = new Error('the gate has closed');
    server.answers = () => {
      asking.abort(reason);
    };
    expect(await failure({}, asking.signal)).toBe(reason);
    server.asked.length = 0;
    expect(await failure({}, asking.signal)).toBe(reason);
    expect(server.asked).toEqual([]);
  });

  test('nobody there, or a connection that breaks, is tried again', async () => {
    server.answers = (_, response) => response.destroy();
    expect(await failure()).toBeInstanceOf(TryLater);
    server.answers = (_, response) => {
      response.writeHead(101, { upgrade: 'x', connection: 'upgrade' }).end();
    };
    expect(await failure()).toBeInstanceOf(TryLater);
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const at = `127.0.0.1:${String((free.address() as AddressInfo).port)}`;
    await new Promise((resolve) => free.close(resolve));
    const error = await failure({ at });
    expect(error).toBeInstanceOf(TryLater);
    expect(error.message).toBe(`the webhook at ${at} cannot be reached: ECONNREFUSED`);
  });
});

test('a certificate that nobody vouches for gets nothing, and is tried again', async () => {
  let asked = 0;
  const stranger = createSecureServer(certificateFor(['localhost']), () => (asked += 1));
  stranger.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
  try {
    const at = `127.0.0.1:${String((stranger.address() as AddressInfo).port)}`;
    const channel = createWebhook({ url: `https://${at}/${TOKEN}`, secret: SECRET }, { name: 'webhook' });
    const error: unknown = await channel.tell(OPENED, never()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TryLater);
    expect(messageOf(error)).toBe(`the webhook at ${at} cannot be reached: DEPTH_ZERO_SELF_SIGNED_CERT`);
    expect(asked).toBe(0);
  } finally {
    await new Promise((resolve) => stranger.close(resolve));
  }
});

describe('the channels', () => {
  const hook = (path: string) => ({ url: `http://${host}/${path}?token=${TOKEN}`, secret: SECRET });

  test('nothing configured is nobody told', () => {
    expect(createChannels(undefined)).toEqual([]);
  });

  test('each has a name of its own, without a secret', () => {
    const other = { url: `https://bot:${TOKEN}@hooks.example/${TOKEN}`, secret: SECRET };
    const channels = createChannels({ console: true, webhooks: [hook('a'), other, hook('b')] });
    expect(channels.map(({ name }) => name)).toEqual([
      'console',
      `webhook ${host}`,
      'webhook hooks.example',
      `webhook ${host} (2)`,
    ]);
  });

  test('each webhook is told at its own address, with the link', async () => {
    const channels = createChannels({ console: false, webhooks: [hook('a'), hook('b')], link: LINK });
    for (const channel of channels) await channel.tell(OPENED, never());
    expect(server.asked.map(({ path }) => path)).toEqual([`/a?token=${TOKEN}`, `/b?token=${TOKEN}`]);
    for (const asked of server.asked)
      expect(dataOf(asked)['link']).toBe(LINK.replace('{workflowId}', 'orders-eu'));
  });
});
