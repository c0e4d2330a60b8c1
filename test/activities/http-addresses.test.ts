/**
 * Where the `http` action must not get to: every row is refused, and a server that listens on loopback, on the very
 * port that the URL names, sees nobody come.
 */
import net from 'node:net';
import { PermanentError } from '../../src/actions/action';
import { checkArgs } from '../../src/actions/check';
import { createHttp } from '../../src/actions/http';
import { refusedAddress } from '../../src/actions/http-address';
import type { HostConfig, Hosts } from '../../src/actions/http-hosts';
import { dns, startHttpTarget, type HttpTarget } from '../support/http-target';

let server: HttpTarget;
beforeAll(async () => {
  server = await startHttpTarget();
});
beforeEach(() => {
  server.reset();
});
afterAll(() => server.stop());

const context = () => ({
  key: 'k'.repeat(64),
  workflowId: 'w',
  digest: 'd'.repeat(64),
  signal: new AbortController().signal,
});
const limits = { connect: 2_000, headers: 2_000, idle: 2_000, total: 5_000 };
/** Plain http on the server's port, but public addresses only. */
const open = (host: string): HostConfig => ({ host: `${host}:${String(server.port)}`, http: true });

async function refusal(run: Promise<unknown>): Promise<string> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PermanentError);
  return (error as Error).message;
}

/** Refused before anybody is asked, and again where somebody runs it all the same. */
async function refusedFromItsText(hosts: Hosts, url: string): Promise<string> {
  const { lookup, asked } = dns({});
  const action = createHttp(hosts, { limits, lookup });
  const args = { method: 'GET', url };
  const checked = checkArgs(action, args);
  if (checked.ok || !('run' in action)) throw new Error('it was admitted');
  expect(await refusal(action.run(args, context()))).toBe(checked.message.replace(/^args\.url/, 'url'));
  expect({ connections: server.connections, asked }).toEqual({ connections: 0, asked: [] });
  return checked.message;
}

const REFUSED = 'ADDRESS_REFUSED: ';
/** As a URL writes it, and what it is. */
const LITERALS: [host: string, what: string, kind: string][] = [
  ['127.0.0.1', 'loopback', '(loopback)'],
  ['127.1.2.3', 'all of loopback', '(loopback)'],
  ['0.0.0.0', 'unspecified', '(unspecified)'],
  ['0.1.2.3', 'this network', '(unspecified)'],
  ['10.0.0.1', 'private', '(private)'],
  ['172.16.0.1', 'private', '(private)'],
  ['172.31.255.255', 'private, its last', '(private)'],
  ['192.168.1.1', 'private', '(private)'],
  ['100.64.0.1', 'carrier-grade NAT', '(carrier-grade-nat)'],
  ['100.127.255.254', 'carrier-grade NAT, its last', '(carrier-grade-nat)'],
  ['169.254.0.1', 'link-local', '(link-local)'],
  ['169.254.169.254', 'cloud metadata', '(link-local)'],
  ['192.0.0.1', 'protocol assignments', '(reserved)'],
  ['192.0.0.192', "another cloud's metadata", '(reserved)'],
  ['192.0.2.1', 'documentation', '(reserved)'],
  ['198.51.100.1', 'documentation', '(reserved)'],
  ['203.0.113.1', 'documentation', '(reserved)'],
  ['198.18.0.1', 'benchmarking', '(reserved)'],
  ['198.19.255.255', 'benchmarking, its last', '(reserved)'],
  ['192.88.99.1', '6to4 relays', '(reserved)'],
  ['224.0.0.1', 'multicast', '(multicast)'],
  ['239.255.255.255', 'multicast, its last', '(multicast)'],
  ['240.0.0.1', 'reserved', '(reserved)'],
  ['255.255.255.255', 'broadcast', '(broadcast)'],
  ['[::]', 'unspecified', '(unspecified)'],
  ['[::1]', 'loopback', '(loopback)'],
  ['[::7f00:1]', 'IPv4-compatible loopback', '(reserved)'],
  ['[::a9fe:a9fe]', 'IPv4-compatible metadata', '(reserved)'],
  ['[::ffff:7f00:1]', 'IPv4-mapped loopback', '(ipv4-mapped)'],
  ['[::ffff:a9fe:a9fe]', 'IPv4-mapped metadata', '(ipv4-mapped)'],
  ['[::ffff:808:808]', 'IPv4-mapped, though public', '(ipv4-mapped)'],
  ['[::ffff:0:7f00:1]', 'IPv4-translated loopback', '(rfc6145)'],
  ['[64:ff9b::7f00:1]', 'NAT64 loopback', '(rfc6052)'],
  ['[64:ff9b::a9fe:a9fe]', 'NAT64 metadata', '(rfc6052)'],
  ['[64:ff9b:1::a00:1]', 'local NAT64', '(rfc6052)'],
  ['[2002:7f00:1::]', '6to4 loopback', '(6to4)'],
  ['[2002:a9fe:a9fe::1]', '6to4 metadata', '(6to4)'],
  ['[2001::5601:5601]', 'Teredo', '(teredo)'],
  ['[2001:0:7f00:1::]', 'Teredo with a loopback server', '(teredo)'],
  ['[fe80::1]', 'link-local', '(link-local)'],
  ['[fec0::1]', 'site-local', '(deprecated-site-local)'],
  ['[fc00::1]', 'unique local', '(unique-local)'],
  ['[fd00:ec2::254]', 'cloud metadata over IPv6', '(unique-local)'],
  ['[ff02::1]', 'multicast', '(multicast)'],
  ['[100::1]', 'discard only', '(discard)'],
  ['[2001:db8::1]', 'documentation', '(reserved)'],
  ['[3fff::1]', 'documentation', '(reserved)'],
  ['[2001:2::1]', 'benchmarking', '(benchmarking)'],
  ['[2001:10::1]', 'ORCHID', '(deprecated-orchid)'],
  ['[5f00::1]', 'segment routing', '(segment-routing)'],
  ['[4000::1]', 'nothing that was given out', '(reserved)'],
];

