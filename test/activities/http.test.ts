/** The `http` action against real servers on loopback: what arrives there, and what becomes of each kind of answer. */
import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { PermanentError, RetryAfter } from '../../src/actions/action';
import { checkArgs } from '../../src/actions/check';
import { createHttp, type HttpOptions } from '../../src/actions/http';
import { HostList, type HostConfig, type Hosts } from '../../src/actions/http-hosts';
import type { Json, JsonObject } from '../../src/domain/json';
import { dns, startHttpTarget, type HttpTarget } from '../support/http-target';

const KEY = 'a1'.repeat(32);
const SECRET = 'Bearer s3cret-t0ken/with"quote';
const limits = { connect: 400, headers: 400, idle: 400, total: 3_000 };

let server: HttpTarget;
let at: string;
beforeAll(async () => {
  server = await startHttpTarget();
  at = `http://127.0.0.1:${String(server.port)}`;
});
beforeEach(() => {
  server.reset();
});
afterAll(() => server.stop());

const inside = (more: Partial<HostConfig> = {}): Hosts => [
  { host: `127.0.0.1:${String(server.port)}`, private: true, ...more },
];

interface Options extends HttpOptions {
  readonly hosts?: Hosts;
  readonly signal?: AbortSignal;
}

/** Through the schema, as the registry would. */
async function run(args: JsonObject, options: Options = {}): Promise<JsonObject> {
  const { hosts = inside(), signal = new AbortController().signal, ...rest } = options;
  const action = createHttp(hosts, { limits, ...rest });
  const checked = checkArgs(action, args);
  if (!checked.ok) throw new Error(`not admitted: ${checked.message}`);
  return (await action.run(checked.args, {
    key: KEY,
    workflowId: 'w',
    digest: 'd'.repeat(64),
    signal,
  })) as JsonObject;
}

