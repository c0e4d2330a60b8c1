// The files in deploy/ against the schemas of those who read them, and against each other. Each validator is first
// shown a file that is wrong: one that lets anything pass would be no use.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { applyPatch, type Operation } from 'fast-json-patch';
import ms, { type StringValue } from 'ms';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config';

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

  const environment = services['worker']?.['environment'] as Record<string, string>;
  const optional = [...text.matchAll(/\$\{(\w+):-[^}]*\}/g)].map(([, name]) => String(name));

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
    for (const name of optional) expect(example).toMatch(new RegExp(`^#${name}=`, 'm'));
    for (const { environment = {} } of Object.values(services))
      for (const [name, value] of Object.entries(environment as Tree))
        if (/PASSWORD|PWD|KEY|STORE/.test(name)) expect(value).toMatch(/\$\{\w+:[?-]/);
  });

  test('hands the worker each variable that is read, but for those of people and of the image', () => {
    const readers = [
      'src/config.ts',
      ...readdirSync(path.join(root, 'src/config')).map((name) => `src/config/${name}`),
    ];
    const known = readers.flatMap((file) =>
      [...read(file).matchAll(/'((?:COUNTERSIGN|LANGSMITH)_[A-Z_]*[A-Z])'/g)].map(([, name]) => String(name)),
    );
    const elsewhere = { people: ['KEY_PASSPHRASE', 'PROMPTS'], image: ['DATA', 'HEALTH_PORT'] };
    const others = Object.values(elsewhere).flatMap((names) => names.map((name) => `COUNTERSIGN_${name}`));
    expect(known).toEqual(expect.arrayContaining(others));
    expect(Object.keys(environment)).toEqual(
      expect.arrayContaining(known.filter((name) => !others.includes(name))),
    );
    expect(read('Dockerfile')).toMatch(/^ENV .*COUNTERSIGN_DATA=.* COUNTERSIGN_HEALTH_PORT=/m);
    for (const name of Object.keys(environment).filter((one) => optional.includes(one)))
      expect(environment[name]).toMatch(new RegExp(`^\\$\\{${name}:-`));
  });

  test('is a configuration as it is handed over where nothing but passwords is set', () => {
    const given = Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(
        /\$\{\w+:(?:-([^}]*)|\?[^}]*)\}/g,
        (_, fallback: string | undefined) => fallback ?? 'secret',
      ),
    ]);
    const config = readConfig(Object.fromEntries(given) as Record<string, string>);
    expect(config).toMatchObject({
      taskQueue: 'countersign',
      lessons: 3,
      notify: undefined,
      langsmith: undefined,
    });
    expect(config.store).toBe('postgresql://countersign:secret@postgres:5432/countersign');
    expect(config.telemetry).toEqual({ metrics: undefined, log: 'plain', traces: undefined });
  });

  test('keeps checkpoints in a volume of their own, where the image lets its user write', () => {
    const [, file = ''] = /:-(.+)\}$/.exec(environment['COUNTERSIGN_CHECKPOINTS'] ?? '') ?? [];
    const { checkpoints } = readConfig({ COUNTERSIGN_CHECKPOINTS: file });
    expect(checkpoints?.path).toBe(file);
    const mounts = (name: string) => services[name]?.['volumes'] as string[];
    expect(mounts('worker')).toEqual([...mounts('setup'), `checkpoints:${path.dirname(file)}`]);
    // A new volume has the owner that its folder has in the image; a folder that is not there would be root's.
    expect(read('Dockerfile')).toContain(`install -d -o node -g node ${path.dirname(file)} `);
    expect(mounts('postgres').filter((mount) => mount.startsWith('checkpoints'))).toEqual([]);
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
    expect(Object.keys(file['volumes'] as Tree)).toEqual(['postgres', 'checkpoints']);
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
  const inFolder = (name: string) =>
    readdirSync(path.join(root, name)).filter((one) => one.endsWith('.yaml') && one !== 'kustomization.yaml');
  const objectsIn = (name: string) =>
    parseAllDocuments(read(name)).map((document) => document.toJS() as Tree);
  const files = inFolder(folder);
  const objects = files.flatMap((name) => objectsIn(`${folder}/${name}`));
  const of = (kind: string) => objects.find((object) => object['kind'] === kind) as Tree;
  const deployment = of('Deployment');
  const job = of('Job');
  const pods = [deployment, job].map((object) => object['spec'].template as Tree);
  const METRICS = 9464;
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
      { name: 'metrics', containerPort: METRICS },
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
    const monitoring = {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
    };
    expect(of('NetworkPolicy')['spec'].ingress).toEqual([
      { ports: [{ protocol: 'TCP', port: 8080 }] },
      { from: [monitoring], ports: [{ protocol: 'TCP', port: METRICS }] },
    ]);
  });

  test('what config.yaml has as a comment is ready to be taken: it is read, and the policy lets it through', () => {
    const text = read(`${folder}/config.yaml`).replace(/^ {2}# (?=[A-Z_]+: )/gm, '  ');
    const { data } = parse(text) as { data: Record<string, string> };
    expect(Object.keys(data).length).toBeGreaterThan(8);
    const secrets = {
      COUNTERSIGN_NOTIFY_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
      ANTHROPIC_API_KEY: 'key',
    };
    const { telemetry, notify } = readConfig({ ...data, ...secrets });
    expect(notify).toBeDefined();
    expect(telemetry.metrics?.address).toBe(`0.0.0.0:${String(METRICS)}`);
    const out = (of('NetworkPolicy')['spec'].egress as { ports: { port: number }[] }[]).flatMap(({ ports }) =>
      ports.map(({ port }) => port),
    );
    const called = [data['COUNTERSIGN_TRACES'] ?? '', `grpc://${data['TEMPORAL_ADDRESS'] ?? ''}`];
    expect(out).toEqual(expect.arrayContaining(called.map((url) => Number(new URL(url).port))));
  });

  describe('with checkpoints', () => {
    const component = parse(read(`${folder}/checkpoints/kustomization.yaml`)) as {
      kind: string;
      resources: string[];
      patches: { target: { kind: string; name: string }; patch: string }[];
    };
    const claim = objectsIn(`${folder}/checkpoints/volume-claim.yaml`)[0] as Tree;
    const patched = component.patches.map(({ target, patch }) => {
      const object = structuredClone(of(target.kind));
      expect(object['metadata'].name).toBe(target.name);
      return applyPatch(object, parse(patch) as Operation[], true).newDocument;
    });
    const [config, worker] = patched as [Tree, Tree];

    test('every kind is still what Kubernetes takes, and the component lists its files', () => {
      expect(component.kind).toBe('Component');
      expect(component.resources).toEqual(inFolder(`${folder}/checkpoints`));
      expect([claim, ...patched].map(misfits)).toEqual([[], [], []]);
      expect(misfits(changed(claim, 'spec.accessMode', 'ReadWriteMany'))).not.toEqual([]);
    });

    test('is one line of kustomization.yaml away', () => {
      expect(kustomization['components']).toBeUndefined();
      const text = read(`${folder}/kustomization.yaml`).replace('# components:', 'components:');
      expect((parse(text) as Tree)['components']).toEqual(['checkpoints']);
    });

    test('workers write where the one volume is, as the user that they are', () => {
      const { spec } = worker['spec'].template as { spec: Tree };
      const file = String(config['data'].COUNTERSIGN_CHECKPOINTS);
      expect(readConfig({ COUNTERSIGN_CHECKPOINTS: file }).checkpoints?.path).toBe(file);
      expect(spec['containers'][0].volumeMounts).toContainEqual({
        name: 'checkpoints',
        mountPath: path.dirname(file),
      });
      expect(spec['volumes']).toContainEqual({
        name: 'checkpoints',
        persistentVolumeClaim: { claimName: claim['metadata'].name },
      });
      expect(claim['spec'].accessModes).toEqual(['ReadWriteMany']);
      expect(spec['securityContext']).toMatchObject({
        runAsUser: 1000,
        fsGroup: 1000,
        fsGroupChangePolicy: 'OnRootMismatch',
      });
    });
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