test.each(LITERALS)('a URL that names %s (%s)', async (host, _what, kind) => {
  const message = await refusedFromItsText([open(host)], `http://${host}:${String(server.port)}/`);
  expect(message).toContain(`${REFUSED}${net.isIP(host) === 0 ? host.slice(1, -1) : host} is not a public`);
  expect(message).toContain(kind);
});

test.each(LITERALS)('a name that resolves to %s (%s)', async (host, _what, kind) => {
  const address = host.replace(/[[\]]/g, '');
  const { lookup, asked } = dns({ 'api.test': [[address]] });
  const { run } = createHttp([open('api.test')], { limits, lookup });
  const url = `http://api.test:${String(server.port)}/`;
  const message = await refusal(run({ method: 'GET', url }, context()));
  expect(message).toContain(
    `${REFUSED}api.test resolves to ${address}, which is not a public address ${kind}`,
  );
  expect({ connections: server.connections, asked }).toEqual({ connections: 0, asked: ['api.test'] });
});

test.each(LITERALS)('a redirect to %s (%s)', async (host, _what, kind) => {
  const to = `http://${host}:${String(server.port)}/`;
  server.answers = (_, response) => response.writeHead(302, { location: to }).end();
  const { lookup } = dns({ 'api.test': [['127.0.0.1']] });
  const start = { host: `api.test:${String(server.port)}`, private: true };
  const { run } = createHttp([start, open(host)], { limits, lookup });
  const message = await refusal(
    run({ method: 'GET', url: `http://api.test:${String(server.port)}/` }, context()),
  );
  expect(message).toContain(`redirects to ${to}: ${REFUSED}`);
  expect(message).toContain(kind);
  expect(server.connections).toBe(1); // the one that was approved
});

/** What the URL parser makes 127.0.0.1, 169.254.169.254 or a local name of. */
test.each([
  ['2130706433', '127.0.0.1'],
  ['0x7f000001', '127.0.0.1'],
  ['0x7f.1', '127.0.0.1'],
  ['0177.0.0.1', '127.0.0.1'],
  ['017700000001', '127.0.0.1'],
  ['127.1', '127.0.0.1'],
  ['127.0.1', '127.0.0.1'],
  ['127.0.0.1.', '127.0.0.1'],
  ['0', '0.0.0.0'],
  ['2852039166', '169.254.169.254'],
  ['0xa9fea9fe', '169.254.169.254'],
  ['169.254.43518', '169.254.169.254'],
  ['0xA9.0376.0xa9.0376', '169.254.169.254'],
  ['%31%32%37.0.0.1', '127.0.0.1'],
  ['①②⑦.⓪.⓪.①', '127.0.0.1'],
  ['127。0。0。1', '127.0.0.1'],
  ['134744072', '8.8.8.8'],
  ['[0:0:0:0:0:0:0:1]', '[::1]'],
  ['[::127.0.0.1]', '[::7f00:1]'],
  ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ['[0000::1]', '[::1]'],
  ['[64:ff9b::169.254.169.254]', '[64:ff9b::a9fe:a9fe]'],
])(
  'an odd spelling, %s, of %s is refused even where that host is open to anything',
  async (written, host) => {
    const inside = { host: `${host}:${String(server.port)}`, private: true, http: true };
    const message = await refusedFromItsText([inside], `http://${written}:${String(server.port)}/`);
    expect(message).toMatch(/ADDRESS_REFUSED: the host must be spelled |without the dot at its end/);
  },
);