async function failure(args: JsonObject, options: Options = {}): Promise<Error> {
  const error: unknown = await run(args, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return error as Error;
}

function message(args: JsonObject, hosts: Hosts = inside()): string | undefined {
  const checked = checkArgs(createHttp(hosts), args);
  return checked.ok ? undefined : checked.message;
}

describe('what is sent', () => {
  test('method, path, headers, JSON and the key arrive as they were approved', async () => {
    const body = { order: 'ä', lines: [1, null] };
    await run({ method: 'POST', url: `${at}/a%20b?c=d`, headers: { 'X-Trace': '7' }, body });
    expect(server.asked).toEqual([
      {
        method: 'POST',
        path: '/a%20b?c=d',
        body: JSON.stringify(body),
        headers: {
          host: `127.0.0.1:${String(server.port)}`,
          connection: 'close',
          accept: '*/*',
          'accept-encoding': 'identity',
          'content-length': '31',
          'content-type': 'application/json',
          'idempotency-key': KEY,
          'user-agent': 'countersign',
          'x-trace': '7',
        },
      },
    ]);
  });

  test.each<{ said: string; headers?: JsonObject; body?: Json; sends: string; type: string | undefined }>([
    { said: 'no body', sends: '', type: undefined },
    { said: 'null', body: null, sends: 'null', type: 'application/json' },
    { said: 'a string without a type is JSON', body: 'a', sends: '"a"', type: 'application/json' },
    {
      said: 'JSON of another type',
      headers: { 'content-type': 'application/vnd.api+json; charset=utf-8' },
      body: { a: 1 },
      sends: '{"a":1}',
      type: 'application/vnd.api+json; charset=utf-8',
    },
    {
      said: 'text of the type that the headers say',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'a=1&b=2',
      sends: 'a=1&b=2',
      type: 'application/x-www-form-urlencoded',
    },
  ])('body: $said', async ({ sends, type, said: _, ...rest }) => {
    await run({ method: 'PUT', url: `${at}/`, ...rest });
    expect(server.asked[0]).toMatchObject({ body: sends });
    expect(server.asked[0]!.headers['content-type']).toBe(type);
  });

  test('configured headers go to their host', async () => {
    await run(
      { method: 'GET', url: `${at}/` },
      { hosts: inside({ headers: { Authorization: SECRET, 'user-agent': 'shop' } }) },
    );
    expect(server.asked[0]!.headers).toMatchObject({ authorization: SECRET, 'user-agent': 'shop' });
  });

  test('the URL that is approved is the one that is sent', () => {
    const action = createHttp(inside());
    const args = { method: 'GET', url: `HTTP://127.0.0.1:${String(server.port)}/a/../b?c=ä` };
    const checked = checkArgs(action, args);
    expect(checked).toEqual({ ok: true, args: { method: 'GET', url: `${at}/b?c=%C3%A4` } });
  });
});

describe('what is refused before anybody is asked', () => {
  const post = (more: JsonObject): JsonObject => ({ method: 'POST', url: `${at}/`, ...more });
  test.each<{ said: string; args: () => JsonObject; hosts?: () => Hosts; why: string }>([
    {
      said: 'any host, where none is configured',
      args: () => post({}),
      hosts: () => [],
      why: 'args.url: no host is allowed: export hosts = ["api.example.com"] from the module that COUNTERSIGN_ACTIONS names',
    },
    {
      said: 'a host that is not listed',
      args: () => post({ url: 'https://evil.example/' }),
      why: 'args.url: evil.example is not an allowed host (127.0.0.1:',
    },
    {
      said: 'another port',
      args: () => post({ url: 'http://127.0.0.1:1/' }),
      why: 'args.url: 127.0.0.1:1 is not an allowed host',
    },
    {
      said: 'plain http where nobody said so',
      args: () => post({ url: 'http://api.example.com/' }),
      hosts: () => [{ host: 'api.example.com' }],
      why: 'args.url: api.example.com is allowed over https:// only',
    },
    { said: 'another scheme', args: () => post({ url: 'file:///etc/passwd' }), why: 'starts with https://' },
    { said: 'no URL', args: () => post({ url: 'http://' }), why: 'starts with https://' },
    {
      said: 'a password',
      args: () => post({ url: at.replace('//', '//u:p@') }),
      why: 'must not hold a user name',
    },
    {
      said: 'an empty user',
      args: () => post({ url: at.replace('//', '//@') }),
      why: 'must not hold a user name',
    },
    { said: 'a fragment', args: () => post({ url: `${at}/#a` }), why: 'must not hold a fragment' },
    { said: 'a line break', args: () => post({ url: `${at}/\r\nX: y` }), why: 'must not hold spaces' },
    { said: 'a tab', args: () => post({ url: `${at}/\t` }), why: 'must not hold spaces' },
    { said: 'a backslash', args: () => post({ url: `${at}\\@a.test/` }), why: 'or backslashes' },
    { said: 'a long URL', args: () => post({ url: `${at}/${'a'.repeat(2_000)}` }), why: 'at most 2000' },
    {
      said: 'a URL that is long once it is escaped',
      args: () => post({ url: `${at}/${'ä'.repeat(400)}` }),
      why: 'at most 2000 characters, escaped',
    },
    { said: 'another method', args: () => post({ method: 'TRACE' }), why: 'args.method: ' },
    { said: 'a lower-case method', args: () => post({ method: 'post' }), why: 'args.method: ' },
    { said: 'an unknown key', args: () => post({ timeout: 5 }), why: 'args.timeout: unknown key' },
    {
      said: 'a GET with a body',
      args: () => post({ method: 'GET', body: 1 }),
      why: 'args.body: a GET has none',
    },
    {
      said: 'an object as text',
      args: () => post({ body: {}, headers: { 'content-type': 'text/plain' } }),
      why: 'args.body: must be text where content-type is text/plain',
    },
    {
      said: 'a header that is configured',
      args: () => post({ headers: { AUTHORIZATION: 'x' } }),
      hosts: () => inside({ headers: { authorization: SECRET } }),
      why: 'args.headers.AUTHORIZATION: is set by configuration for this host',
    },
    ...['headers', 'body'].map((part) => ({
      said: `__proto__ in its ${part}`,
      args: () => post({ [part]: JSON.parse('{"x-a":"1","__proto__":"x"}') as JsonObject }),
      why: 'the payload has a key named __proto__',
    })),
    {
      said: 'a header twice',
      args: () => post({ headers: { 'x-a': '1', 'X-A': '2' } }),
      why: 'args.headers.X-A: is there twice',
    },
    {
      said: 'many headers',
      args: () =>
        post({ headers: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`x-${String(n)}`, ''])) }),
      why: 'args.headers: must hold at most 50 headers',
    },
    {
      said: 'a number as a header',
      args: () => post({ headers: { 'x-a': 1 } }),
      why: 'args.headers.x-a: expected string',
    },
  ])('$said', ({ args, hosts = inside, why }) => {
    expect(message(args(), hosts())).toContain(why);
    expect(message(args(), hosts())).not.toContain('s3cret');
  });

  test.each([
    ...[
      'host',
      'Content-Length',
      'transfer-encoding',
      'connection',
      'Keep-Alive',
      'proxy-authorization',
      'te',
    ],
    ...['trailer', 'upgrade', 'expect', 'proxy-connection', 'accept-encoding', 'Idempotency-Key'],
    ...['x-http-method-override', 'X-Method-Override'],
  ])('the header %s is not the proposal’s to set', (name) => {
    expect(message(post({ headers: { [name]: 'x' } }))).toContain(`args.headers.${name}: may not be set`);
  });

  test.each(['', ' x', 'x y', 'x:y', 'x\r\nHost', 'x\n', 'x\0', 'ä', 'x'.repeat(101)])(
    'the header name %j',
    (name) => {
      expect(message(post({ headers: { [name]: 'x' } }))).toContain('is no header name');
    },
  );

  test.each(['a\r\nX-Admin: 1', 'a\nb', 'a\rb', 'a\0b', ' a', 'a ', 'ä', '\u2028', 'x'.repeat(4_001)])(
    'the header value %j',
    (value) => {
      expect(message(post({ headers: { 'x-a': value } }))).toContain(
        'args.headers.x-a: must be at most 4,000',
      );
    },
  );

  test('a caller past the schema meets the allow-list again', async () => {
    const action = createHttp(inside(), { limits });
    const context = { key: KEY, workflowId: 'w', digest: 'd', signal: new AbortController().signal };
    const wanted = { method: 'GET', url: 'https://evil.example/' };
    await expect(async () => action.run(wanted, context)).rejects.toThrow('is not an allowed host');
    await expect(async () => action.preview!(wanted, context)).rejects.toThrow('is not an allowed host');
  });
});

