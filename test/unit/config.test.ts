/** The environment: what is understood, and that a mistake is named with the way out, and never with a secret. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentIn } from '../../src/config/deployment';
import { ConfigError, forgetVariables, readConfig, withoutVariables, type Config } from '../../src/config';
import { createChannels } from '../../src/providers/notify';

const KEY = Buffer.from('k'.repeat(32)).toString('base64');
const SECRET = `whsec_${KEY}`;
const HOOK = 'https://bot:s3cr3t@hooks.example/s3cr3t?token=s3cr3t';
const LINK = 'https://temporal.example/namespaces/default/workflows/{workflowId}';

const read = (env: Readonly<Record<string, string>>): Config => readConfig({ HOME: '/home/ana', ...env });

function refused(env: Readonly<Record<string, string>>): string {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    for (const secret of ['s3cr3t', KEY]) expect(message).not.toContain(secret);
    return message;
  }
  throw new Error('it was taken');
}

test('nothing said is nothing configured', () => {
  const empty = { COUNTERSIGN_NOTIFY: '', COUNTERSIGN_NOTIFY_SECRET: '', COUNTERSIGN_LINK: '' };
  const blank = { COUNTERSIGN_NOTIFY: ' , ', COUNTERSIGN_POLICY: '', COUNTERSIGN_REVIEWERS: '' };
  for (const env of [{}, empty, blank])
    expect(read(env)).toMatchObject({ notify: undefined, policy: undefined, reviewers: undefined });
});

test('files are taken as they were named', () => {
  const env = { COUNTERSIGN_POLICY: './policy.yaml', COUNTERSIGN_REVIEWERS: '/etc/reviewers.yaml' };
  expect(read(env)).toMatchObject({ policy: './policy.yaml', reviewers: '/etc/reviewers.yaml' });
});

describe('what this installation is called', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-deployment-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['nothing', undefined, undefined],
    ['an empty name', '', undefined],
    ['a name', 'shop-production', 'shop-production'],
    ['a name with a space', 'shop production', 'shop production'],
  ])('%s', (_, said, is) => {
    expect(read(said === undefined ? {} : { COUNTERSIGN_DEPLOYMENT: said }).deployment).toBe(is);
  });

  test.each([' shop', 'shop\n', 'shöp', 'x'.repeat(201)])('%j is refused', (said) => {
    expect(refused({ COUNTERSIGN_DEPLOYMENT: said })).toBe(
      'COUNTERSIGN_DEPLOYMENT must be 1–200 printable ASCII characters, without a space at either end',
    );
  });

  test('it is another thing than the name of Worker Versioning', () => {
    const env = { TEMPORAL_DEPLOYMENT_NAME: 'workers', TEMPORAL_WORKER_BUILD_ID: '7' };
    expect(read(env)).toMatchObject({ deployment: undefined, versioning: { name: 'workers', buildId: '7' } });
  });

  test('dev makes a name of its own, once a directory, and takes what somebody wrote there', () => {
    const made = deploymentIn(folder);
    expect(made).toMatch(/^dev-[0-9a-f]{12}$/);
    expect(deploymentIn(folder)).toBe(made);
    const other = mkdtempSync(join(folder, 'other-'));
    expect(deploymentIn(other)).not.toBe(made);
    writeFileSync(join(folder, 'deployment'), '  mine\n');
    expect(deploymentIn(folder)).toBe('mine');
    writeFileSync(join(folder, 'deployment'), 'two\nlines\n');
    expect(() => deploymentIn(folder)).toThrow(
      /must hold 1–200 printable ASCII characters.* COUNTERSIGN_DEPLOYMENT/,
    );
  });
});

describe('whom to tell', () => {
  test.each([
    { said: 'console', notify: { console: true, webhooks: [] } },
    { said: ' console , console,', notify: { console: true, webhooks: [] } },
  ])('$said', ({ said, notify }) => {
    expect(read({ COUNTERSIGN_NOTIFY: said }).notify).toEqual(notify);
  });

  test('webhooks in their order, each once, with the secret and the link', () => {
    const other = 'http://127.0.0.1:9000/in';
    const { notify } = read({
      COUNTERSIGN_NOTIFY: `${HOOK}, console,${other},${HOOK}`,
      COUNTERSIGN_NOTIFY_SECRET: ` ${SECRET}\n`,
      COUNTERSIGN_LINK: LINK,
    });
    expect(notify).toEqual({
      console: true,
      webhooks: [
        { url: HOOK, secret: SECRET },
        { url: other, secret: SECRET },
      ],
      link: LINK,
    });
    expect(createChannels(notify)).toHaveLength(3);
  });

  test.each([
    'consol',
    'hooks.example/s3cr3t',
    'ftp://hooks.example/s3cr3t',
    'http://',
    'https://s3cr3t%@hooks.example',
  ])('neither: %s', (item) => {
    const message = refused({ COUNTERSIGN_NOTIFY: `console,${item}`, COUNTERSIGN_NOTIFY_SECRET: SECRET });
    expect(message).toMatch(/^COUNTERSIGN_NOTIFY: item 2 is neither console nor a webhook's URL/);
  });
});

describe('the secret', () => {
  const hooked = { COUNTERSIGN_NOTIFY: HOOK };

  test('a webhook needs one', () => {
    const message = refused(hooked);
    expect(message).toContain('set COUNTERSIGN_NOTIFY_SECRET');
    expect(message).toContain('echo "whsec_$(openssl rand -base64 32)"');
  });

  test.each([24, 32, 64])('%i bytes will do', (bytes) => {
    const secret = `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
    const { notify } = read({ ...hooked, COUNTERSIGN_NOTIFY_SECRET: secret });
    expect(notify?.webhooks).toEqual([{ url: HOOK, secret }]);
    expect(createChannels(notify)).toHaveLength(1);
  });

  test.each([
    { why: 'no prefix', secret: KEY },
    { why: 'no key', secret: 'whsec_' },
    { why: 'no base64', secret: 'whsec_s3cr3t!' },
    { why: 'no padding', secret: SECRET.replace(/=+$/, '') },
    { why: 'too short', secret: `whsec_${Buffer.alloc(23, 7).toString('base64')}` },
    { why: 'too long', secret: `whsec_${Buffer.alloc(65, 7).toString('base64')}` },
  ])('$why', ({ secret }) => {
    const message = refused({ ...hooked, COUNTERSIGN_NOTIFY_SECRET: secret });
    expect(message).toMatch(
      /^COUNTERSIGN_NOTIFY_SECRET must be whsec_ and the base64 of 24 to 64 random bytes; make/,
    );
    expect(message).not.toContain(secret.replace(/^whsec_/, '') || 'undefined');
  });

  test.each([{}, { COUNTERSIGN_NOTIFY: 'console' }])('without a webhook it is a mistake: %o', (env) => {
    expect(refused({ ...env, COUNTERSIGN_NOTIFY_SECRET: SECRET })).toBe(
      'COUNTERSIGN_NOTIFY_SECRET is set, but COUNTERSIGN_NOTIFY names no webhook; name one, or unset the secret',
    );
  });
});

describe('the link', () => {
  const linked = (link: string) => ({ COUNTERSIGN_NOTIFY: 'console', COUNTERSIGN_LINK: link });

  test.each([LINK, 'http://127.0.0.1:8233/{workflowId}', 'https://a.example/?w={workflowId}#{workflowId}'])(
    '%s',
    (link) => {
      expect(read(linked(link)).notify?.link).toBe(link);
    },
  );

  test.each([
    { link: 'https://temporal.example/', why: 'COUNTERSIGN_LINK must hold {workflowId}, such as https://' },
    { link: '{workflowId}', why: 'COUNTERSIGN_LINK must be a URL that starts with https:// or http://' },
    {
      link: 'javascript:alert({workflowId})',
      why: 'COUNTERSIGN_LINK must be a URL that starts with https://',
    },
    { link: 'https://{workflowId}.example/', why: 'COUNTERSIGN_LINK must be a URL' },
    { link: 'https://a.example:{workflowId}/', why: 'COUNTERSIGN_LINK must be a URL' },
    { link: 'https://{workflowId}@a.example/', why: 'COUNTERSIGN_LINK must be a URL' },
    { link: 'https://ana:s3cr3t@a.example/{workflowId}', why: 'COUNTERSIGN_LINK must be a URL' },
    {
      link: 'https://a.example/{namespace}/{workflowId}',
      why: 'COUNTERSIGN_LINK: {namespace} is not known; its one placeholder is {workflowId}',
    },
    { link: 'https://a.example/{workflowId}/{', why: 'COUNTERSIGN_LINK: { is not known' },
  ])('not $link', ({ link, why }) => {
    expect(refused(linked(link)).slice(0, why.length)).toBe(why);
  });

  test('with nobody to tell it is a mistake', () => {
    expect(refused({ COUNTERSIGN_LINK: LINK })).toBe(
      'COUNTERSIGN_LINK is set, but COUNTERSIGN_NOTIFY names no channel to send it; set it to console or a URL',
    );
  });
});

describe('metrics', () => {
  test.each([
    { said: '127.0.0.1:9464', address: '127.0.0.1:9464' },
    { said: 'localhost:9464', address: '127.0.0.1:9464' },
    { said: '0.0.0.0:9464', address: '0.0.0.0:9464' },
    { said: '[::1]:9464', address: '[::1]:9464' },
  ])('$said', ({ said, address }) => {
    expect(read({ COUNTERSIGN_METRICS: said }).telemetry.metrics).toEqual({ address, every: 60_000 });
  });

  test('are off where nothing is said', () => {
    expect(read({}).telemetry.metrics).toBeUndefined();
    expect(read({ COUNTERSIGN_METRICS: '' }).telemetry.metrics).toBeUndefined();
  });

  test.each([
    '9464',
    ':9464',
    'metrics.example:9464',
    '127.0.0.1:0',
    '127.0.0.1:70000',
    '::1:9464',
    'http://127.0.0.1:1',
  ])('%s is refused, with an address that would do', (said) => {
    expect(refused({ COUNTERSIGN_METRICS: said })).toMatch(
      /COUNTERSIGN_METRICS=.* such as 127\.0\.0\.1:9464/,
    );
  });

  test('how often gates are looked at', () => {
    const env = { COUNTERSIGN_METRICS: '127.0.0.1:9464' };
    const every = '10 seconds';
    expect(read({ ...env, COUNTERSIGN_METRICS_EVERY: every }).telemetry.metrics?.every).toBe(10_000);
    for (const wrong of ['0', '10ms', '2 hours', 'often'])
      expect(refused({ ...env, COUNTERSIGN_METRICS_EVERY: wrong })).toContain('from "1 second" to "1 hour"');
    expect(refused({ COUNTERSIGN_METRICS_EVERY: every })).toContain('COUNTERSIGN_METRICS is not');
  });
});

describe('traces', () => {
  const url = 'http://127.0.0.1:4318';
  test.each([
    { said: 'nothing', env: {}, traces: undefined },
    { said: 'off', env: { COUNTERSIGN_TRACES: 'off', OTEL_EXPORTER_OTLP_ENDPOINT: url }, traces: undefined },
    {
      said: 'a collector',
      env: { COUNTERSIGN_TRACES: `${url}/` },
      traces: { url: `${url}/v1/traces`, serviceName: 'countersign' },
    },
    {
      said: "OpenTelemetry's own variables",
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SERVICE_NAME: 'gates' },
      traces: { url: undefined, serviceName: 'gates' },
    },
    {
      said: 'both: ours counts',
      env: {
        COUNTERSIGN_TRACES: url,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      },
      traces: { url: `${url}/v1/traces`, serviceName: 'countersign' },
    },
    {
      said: 'OpenTelemetry turned off',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_SDK_DISABLED: 'true' },
      traces: undefined,
    },
    {
      said: 'OpenTelemetry for metrics alone',
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_EXPORTER: 'none' },
      traces: undefined,
    },
  ])('$said', ({ env, traces }) => {
    expect(read(env as Record<string, string>).telemetry.traces).toEqual(traces);
  });

  test('what could not work is refused', () => {
    expect(refused({ COUNTERSIGN_TRACES: 'collector:4318' })).toContain(
      'such as http://127.0.0.1:4318, or off',
    );
    const grpc = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(refused(grpc)).toContain('set COUNTERSIGN_TRACES to a URL');
  });
});

test('our own variables are forgotten, however they are written, and no other', () => {
  const others = { HOME: '/home/ana', TEMPORAL_ADDRESS: 'x', MY_COUNTERSIGN_X: '1' };
  const env = { ...others, COUNTERSIGN_STORE: 'postgresql://a:b@c', countersign_key_passphrase: 'x' };
  expect(withoutVariables(env)).toEqual(others);
  expect(env.COUNTERSIGN_STORE).toBe('postgresql://a:b@c');
  forgetVariables(env);
  expect(env).toEqual(others);
});
