// The files in deploy/ against the schemas of those who read them, and against each other. Each validator is first
// shown a file that is wrong: one that lets anything pass would be no use.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import ms, { type StringValue } from 'ms';
import { parse, parseAllDocuments } from 'yaml';

const root = path.resolve(__dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

type Tree = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any -- YAML, taken apart

/** A copy in which the value at a path (keys joined by dots) is another one. */
function changed(tree: Tree, at: string, value: unknown): Tree {
  const copy = structuredClone(tree);
  const keys = at.split('.');
  const last = keys.pop() ?? '';
  const inner = keys.reduce<Tree>((node, key) => node[key] as Tree, copy);
  inner[last] = value;
  return copy;
}

function problems(validate: ValidateFunction, tree: unknown): string[] {
  if (validate(tree)) return [];
  return (validate.errors ?? []).map(({ instancePath, message = '', params }) =>
    `${instancePath} ${message} ${Object.values(params as object).join(' ')}`.trim(),
  );
}

/** Seconds of `45s`, `30 seconds`. */
const seconds = (text: unknown) => ms(String(text) as StringValue) / 1000;

/** What follows a flag in a list of arguments. */
const flag = (args: readonly string[], name: string) => args[args.indexOf(name) + 1];

describe('deploy/compose.yaml', () => {
  const text = read('deploy/compose.yaml');
  const file = parse(text, { merge: true }) as Tree;
  const services = file['services'] as Record<string, Tree>;
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  // ajv knows draft 7 by its http address; the file names it by https.
  const schema = JSON.parse(read('test/support/schemas/compose-spec.json')) as Tree;
  const validate = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#' });

  test('is what the Compose Specification says', () => {
    expect(problems(validate, file)).toEqual([]);
  });

  test.each([
    { said: 'a misspelt key', at: 'services.worker.stop_graceperiod', value: '45s', why: /stop_graceperiod/ },
    { said: 'a wrong type', at: 'services.worker.command', value: 3, why: /worker\/command must be/ },
    {
      said: 'a condition that is none',
      at: 'services.worker.depends_on.setup.condition',
      value: 'done',
      why: /condition/,
    },
  ])('with $said is refused', ({ at, value, why }) => {
    expect(problems(validate, changed(file, at, value)).join('\n')).toMatch(why);
  });

  test('names the exact version of every image', () => {
    const images = Object.values(services).map(({ image }) => String(image));
    expect(images).toHaveLength(Object.keys(services).length);
    for (const image of images) expect(image).toMatch(/^[\w/-]+:\d+\.\d+(\.\d+)?(-\w+)?$/);
    expect(services['worker']).toMatchObject({ image: `countersign:${version}` });
    const tag = (name: string) => String(services[name]?.['image']).split(':')[1];
    expect(tag('temporal-schema')).toBe(tag('temporal'));
    expect(tag('temporal-namespace')).toBe(tag('temporal'));
  });

  test('holds no password; each one is asked for, and stands empty in example.env', () => {
    const asked = [
      ...new Set([...text.matchAll(/\$\{(\w+):\?set it in deploy\/\.env\}/g)].map(([, name]) => name)),
    ];
    expect(asked.sort()).toEqual(['COUNTERSIGN_DB_PASSWORD', 'POSTGRES_PASSWORD', 'TEMPORAL_DB_PASSWORD']);
    const example = read('deploy/example.env');
    for (const name of asked) expect(example).toMatch(new RegExp(`^${String(name)}=$`, 'm'));
    const optional = [...text.matchAll(/\$\{(\w+):-[^}]*\}/g)].map(([, name]) => String(name));
    for (const name of optional) expect(example).toMatch(new RegExp(`^#${name}=`, 'm'));
    for (const { environment = {} } of Object.values(services))
      for (const [name, value] of Object.entries(environment as Tree))
        if (/PASSWORD|PWD|KEY|STORE/.test(name)) expect(value).toMatch(/\$\{\w+:[?-]/);
  });

  test('starts in order: databases, schema, server, namespace, setup, worker', () => {
    const waitsFor = (name: string) =>
      Object.fromEntries(
        Object.entries((services[name]?.['depends_on'] ?? {}) as Record<string, { condition: string }>).map(
          ([on, { condition }]) => [on, condition.replace('service_', '')],
        ),
      );
    expect(waitsFor('temporal-schema')).toEqual({ postgres: 'healthy' });
    expect(waitsFor('temporal')).toEqual({ 'temporal-schema': 'completed_successfully' });
    expect(waitsFor('temporal-namespace')).toEqual({ temporal: 'healthy' });
    expect(waitsFor('setup')).toEqual({ 'temporal-namespace': 'completed_successfully' });
    expect(waitsFor('worker')).toEqual({ setup: 'completed_successfully', temporal: 'healthy' });
    for (const name of ['postgres', 'temporal']) expect(services[name]?.['healthcheck'].test[0]).toBe('CMD');
    expect(services['temporal']?.['environment']).toMatchObject({ DB: 'postgres12_pgx' });
  });

  test('every service says whether it is started again; what lasts is in a named volume; ports are on the loopback', () => {
    for (const { restart } of Object.values(services))
      expect(restart).toMatch(/^(unless-stopped|on-failure:\d+)$/);
    expect(Object.keys(file['volumes'] as Tree)).toEqual(['postgres']);
    for (const { ports = [] } of Object.values(services))
      for (const port of ports as string[]) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('gives the worker longer to stop than it drains', () => {
    const { command, stop_grace_period: grace } = services['worker'] as Tree;
    expect(seconds(grace)).toBeGreaterThanOrEqual(seconds(flag(command as string[], '--drain')) + 10);
  });

  test('mounts only files that are there', () => {
    const mounts = Object.values(services)
      .flatMap(({ volumes = [] }) => volumes as string[])
      .map((mount) => String(mount.split(':')[0]))
      .filter((source) => source.startsWith('./') && source !== './own'); // made when it is missing
    expect(mounts.length).toBeGreaterThan(0);
    for (const source of mounts) expect(existsSync(path.join(root, 'deploy', source))).toBe(true);
  });
});

describe('deploy/kubernetes', () => {
  const folder = 'deploy/kubernetes';
  const files = readdirSync(path.join(root, folder)).filter((name) => name !== 'kustomization.yaml');
  const objects = files.flatMap((name) =>
    parseAllDocuments(read(`${folder}/${name}`)).map((document) => document.toJS() as Tree),
  );
  const of = (kind: string) => objects.find((object) => object['kind'] === kind) as Tree;
  const deployment = of('Deployment');
  const job = of('Job');
  const pods = [deployment, job].map((object) => object['spec'].template as Tree);
  const kustomization = parse(read(`${folder}/kustomization.yaml`)) as Tree;

  const { kinds, ...definitions } = JSON.parse(read('test/support/schemas/kubernetes.json')) as Tree;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(definitions, 'kubernetes');
  function misfits(object: Tree): string[] {
    const name = (kinds as Tree)[`${String(object['apiVersion'])}/${String(object['kind'])}`];
    const validate = ajv.getSchema(`kubernetes#/$defs/${String(name)}`);
    return validate === undefined
      ? [`there is no kind ${String(object['kind'])} in ${String(object['apiVersion'])}`]
      : problems(validate, object);
  }

  test.each(objects.map((object) => ({ kind: String(object['kind']), object })))(
    '$kind is what Kubernetes takes',
    ({ object }) => {
      expect(misfits(object)).toEqual([]);
    },
  );

  const container = 'spec.template.spec.containers.0';
  test.each([
    { said: 'a misspelt key', at: `${container}.redinessProbe`, value: {}, why: /redinessProbe/ },
    { said: 'a wrong type', at: 'spec.replicas', value: 'two', why: /spec\/replicas must be integer/ },
    {
      said: 'a container without a name',
      at: `${container}.name`,
      value: undefined,
      why: /must have required property 'name'/,
    },
    { said: 'an old apiVersion', at: 'apiVersion', value: 'extensions/v1beta1', why: /no kind Deployment/ },
  ])('a Deployment with $said is refused', ({ at, value, why }) => {
    const wrong = JSON.parse(JSON.stringify(changed(deployment, at, value))) as Tree;
    expect(misfits(wrong).join('\n')).toMatch(why);
  });

  test('kustomization.yaml lists every file but the example, and the image at our version', () => {
    const listed = kustomization['resources'] as string[];
    expect([...listed].sort()).toEqual(files.filter((name) => name !== 'secret.example.yaml').sort());
    expect(kustomization['images']).toEqual([{ name: 'countersign', newTag: version }]);
    for (const pod of pods) expect(pod['spec'].containers[0].image).toBe('countersign');
  });

  test('pods run as nobody in particular: not root, nothing writable, no capability, no token', () => {
    expect(of('ServiceAccount')['automountServiceAccountToken']).toBe(false);
    for (const { spec } of pods) {
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(spec.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(spec.containers[0].volumeMounts).toEqual([{ name: 'tmp', mountPath: '/tmp' }]);
      expect(spec.volumes).toEqual([{ name: 'tmp', emptyDir: {} }]);
      expect(spec.containers[0].resources.limits.memory).toMatch(/^\d+[MG]i$/);
    }
  });

  test('a roll-out never takes a worker away before the next one is ready, and lets it drain', () => {
    const { spec } = deployment;
    expect(spec.replicas).toBe(2);
    expect(spec.strategy.rollingUpdate.maxUnavailable).toBe(0);
    const pod = spec.template.spec as Tree;
    const { args, ports, readinessProbe, livenessProbe, startupProbe } = pod['containers'][0] as Tree;
    expect(pod['terminationGracePeriodSeconds']).toBeGreaterThanOrEqual(
      seconds(flag(args as string[], '--drain')) + 10,
    );
    expect(ports).toEqual([
      { name: 'health', containerPort: Number(flag(args as string[], '--health-port')) },
    ]);
    expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'health' });
    for (const probe of [livenessProbe, startupProbe])
      expect(probe.httpGet).toEqual({ path: '/healthz', port: 'health' });
  });

  test('selectors select: the Deployment its pods, the budget the workers, the policy every pod', () => {
    const matches = (selector: Tree, pod: Tree) =>
      Object.entries(selector['matchLabels'] as Tree).every(
        ([key, value]) => pod['metadata'].labels[key] === value,
      );
    const [worker, setup] = pods as [Tree, Tree];
    expect(matches(deployment['spec'].selector as Tree, worker)).toBe(true);
    expect(matches(deployment['spec'].selector as Tree, setup)).toBe(false);
    expect(matches(of('PodDisruptionBudget')['spec'].selector as Tree, worker)).toBe(true);
    for (const pod of pods) expect(matches(of('NetworkPolicy')['spec'].podSelector as Tree, pod)).toBe(true);
    expect(of('NetworkPolicy')['spec'].ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 8080 }] }]);
  });

  test('pods take their configuration from the objects that are there, and no secret is in a file', () => {
    for (const { spec } of pods)
      expect(spec.containers[0].envFrom).toEqual([
        { configMapRef: { name: of('ConfigMap')['metadata'].name } },
        { secretRef: { name: of('Secret')['metadata'].name } },
      ]);
    expect(
      Object.keys(of('ConfigMap')['data'] as Tree).filter((name) => /KEY|STORE|PASSWORD/.test(name)),
    ).toEqual([]);
    for (const value of Object.values(of('Secret')['stringData'] as Tree))
      expect(value).toContain('<password>');
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter(Boolean);
  const instructions = lines.map((line) => {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    return { name, rest: rest.trim() };
  });
  const every = (name: string) => instructions.filter((one) => one.name === name).map(({ rest }) => rest);
  const copied = every('COPY').filter((rest) => !rest.startsWith('--from'));

  test('is made of instructions that exist, from a Debian with the Node.js that package.json asks for', () => {
    const known = 'ARG FROM WORKDIR COPY RUN ENV USER EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD'.split(
      ' ',
    );
    for (const { name } of instructions) expect(known).toContain(name);
    expect(every('ARG')).toEqual(['NODE_IMAGE=node:22-bookworm-slim']);
    for (const from of every('FROM')) expect(from).toMatch(/^\$\{NODE_IMAGE\}( AS \w+)?$/);
  });

  test('copies only what is there and what .dockerignore lets through, and .dockerignore lets nothing else through', () => {
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    const sources = copied.flatMap((line) => line.split(/\s+/).slice(0, -1));
    for (const source of sources) expect(existsSync(path.join(root, source))).toBe(true);
    const tops = [...new Set(sources.map((source) => source.split('/')[0]))];
    expect(rest.map((line) => line.replace('!', '')).sort()).toEqual(tops.sort());
  });

  test('runs as a number that is not root, with signals reaching the worker and /healthz asked', () => {
    expect(every('USER')).toEqual(['1000:1000']);
    expect(every('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(JSON.parse(String(every('ENTRYPOINT')[0]))).toEqual(['countersign']);
    expect(JSON.parse(String(every('CMD')[0]))).toEqual([
      'worker',
      '--health-host',
      '0.0.0.0',
      '--drain',
      '30 seconds',
    ]);
    const [, command = '[]'] = /CMD (\[.*\])$/.exec(String(every('HEALTHCHECK')[0])) ?? [];
    const [node, flagged, script = ''] = JSON.parse(command) as string[];
    expect([node, flagged]).toEqual(['node', '-e']);
    expect(script).toContain('/healthz');
    expect(() => new Function(script)).not.toThrow(); // eslint-disable-line @typescript-eslint/no-implied-eval
  });
});