describe('which entry a URL falls under', () => {
  const hosts: Hosts = [
    { host: '*.example.com', deduplicates: true },
    { host: '*.eu.example.com' },
    { host: 'api.example.com' },
    { host: 'api.example.com:443', deduplicates: true },
    { host: 'api.example.com:8443', deduplicates: true },
    { host: '[2606:4700::1111]', deduplicates: true },
  ];
  test.each<[url: string, tried: number | undefined | string]>([
    ['https://a.example.com/', undefined],
    ['https://a.b.example.com/', undefined],
    ['https://a.eu.example.com/', 1],
    ['https://api.example.com/', undefined],
    ['https://api.example.com:443/', undefined],
    ['https://API.example.com:8443/', undefined],
    ['https://[2606:4700::1111]/', undefined],
    ['https://api.example.com:80/', 'is not an allowed host'],
    ['https://a.example.com:8443/', 'is not an allowed host'],
    ['https://example.com/', 'is not an allowed host'],
    ['https://notexample.com/', 'is not an allowed host'],
    ['http://a.example.com/', 'over https:// only'],
  ])('%s', (url, tried) => {
    const { attempts } = createHttp(hosts);
    const args = { method: 'POST', url };
    if (typeof attempts !== 'function') throw new TypeError('attempts depend on the arguments');
    if (typeof tried === 'string') expect(message(args, hosts)).toContain(tried);
    else expect([message(args, hosts), attempts(args)]).toEqual([undefined, tried]);
  });

  test.each<[given: unknown, why: string | undefined]>([
    [['API.example.com', { host: '127.0.0.1:80', private: true, http: true, deduplicates: true }], undefined],
    [[{ host: 'a.example', headers: { authorization: SECRET } }], undefined],
    ['a.example', 'expected array'],
    [['https://a.example'], 'must be a host such as'],
    [['a.example/path'], 'must be a host such as'],
    [['a.example:0'], 'must be a host such as'],
    [['a.example:65536'], 'must be a host such as'],
    [['u@a.example'], 'must be a host such as'],
    [['a.example.'], 'must be a host such as'],
    [['0x7f.1'], 'must be a host such as'],
    [['::1'], 'must be a host such as'],
    [['*'], 'must be a host such as'],
    [['*.com'], 'must be a host such as'],
    [['*.10.0.0.1'], 'must be a host such as'],
    [['a.*.example'], 'must be a host such as'],
    [[''], 'must be a host such as'],
    [['a.example', 'A.example'], 'a.example is listed twice'],
    [[{ host: 'a.example', privat: true }], 'nrecognized key'],
    [[{ host: 'a.example', headers: { host: 'b' } }], 'may not be set'],
    [[{ host: 'a.example', headers: { authorization: `${SECRET}\n` } }], 'printable ASCII'],
    [[{ host: 'a.example', headers: { 'Content-Type': 'a/b' } }], 'must not set content-type'],
  ])('a module’s hosts: %j', (given, why) => {
    const checked = HostList.safeParse(given);
    if (why === undefined) expect(checked.error).toBeUndefined();
    else expect(checked.error?.message).toContain(why);
    expect(checked.error?.message ?? '').not.toContain('s3cret');
  });
});

