/** How one connects: the `temporal` CLI's profiles, API keys and client certificates, for clients and for workers alike. */
import { type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../src/workflows/messages';
import { background, COUNTERSIGN, endGroup, run, temporaryDirectory } from '../support/app';
import { startDevServer, type DevServer } from '../support/dev-server';
import { certificates, grpcProxy, type Certificates, type GrpcProxy } from '../support/grpc-proxy';

const directory = temporaryDirectory();
const workers: ChildProcess[] = [];
const proxies: GrpcProxy[] = [];
let server: DevServer;
let certs: Certificates;

beforeAll(async () => {
  certs = certificates(directory.path);
  server = await startDevServer();
  expect((await ours(['setup'], { TEMPORAL_ADDRESS: server.address })).code).toBe(0);
});

afterAll(async () => {
  for (const child of workers) await endGroup(child, 'SIGKILL');
  for (const proxy of proxies) await proxy.close();
  await server.stop();
  directory.remove();
});

/** Nothing of the machine's own profiles. */
const environment = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: directory.path,
  COUNTERSIGN_DATA: join(directory.path, 'data'),
  NO_COLOR: '1',
  ...more,
});
const ours = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  run(process.execPath, [COUNTERSIGN, ...args], environment(env));

async function behind(options: Omit<Parameters<typeof grpcProxy>[0], 'to'>): Promise<GrpcProxy> {
  const proxy = await grpcProxy({ to: server.address, ...options });
  proxies.push(proxy);
  return proxy;
}

function configFile(text: string): NodeJS.ProcessEnv {
  const file = join(directory.path, 'temporal.toml');
  writeFileSync(file, text);
  return { TEMPORAL_CONFIG_FILE: file };
}

/** A worker that is ready has spoken to the server over its own kind of connection. */
async function worksFor(env: NodeJS.ProcessEnv): Promise<Record<string, unknown>> {
  const { child, ready } = await background(['worker', '--health-port', '0'], environment(env));
  workers.push(child);
  const response = await fetch(`${String(ready['health'])}/readyz`);
  expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}\n']);
  await endGroup(child, 'SIGTERM');
  expect(child.exitCode).toBe(0);
  return ready;
}

it('a profile of the file is used by name, and a variable goes over it', async () => {
  const env = configFile(
    `[profile.elsewhere]\naddress = "127.0.0.1:1"\nnamespace = "none"\n[profile.here]\naddress = "${server.address}"\nnamespace = "default"\n`,
  );
  expect(await worksFor({ ...env, TEMPORAL_PROFILE: 'here' })).toMatchObject({
    address: server.address,
    namespace: 'default',
  });
  const elsewhere = await ours(['inbox'], { ...env, TEMPORAL_PROFILE: 'elsewhere' });
  expect(elsewhere.code).toBe(3);
  expect(elsewhere.err).toContain('127.0.0.1:1');
  const over = {
    TEMPORAL_PROFILE: 'elsewhere',
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: 'default',
  };
  expect((await ours(['inbox'], { ...env, ...over })).out).toBe('Nothing waits.\n');
});

