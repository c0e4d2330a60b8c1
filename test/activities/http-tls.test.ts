/** The `http` action over TLS. What is trusted is read when a process starts, so it runs in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { certificateFor } from '../support/certificate';

const repository = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'countersign-tls-'));
const { cert, key } = certificateFor(['api.test']);

let server: Server;
let port: string;
let asked: string[];

beforeAll(async () => {
  server = createServer({ cert, key }, (incoming, response) => {
    asked.push(`${incoming.method ?? ''} ${incoming.headers.host ?? ''}${incoming.url ?? ''}`);
    if (incoming.url === '/down') response.writeHead(302, { location: 'http://api.test/' }).end();
    else response.end('trusted');
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = String((server.address() as AddressInfo).port);
  writeFileSync(path.join(folder, 'cert.pem'), cert);
  writeFileSync(
    path.join(folder, 'program.cjs'),
    `const { createHttp } = require(${JSON.stringify(path.join(repository, 'src/actions/http'))});
const [url] = process.argv.slice(2);
const hosts = [
  { host: 'api.test:${port}', private: true }, { host: 'other.test:${port}', private: true },
  { host: 'api.test', private: true, http: true },
];
const lookup = (_, options, callback) => setImmediate(callback, null, [{ address: '127.0.0.1', family: 4 }]);
const context = { key: 'k', workflowId: 'w', digest: 'd', signal: new AbortController().signal };
createHttp(hosts, { lookup }).run({ method: 'GET', url }, context)
  .then(({ body }) => body, (error) => error.name + ' ' + error.message)
  .then((text) => process.stdout.write(text));`,
  );
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function answer(url: string, trusted: boolean): Promise<string> {
  const tsx = path.join(repository, 'node_modules/tsx/dist/cjs/index.cjs');
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', tsx, path.join(folder, 'program.cjs'), url],
    {
      env: trusted ? { ...env, NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem') } : env,
      timeout: 30_000,
    },
  );
  return stdout;
}

test('a host whose certificate is trusted is asked by its name', async () => {
  expect(await answer(`https://api.test:${port}/a`, true)).toBe('trusted');
  expect(asked).toEqual([`GET api.test:${port}/a`]);
});

test.each([
  { said: 'is for another name', host: 'other.test', trusted: true, why: "not match certificate's altnames" },
  { said: 'nobody trusts', host: 'api.test', trusted: false, why: 'self-signed certificate' },
])('a host whose certificate $said is told nothing', async ({ host, trusted, why }) => {
  const text = await answer(`https://${host}:${port}/`, trusted);
  expect(text).toContain(why);
  expect(text).toMatch(/^Error /); // tried again: certificates get renewed
  expect(asked).toEqual([]);
});

test('a redirect does not lead from https to http, even to a host that may be reached so', async () => {
  const text = await answer(`https://api.test:${port}/down`, true);
  expect(text).toBe(`PermanentError api.test:${port} redirects to http://api.test/, away from https://`);
  expect(asked).toEqual([`GET api.test:${port}/down`]);
});