test('the preview says what would be sent, reaches nobody and shows no secret', async () => {
  const { lookup, asked } = dns({});
  const hosts = [{ host: 'api.example.com:8443', headers: { Authorization: SECRET } }];
  const action = createHttp(hosts, { lookup });
  const args = { method: 'POST', url: 'https://api.example.com:8443/a/../b', body: { a: 'ä' } };
  const preview = await action.preview!(args, { signal: new AbortController().signal });
  expect(preview).toEqual({
    request: 'POST https://api.example.com:8443/b',
    host: 'api.example.com:8443',
    headers: { authorization: 'set by configuration', 'idempotency-key': 'the key of the approval' },
    bodyBytes: 10,
    tried: 'once: the host is not known to deduplicate',
  });
  expect(asked).toEqual([]);
});

describe('a result', () => {
  const get = () => ({ method: 'GET', url: `${at}/` });
  const answers = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) => {
    server.answers = (_, response) => response.writeHead(status, headers).end(body);
  };
  const json = { 'content-type': 'application/json' };

  test('JSON is parsed, and of the headers those are kept that help to find it again', async () => {
    answers('{"a":[1,"ä"]}', { ...json, 'x-request-id': 'r1', 'set-cookie': 'session=1', etag: '"e"' }, 201);
    expect(await run(get())).toEqual({
      status: 201,
      headers: { 'content-type': 'application/json', 'x-request-id': 'r1', etag: '"e"' },
      body: { a: [1, 'ä'] },
      bytes: 14,
    });
  });

  const deep = `${'['.repeat(20)}1${']'.repeat(20)}`;
  const many = JSON.stringify(Array.from({ length: 3_000 }, () => 1));
  test.each<{
    said: string;
    body: string | Buffer;
    headers: Record<string, string>;
    gives: Json | undefined;
  }>([
    { said: 'text', body: 'hello', headers: { 'content-type': 'text/plain' }, gives: 'hello' },
    { said: 'text of no type', body: '{"a":1}', headers: {}, gives: '{"a":1}' },
    { said: 'JSON by its suffix', body: '{"a":1}', headers: { 'content-type': 'a/b+json' }, gives: { a: 1 } },
    { said: 'broken JSON', body: '{"a":', headers: json, gives: '{"a":' },
    { said: 'JSON that is too deep', body: deep, headers: json, gives: deep },
    { said: 'JSON of too many values', body: many, headers: json, gives: many },
    { said: 'JSON with half a pair', body: '"\\ud800"', headers: json, gives: '"\\ud800"' },
    { said: 'JSON with __proto__', body: '{"__proto__":1}', headers: json, gives: '{"__proto__":1}' },
    { said: 'nothing', body: '', headers: json, gives: undefined },
    { said: 'no text', body: Buffer.from([1, 0, 2]), headers: {}, gives: undefined },
    { said: 'bytes that are no UTF-8', body: Buffer.from([97, 0xff]), headers: {}, gives: 'a\ufffd' },
    {
      said: 'another charset',
      body: Buffer.from([0xe4]),
      headers: { 'content-type': 'text/plain; charset=iso-8859-1' },
      gives: 'ä',
    },
    {
      said: 'a charset that nobody knows',
      body: 'a',
      headers: { 'content-type': 'text/plain; charset=klingon' },
      gives: 'a',
    },
    {
      said: 'a compressed body, which nobody asked for',
      body: Buffer.from('1f8b08', 'hex'),
      headers: { 'content-encoding': 'gzip' },
      gives: undefined,
    },
  ])('$said', async ({ body, headers, gives }) => {
    answers(body, headers);
    const result = await run(get());
    expect(result['body']).toEqual(gives);
    expect(result['bytes']).toBe(Buffer.byteLength(body));
    expect(result['truncated']).toBeUndefined();
  });

  test('of a long body the first 64 KiB are kept, without half a character', async () => {
    answers(`a${'ä'.repeat(40_000)}`, json);
    const result = await run(get());
    expect(result).toMatchObject({ bytes: 80_001, truncated: true });
    expect(result['body']).toBe(`a${'ä'.repeat(32_767)}`);
  });

  test('of an endless body no more than 256 KiB are read', async () => {
    let written = 0;
    server.answers = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) written += 16_384;
      };
      response.on('drain', more);
      more();
    };
    const result = await run(get());
    expect(result).toMatchObject({ status: 200, truncated: true, body: 'x'.repeat(65_536) });
    expect(result['bytes']).toBeGreaterThan(256 * 1024);
    expect(result['bytes']).toBeLessThan(512 * 1024);
    expect(written).toBeLessThan(64 * 1024 * 1024); // it was hung up on
  });

  test.each([
    ['POST', 'breaks off', (response: ServerResponse) => setImmediate(() => response.destroy())],
    ['POST', 'falls silent', () => undefined],
    ['DELETE', 'breaks off', (response: ServerResponse) => setImmediate(() => response.destroy())],
  ] as const)('a %s is done by its status, even where its body %s', async (method, _, send) => {
    server.answers = (_asked, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      send(response);
    };
    const result = await run({ method, url: `${at}/` });
    expect(result).toEqual({ status: 200, headers: {}, body: 'half', bytes: 4, truncated: true });
  });

  test.each<{ said: string; send: (response: ServerResponse) => void }>([
    { said: 'that breaks off', send: (response) => setImmediate(() => response.destroy()) },
    { said: 'that falls silent', send: () => undefined },
  ])('of a GET a body $said is no answer', async ({ send }) => {
    server.answers = (_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      send(response);
    };
    const error = await failure(get());
    expect(error).not.toBeInstanceOf(PermanentError);
    expect(error.message).toContain('answered 200, but its body broke off');
  });

  test('a HEAD has no body', async () => {
    answers('', { 'content-length': '1000' });
    expect(await run({ method: 'HEAD', url: `${at}/` })).toEqual({ status: 200, headers: {}, bytes: 0 });
  });

  test.each([
    { said: 'in text', body: `you are ${SECRET}!`, headers: {} as Record<string, string> },
    { said: 'in JSON', body: JSON.stringify({ [SECRET]: [SECRET] }), headers: json },
    { said: 'without its scheme', body: SECRET.slice(7), headers: {} },
    { said: 'in JSON that is kept as text', body: JSON.stringify({ a: SECRET }).slice(1), headers: json },
    { said: 'across the end of what is kept', body: `${'x'.repeat(65_530)}${SECRET}`, headers: {} },
    { said: 'in a header', body: '', headers: { location: `/${SECRET}`, 'x-request-id': SECRET } },
  ])('what the configuration added is taken out of an answer that repeats it: $said', async (row) => {
    const hosts = inside({ headers: { authorization: SECRET } });
    for (const status of [200, 201, 404, 503]) {
      answers(row.body, row.headers, status);
      const told = await run(get(), { hosts }).then(
        (result) => JSON.stringify(result),
        (error: unknown) => String(error),
      );
      expect(told).not.toMatch(/s3cret|t0ken/);
    }
    expect(server.asked[0]!.headers['authorization']).toBe(SECRET);
  });

  test('a basic password is a secret, too; a media type is not', async () => {
    const authorization = `Basic ${Buffer.from('shop:hunter22').toString('base64')}`;
    answers('shop hunter22 text/plain', { 'content-type': 'text/plain' });
    const hosts = inside({ headers: { authorization, accept: 'text/plain' } });
    expect(await run(get(), { hosts })).toMatchObject({ body: 'shop *** text/plain' });
  });
});