it('an API key turns TLS on, and goes with every call of client and worker', async () => {
  const key = 'cloud-key-1';
  const proxy = await behind({ tls: certs.server });
  const env = {
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_API_KEY: key,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certs.ca,
    TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
  };
  const inbox = await ours(['inbox'], env);
  expect([inbox.out, inbox.err]).toEqual(['Nothing waits.\n', '']);
  await worksFor(env);
  expect(new Set(proxy.calls.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${key}`]));
  expect(proxy.calls.map(({ path }) => path)).toContainEqual(
    expect.stringContaining('PollWorkflowTaskQueue'),
  );
  // Without a certificate authority that vouches for the server the key stays here.
  const before = proxy.calls.length;
  const { code, err } = await ours(['inbox'], { TEMPORAL_ADDRESS: proxy.address, TEMPORAL_API_KEY: key });
  expect([code, proxy.calls.length]).toEqual([3, before]);
  expect(err).not.toContain(key);
});

it('client certificates from variables or from a profile, for client and worker; without them nobody gets in', async () => {
  const proxy = await behind({ tls: { ...certs.server, clientCa: certs.ca } });
  const variables = {
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_TLS_CLIENT_CERT_PATH: certs.client.cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: certs.client.key,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certs.ca,
    TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
  };
  expect((await ours(['inbox'], variables)).out).toBe('Nothing waits.\n');
  await worksFor(variables);
  const profile = configFile(
    [
      '[profile.prod]',
      `address = "${proxy.address}"`,
      '[profile.prod.tls]',
      `client_cert_path = "${certs.client.cert}"`,
      `client_key_path = "${certs.client.key}"`,
      `server_ca_cert_path = "${certs.ca}"`,
    ].join('\n'),
  );
  await worksFor({ ...profile, TEMPORAL_PROFILE: 'prod' });
  const before = proxy.calls.length;
  const without = {
    TEMPORAL_ADDRESS: proxy.address,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: certs.ca,
  };
  for (const command of ['inbox', 'worker']) expect((await ours([command], without)).code).toBe(3);
  expect(proxy.calls).toHaveLength(before);
});

describe('where the operator service is not for us, as on Temporal Cloud', () => {
  const operator = (code: number) => (path: string) => (path.includes('OperatorService') ? code : undefined);

  it('a worker starts all the same where the attributes are there', async () => {
    const proxy = await behind({ refuse: operator(7) });
    await worksFor({ TEMPORAL_ADDRESS: proxy.address });
    expect(
      (await ours(['setup'], { TEMPORAL_ADDRESS: proxy.address })).out.match(/was there$/gm),
    ).toHaveLength(SEARCH_ATTRIBUTES.length);
  });

  it.each([
    {
      code: 12,
      owner: 'Temporal Cloud',
      says: [/tcld namespace search-attributes add --namespace bare/],
      not: /temporal operator/,
    },
    {
      code: 7,
      owner: 'either',
      says: [/temporal operator search-attribute create/, /tcld namespace/],
      not: /removed/,
    },
  ])('setup says what to run where they are not: status $code, $owner', async ({ code, says, not }) => {
    const bare = await startDevServer('--namespace', 'bare');
    try {
      const proxy = await grpcProxy({ to: bare.address, refuse: operator(code) });
      proxies.push(proxy);
      const ran = await ours(['setup', '--namespace', 'bare'], { TEMPORAL_ADDRESS: proxy.address });
      expect(ran.code).toBe(1);
      expect(ran.out.match(/MISSING$/gm)).toHaveLength(SEARCH_ATTRIBUTES.length);
      for (const sentence of says) expect(ran.err).toMatch(sentence);
      expect(ran.err).not.toMatch(not);
      for (const attribute of [
        'CountersignState=Keyword',
        'CountersignApprovers=KeywordList',
        'CountersignRisk=Keyword',
        'CountersignDueAt=Datetime',
      ])
        expect(ran.err).toContain(`--search-attribute "${attribute}"`);
      const worker = await ours(['worker', '--namespace', 'bare'], { TEMPORAL_ADDRESS: proxy.address });
      expect(worker.code).toBe(1);
      expect(worker.err).toMatch(/lacks search attributes: CountersignState, /);
    } finally {
      await bare.stop();
    }
  });
});

it('a server that accepts and says nothing is given up on, by the worker too', async () => {
  const { createServer } = await import('node:net');
  const silent = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const { code, err } = await ours(['worker'], { TEMPORAL_ADDRESS: `127.0.0.1:${String(port)}` });
  expect(code).toBe(3);
  expect(err).toContain(`no Temporal server answers at 127.0.0.1:${String(port)}`);
  silent.close();
}, 60_000);