test.each([
  ['localhost', 'ADDRESS_REFUSED: localhost is this machine'],
  ['api.localhost', 'ADDRESS_REFUSED: api.localhost is this machine'],
  ['LOCALHOST', 'ADDRESS_REFUSED: localhost is this machine'],
  ['localhost.', 'without the dot at its end: localhost'],
  ['api.test.', 'without the dot at its end: api.test'],
  ['ａpi.test', 'as it will be looked up: api.test'],
  ['аpi.test', 'as it will be looked up: xn--pi-6kc.test'],
  ['a%70i.test', 'as it will be looked up: api.test'],
  ['other.test', 'is not an allowed host (localhost:'],
  ['xapi.test', 'is not an allowed host (localhost:'],
  ['api.test.evil.test', 'is not an allowed host (localhost:'],
])('the name %s', async (name, why) => {
  const hosts = ['localhost', 'api.localhost', 'api.test'].map(open);
  const url = `http://${name}:${String(server.port)}/`;
  expect(await refusedFromItsText(hosts, url)).toContain(why);
});

test.each([
  ['with the private address first', ['10.0.0.1', '8.8.8.8'], '10.0.0.1'],
  ['with the public address first', ['8.8.8.8', '127.0.0.1'], '127.0.0.1'],
  ['of both families', ['2606:4700::1111', '::1'], '::1'],
])('mixed answers, %s: one that is refused refuses all', async (_said, addresses, culprit) => {
  const { lookup } = dns({ 'api.test': [addresses] });
  const connect = jest.spyOn(net.Socket.prototype, 'connect');
  const { run } = createHttp([open('api.test')], { limits, lookup });
  const url = `http://api.test:${String(server.port)}/`;
  expect(await refusal(run({ method: 'GET', url }, context()))).toContain(`api.test resolves to ${culprit}`);
  expect(connect).not.toHaveBeenCalled();
  expect(server.connections).toBe(0);
});

describe('rebinding: a name is asked once, and what was checked is what is connected to', () => {
  test('public, then loopback', async () => {
    const { lookup, asked } = dns({ 'api.test': [['8.8.8.8'], ['127.0.0.1']] });
    const given: unknown[] = [];
    // The test may reach loopback only: the socket is stopped where it has the addresses that it would connect to.
    jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(function (
      this: net.Socket,
      ...args: unknown[]
    ) {
      Object.assign(this, { connecting: true });
      const [options] = args.flat() as [net.TcpSocketConnectOpts];
      options.lookup!(options.host!, { all: true }, (_error, all) => {
        given.push(all);
        this.destroy(new Error('stopped by the test'));
      });
      return this;
    });
    const { run } = createHttp([open('api.test')], { limits, lookup });
    const url = `http://api.test:${String(server.port)}/`;
    await expect(run({ method: 'GET', url }, context())).rejects.toThrow(`api.test:${String(server.port)}: `);
    expect(given).toEqual([[{ address: '8.8.8.8', family: 4 }]]);
    expect({ connections: server.connections, asked }).toEqual({ connections: 0, asked: ['api.test'] });
  });

  test('for real: the first answer is connected to, the second is never asked for', async () => {
    const { lookup, asked } = dns({ 'api.test': [['127.0.0.1'], ['169.254.169.254']] });
    const inside = { host: `api.test:${String(server.port)}`, private: true };
    const { run } = createHttp([inside], { limits, lookup });
    const url = `http://api.test:${String(server.port)}/`;
    expect(await run({ method: 'GET', url }, context())).toMatchObject({ status: 200 });
    expect({ connections: server.connections, asked }).toEqual({ connections: 1, asked: ['api.test'] });
  });

  test('between two hops of a redirect: each hop is checked', async () => {
    server.answers = (_, response) => response.writeHead(302, { location: '/again' }).end();
    const { lookup } = dns({ 'api.test': [['127.0.0.1'], ['169.254.169.254']] });
    const inside = { host: `api.test:${String(server.port)}`, private: true };
    const { run } = createHttp([inside], { limits, lookup });
    const url = `http://api.test:${String(server.port)}/`;
    expect(await refusal(run({ method: 'GET', url }, context()))).toContain('resolves to 169.254.169.254');
    expect(server.connections).toBe(1);
  });
});

test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
  'the public address %s may be reached',
  (address) => {
    expect(refusedAddress(address, false)).toBeUndefined();
  },
);

test('private: true opens private addresses, and no others', () => {
  const opened = LITERALS.map(([host]) => host.replace(/[[\]]/g, '')).filter(
    (address) => refusedAddress(address, true) === undefined,
  );
  expect(opened).toEqual([
    ...['127.0.0.1', '127.1.2.3', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['100.64.0.1', '100.127.255.254', '::1', 'fc00::1', 'fd00:ec2::254'],
  ]);
});