describe('errors', () => {
  const status = (
    code: number,
    headers: Record<string, string> = {},
    body = 'no\u202e <b>luck</b>\n now',
  ) => {
    server.answers = (_, response) => response.writeHead(code, headers).end(body);
  };

  test.each([400, 401, 403, 404, 409, 410, 422])('%d ends it, with what the host said', async (code) => {
    status(code);
    const error = await failure({ method: 'PUT', url: `${at}/` });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toBe(
      `127.0.0.1:${String(server.port)} answered ${String(code)}: no‹U+202E› <b>luck</b> now`,
    );
  });

  test('what the host said is bounded', async () => {
    status(400, {}, 'x'.repeat(100_000));
    expect((await failure({ method: 'GET', url: `${at}/` })).message.length).toBeLessThan(400);
  });

  test.each([408, 425, 429, 500, 502, 503, 504])('%d is tried again, under the same key', async (code) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
      server.reset();
      status(code);
      const args = { method, url: `${at}/` };
      const error = await failure(args);
      expect(error).not.toBeInstanceOf(PermanentError);
      expect(error.message).toContain(`answered ${String(code)}`);
      status(204, {}, '');
      expect(await run(args)).toMatchObject({ status: 204 });
      expect(server.asked.map(({ headers }) => headers['idempotency-key'])).toEqual([KEY, KEY]);
    }
  });

  test.each<[header: string, milliseconds: number | undefined]>([
    ['7', 7_000],
    ['0', 0],
    ['999999', 3_600_000],
    ['soon', undefined],
    ['-1', undefined],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Fri, 31 Dec 2199 23:59:59 GMT', 3_600_000],
  ])('retry-after: %s', async (header, milliseconds) => {
    for (const code of [429, 503]) {
      status(code, { 'retry-after': header });
      const error = await failure({ method: 'GET', url: `${at}/` });
      if (milliseconds === undefined) expect(error).not.toBeInstanceOf(RetryAfter);
      else expect(error).toMatchObject({ name: 'RetryAfter', milliseconds });
    }
  });

  test('a connection that is refused, or cut before the answer, is tried again', async () => {
    const closed = await startHttpTarget();
    await closed.stop();
    const hosts = [{ host: `127.0.0.1:${String(closed.port)}`, private: true }];
    const refused = await failure(
      { method: 'GET', url: `http://127.0.0.1:${String(closed.port)}/` },
      { hosts },
    );
    expect(refused.message).toContain('ECONNREFUSED');
    server.answers = (_, response) => response.destroy();
    const cut = await failure({ method: 'PUT', url: `${at}/` });
    expect(cut.message).toContain('after the request was sent');
    for (const error of [refused, cut]) expect(error).not.toBeInstanceOf(PermanentError);
  });
});

