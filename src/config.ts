/** The only reader of the environment. What it does not understand is refused by name, never ignored. */
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { type CheckpointsConfig, readCheckpointsConfig } from './config/checkpoints';
import { readDeployment } from './config/deployment';
import { ConfigError } from './config/error';
import { type LangSmithConfig, readLangSmith } from './config/langsmith';
import { readLessons } from './config/lessons';
import { type ModelConfig, type ModelsConfig, readModels } from './config/model';
import { type NotifyConfig, readNotify } from './config/notify';
import { readTelemetry, type TelemetryConfig } from './config/telemetry';

export {
  ConfigError,
  type LangSmithConfig,
  type ModelConfig,
  type ModelsConfig,
  type NotifyConfig,
  type TelemetryConfig,
};

export const DEFAULT_TASK_QUEUE = 'countersign';

/** What help and defaults are made of. Reading it never fails, so that `--help` works in a broken environment. */
export interface Defaults {
  /** Directory of the embedded store and of the dev server's state; absolute. */
  readonly dataDir: string;
  /** Who one is where no --reviewer or --requester is given: the user's login name. */
  readonly user: string;
  readonly editor: string;
  /** Numbered prompts and lists without drawing, for screen readers: COUNTERSIGN_PROMPTS=plain, or TERM=dumb. */
  readonly plain: boolean;
  /** NO_COLOR and FORCE_COLOR; undefined: colours where a terminal shows them. */
  readonly colours: boolean | undefined;
}

export interface Config extends Defaults {
  /** A PostgreSQL URL, where the audit is kept there instead of in `dataDir`. May hold a password: never shown. */
  readonly store: string | undefined;
  /** Of what the store holds; undefined: none are written or read. */
  readonly checkpoints: CheckpointsConfig | undefined;
  readonly taskQueue: string;
  /** Which agent proposes. */
  readonly models: ModelsConfig;
  /** The module with one's own actions, as it was named. */
  readonly actions: string | undefined;
  /** The module with one's own workflows, as it was named. */
  readonly workflows: string | undefined;
  /** The file with named policies and the rules, as it was named. */
  readonly policy: string | undefined;
  /** The file that says who the reviewers are, as it was named. */
  readonly reviewers: string | undefined;
  /** Whom to tell that people are asked; undefined: nobody is told. */
  readonly notify: NotifyConfig | undefined;
  /** Where feedback goes beside our own store; undefined: nowhere. */
  readonly langsmith: LangSmithConfig | undefined;
  /** Of each action's last edits and rejections, so many are shown to the agent that proposes. */
  readonly lessons: number;
  /** The file of the key that the worker signs with, as it was named; undefined: worker.key.pem in the data directory. */
  readonly workerKey: string | undefined;
  /** Of an encrypted private key; undefined: it is asked for. Never shown. */
  readonly keyPassphrase: string | undefined;
  /** Port of /healthz and /readyz; undefined: they are not served. */
  readonly healthPort: number | undefined;
  /** What signed texts call this installation, where the reviewers directory does not say; undefined: as the namespace. */
  readonly deployment: string | undefined;
  /** Worker Versioning; undefined: unversioned. */
  readonly versioning: { readonly name: string; readonly buildId: string } | undefined;
  /** What the worker tells of itself. */
  readonly telemetry: TelemetryConfig;
}

/** Never throws. */
export function readDefaults(env: NodeJS.ProcessEnv = process.env): Defaults {
  return {
    dataDir: resolve(env['COUNTERSIGN_DATA'] || defaultDataDir(env)),
    user: login(),
    editor: env['VISUAL'] || env['EDITOR'] || 'vi',
    plain: env['COUNTERSIGN_PROMPTS'] === 'plain' || env['TERM'] === 'dumb',
    colours: colours(env),
  };
}

/** NO_COLOR wins; FORCE_COLOR=0 is a no. */
function colours(env: NodeJS.ProcessEnv): boolean | undefined {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return !/^(?:0|false)$/.test(env['FORCE_COLOR']);
  return undefined;
}

/** @throws ConfigError naming the variable */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const prompts = env['COUNTERSIGN_PROMPTS'];
  if (prompts && prompts !== 'plain')
    throw new ConfigError(`COUNTERSIGN_PROMPTS=${prompts} is not known; set it to plain, or unset it`);
  return {
    ...readDefaults(env),
    store: storeUrl(env['COUNTERSIGN_STORE']),
    checkpoints: readCheckpointsConfig(env),
    taskQueue: env['COUNTERSIGN_TASK_QUEUE'] || DEFAULT_TASK_QUEUE,
    models: readModels(env),
    actions: env['COUNTERSIGN_ACTIONS'] || undefined,
    workflows: env['COUNTERSIGN_WORKFLOWS'] || undefined,
    policy: env['COUNTERSIGN_POLICY'] || undefined,
    reviewers: env['COUNTERSIGN_REVIEWERS'] || undefined,
    notify: readNotify(env),
    langsmith: readLangSmith(env),
    lessons: readLessons(env),
    workerKey: env['COUNTERSIGN_WORKER_KEY'] || undefined,
    keyPassphrase: env['COUNTERSIGN_KEY_PASSPHRASE'] || undefined,
    healthPort: port(env, 'COUNTERSIGN_HEALTH_PORT'),
    deployment: readDeployment(env),
    versioning: versioning(env),
    telemetry: readTelemetry(env),
  };
}

/**
 * Takes our variables out of the environment of this process, once its configuration has been read: what it loads and starts from
 * then on, such as own actions and their children, does not inherit a database's password or a key's passphrase.
 */
export function forgetVariables(env: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(env)) if (OURS.test(name)) Reflect.deleteProperty(env, name);
}

/** The environment without our variables, for a child that has no use for them. */
export function withoutVariables(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.test(name)));
}

const OURS = /^COUNTERSIGN_/i;

function storeUrl(given: string | undefined): string | undefined {
  if (!given || /^postgres(?:ql)?:\/\//.test(given)) return given || undefined;
  throw new ConfigError(
    'COUNTERSIGN_STORE must be a URL that starts with postgresql://; unset it for the embedded store in COUNTERSIGN_DATA',
  );
}

function port(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const given = env[name];
  if (!given) return undefined;
  const value = Number(given);
  if (Number.isInteger(value) && value >= 0 && value < 65_536) return value;
  throw new ConfigError(`${name}=${given} is no port; 0 picks a free one`);
}

/** The variables that Temporal's own worker controller sets. */
function versioning(env: NodeJS.ProcessEnv): Config['versioning'] {
  const name = env['TEMPORAL_DEPLOYMENT_NAME'];
  const buildId = env['TEMPORAL_WORKER_BUILD_ID'];
  if (name && buildId) return { name, buildId };
  if (!name && !buildId) return undefined;
  throw new ConfigError(
    'Worker Versioning needs both TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID; unset both for an unversioned worker',
  );
}

function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (env['XDG_DATA_HOME']) return join(env['XDG_DATA_HOME'], 'countersign');
  const home = env['HOME'] || safely(() => homedir()) || tmpdir();
  return join(home, '.local', 'share', 'countersign');
}

function login(): string {
  return safely(() => userInfo().username) ?? 'unknown';
}

function safely(read: () => string): string | undefined {
  try {
    return read() || undefined;
  } catch {
    return undefined;
  }
}