describe('what is tried once: a POST or PATCH that the host does not deduplicate', () => {
  test.each<[method: string, deduplicates: boolean, attempts: number | undefined]>([
    ['POST', false, 1],
    ['PATCH', false, 1],
    ['POST', true, undefined],
    ['PATCH', true, undefined],
    ['GET', false, undefined],
    ['HEAD', false, undefined],
    ['PUT', false, undefined],
    ['DELETE', false, undefined],
  ])('%s, deduplicates: %s, may be tried %s times', (method, deduplicates, attempts) => {
    const action = createHttp(inside({ deduplicates }));
    if (typeof action.attempts !== 'function') throw new TypeError('attempts depend on the arguments');
    expect(action.attempts({ method, url: `${at}/` })).toBe(attempts);
  });

  const both =
    /may or may not have taken effect.*Look for it at 127\.0\.0\.1.*Idempotency-Key (a1)+\).*propose it again only if it did not/;
  test.each<{ said: string; answers: HttpTarget['answers']; why: string }>([
    { said: 'the connection is cut', answers: (_, r) => r.destroy(), why: 'socket hang up' },
    { said: 'no answer comes', answers: () => undefined, why: 'no answer within 400 ms' },
    { said: '500', answers: (_, r) => r.writeHead(500).end('oops'), why: 'answered 500: oops' },
    { said: '504', answers: (_, r) => r.writeHead(504, { 'retry-after': '1' }).end(), why: 'answered 504' },
  ])('$said: both outcomes are told', async ({ answers, why }) => {
    server.answers = answers;
    for (const method of ['POST', 'PATCH']) {
      const error = await failure({ method, url: `${at}/`, body: {} });
      expect(error).toBeInstanceOf(PermanentError);
      expect(error.message).toContain(why);
      expect(error.message).toMatch(both);
    }
    expect(server.asked).toHaveLength(2);
  });

  test('where the host deduplicates, the same is tried again', async () => {
    server.answers = (_, response, nth) => (nth === 1 ? response.destroy() : response.end('done'));
    const options = { hosts: inside({ deduplicates: true }) };
    const args = { method: 'POST', url: `${at}/`, body: {} };
    expect(await failure(args, options)).not.toBeInstanceOf(PermanentError);
    expect(await run(args, options)).toMatchObject({ body: 'done' });
    expect(server.asked.map(({ headers }) => headers['idempotency-key'])).toEqual([KEY, KEY]);
  });

  test('a host that declines says when it may be proposed again', async () => {
    server.answers = (_, response) => response.writeHead(429, { 'retry-after': '7' }).end();
    const error = await failure({ method: 'POST', url: `${at}/` });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain('tried once only');
    expect(error.message).toContain('propose it again, not before 7 s have passed');
  });

  test('before anything was sent it is tried again at once', async () => {
    const { lookup, asked } = dns({
      'api.test': [new Error('EAI_AGAIN'), new Error('EAI_AGAIN'), ['127.0.0.1']],
    });
    const hosts = [{ host: `api.test:${String(server.port)}`, private: true }];
    const args = { method: 'POST', url: `http://api.test:${String(server.port)}/` };
    expect(await run(args, { hosts, lookup })).toMatchObject({ status: 200 });
    expect([asked.length, server.asked.length]).toEqual([3, 1]);
  });

  test('and where nothing can be sent, it says that nothing was', async () => {
    const { lookup, asked } = dns({});
    const hosts = [{ host: 'api.test' }];
    const error = await failure({ method: 'POST', url: 'https://api.test/' }, { hosts, lookup });
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toBe(
      'api.test: api.test could not be resolved: ENOTFOUND. Nothing was sent: propose it again',
    );
    expect(asked).toHaveLength(3);
  });
});

describe('time', () => {
  let silent: Server;
  let port: number;
  beforeAll(async () => {
    silent = createServer((socket) => {
      socket.on('error', () => undefined).resume(); // accepts, and never says a word
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    port = (silent.address() as AddressInfo).port;
  });
  afterAll(() => new Promise((resolve) => silent.close(resolve)));

  test('a TLS handshake that hangs is no connection: nothing was sent', async () => {
    const hosts = [{ host: `127.0.0.1:${String(port)}`, private: true }];
    const error = await failure({ method: 'POST', url: `https://127.0.0.1:${String(port)}/` }, { hosts });
    expect(error.message).toContain('no connection within 400 ms. Nothing was sent');
  });

  test('a resolution that hangs', async () => {
    const lookup = (): void => undefined;
    const hosts = [{ host: 'api.test' }];
    const error = await failure({ method: 'GET', url: 'https://api.test/' }, { hosts, lookup });
    expect(error.message).toContain('api.test could not be resolved: no answer within 400 ms');
  });

  test('a body that drips has its end with the attempt', async () => {
    let dripping: NodeJS.Timeout | undefined;
    server.answers = (_, response) => {
      dripping = setInterval(() => response.write('.'), 50);
    };
    const error = await failure({ method: 'GET', url: `${at}/` }, { limits: { ...limits, total: 600 } });
    clearInterval(dripping);
    expect(error.message).toContain('its body broke off');
  });

  test.each<{ said: string; method: string; sent: boolean; ends: string }>([
    { said: 'a GET', method: 'GET', sent: true, ends: 'cancelled' },
    { said: 'a POST that was sent', method: 'POST', sent: true, ends: 'may or may not have taken effect' },
    { said: 'a POST that was not sent', method: 'POST', sent: false, ends: 'cancelled' },
  ])('cancelled: $said', async ({ method, sent, ends }) => {
    const controller = new AbortController();
    const reason = new Error('CANCELLED'); // as Temporal's CancelledFailure says it
    server.answers = () => {
      controller.abort(reason);
    };
    const hosts = [{ host: `api.test:${String(server.port)}`, private: true }];
    const lookup = sent ? dns({ 'api.test': [['127.0.0.1']] }).lookup : () => controller.abort(reason);
    const args = { method, url: `http://api.test:${String(server.port)}/` };
    const error = await failure(args, { hosts, lookup, signal: controller.signal });
    if (ends === 'cancelled') expect(error).toBe(reason);
    else expect(error.message).toContain(ends);
  });

  test('a worker that stops before anything was sent has no attempt to leave it to', async () => {
    const controller = new AbortController();
    const lookup = (): void => {
      controller.abort(new Error('WORKER_SHUTDOWN'));
    };
    const options = { hosts: [{ host: 'api.test' }], lookup, signal: controller.signal };
    const error = await failure({ method: 'POST', url: 'https://api.test/' }, options);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain('Nothing was sent: propose it again');
  });
});

describe('redirects', () => {
  const names = dns({ 'a.test': [['127.0.0.1']], 'b.test': [['127.0.0.1']] });
  const url = (name: string, path = '/') => `http://${name}.test:${String(server.port)}${path}`;
  const both = (more: Partial<HostConfig> = {}): Hosts => [
    { host: `a.test:${String(server.port)}`, private: true, headers: { authorization: SECRET }, ...more },
    { host: `b.test:${String(server.port)}`, private: true, headers: { 'x-api-key': 'b-key-12' } },
  ];
  const to = (location: string, status = 302) => {
    server.answers = (_, response, nth) =>
      nth === 1 ? response.writeHead(status, { location }).end() : response.end('there');
  };
  const headers = { accept: 'text/plain', 'x-trace': '7', cookie: 'c=1' };
  const options = () => ({ hosts: both(), lookup: names.lookup });

  test.each([301, 302, 303, 307, 308])(
    'a GET follows %d on its host, with all of its headers',
    async (status) => {
      to('/there?a=b#c', status);
      expect(await run({ method: 'GET', url: url('a'), headers }, options())).toMatchObject({
        body: 'there',
      });
      expect(server.asked.map(({ path }) => path)).toEqual(['/', '/there?a=b']);
      for (const one of server.asked)
        expect(one.headers).toMatchObject({ ...headers, authorization: SECRET, 'idempotency-key': KEY });
    },
  );

  test('another host gets its own configured headers, and neither ours nor the proposal’s', async () => {
    to(url('b', '/there'));
    await run({ method: 'HEAD', url: url('a'), headers }, options());
    const [, second] = server.asked;
    expect(second).toMatchObject({ method: 'HEAD', path: '/there' });
    expect(second!.headers).toEqual({
      host: `b.test:${String(server.port)}`,
      connection: 'close',
      accept: 'text/plain',
      'accept-encoding': 'identity',
      'idempotency-key': KEY,
      'user-agent': 'countersign',
      'x-api-key': 'b-key-12',
    });
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('a %s does not follow', async (method) => {
    to(`/${SECRET}\u0085${'x'.repeat(1_000)}`.replaceAll('\u0085', '%0a'), 307);
    const error = await failure({ method, url: url('a') }, options());
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain(`redirects to /***`);
    expect(error.message).toContain(`A ${method} does not follow: what was approved is what runs`);
    expect(error.message.length).toBeLessThan(600);
    expect(server.asked).toHaveLength(1);
  });

  test('at most five', async () => {
    server.answers = (_, response, nth) => response.writeHead(302, { location: `/${String(nth)}` }).end();
    const error = await failure({ method: 'GET', url: url('a') }, options());
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain('redirects to /6, after 5 other redirects');
    expect(server.asked).toHaveLength(6);
  });

  test.each<[location: string, why: string]>([
    ['https://evil.example/', 'evil.example is not an allowed host'],
    ['//evil.example/', 'evil.example is not an allowed host'],
    ['http://u:p@a.test/', 'no URL that may be requested'],
    ['http://[::1', 'no URL that may be requested'],
    [`/${'x'.repeat(3_000)}`, 'no URL that may be requested'],
    ['file:///etc/passwd', 'only https:// and http:// can be requested'],
    ['gopher://a.test/', 'only https:// and http:// can be requested'],
    ['javascript:alert(1)', 'only https:// and http:// can be requested'],
    ['http://localhost/', 'localhost is not an allowed host'],
    ['http://2130706433/', '127.0.0.1 is not an allowed host'],
  ])('to %s is refused', async (location, why) => {
    to(location);
    const error = await failure({ method: 'GET', url: url('a') }, options());
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain(why);
    expect(server.connections).toBe(1);
  });

  test.each([300, 304, 302])('%d that leads nowhere ends it', async (status) => {
    server.answers = (_, response) => response.writeHead(status).end();
    const error = await failure({ method: 'GET', url: url('a') }, options());
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain(`answered ${String(status)}`);
  });
});
