/** The checks that ask Temporal: the server, the namespace, the search attributes, the workers, the clock. */
import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Config } from '../config';
import type { Connected } from '../connection';
import { attributesMend, findSearchAttributes, grpcCode, onCloud } from '../search-attributes';
import { visibleLine } from '../domain/visible';
import { checked, fail, ok, warn, type Check } from './check';
import { unshared } from './workers';

export type Server = Connected<Connection>;

/** Milliseconds for one call. */
const CALL = 5_000;

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = temporal.api.enums.v1.TaskQueueType;

export async function checkServer({ connection, address }: Server): Promise<Check> {
  return checked('temporal', 'check TEMPORAL_ADDRESS, and the profile', async () => {
    const { serverVersion } = await asking(connection, () => connection.workflowService.getSystemInfo({}));
    return ok('temporal', `Server ${serverVersion || 'of unknown version'} at ${address}`);
  });
}

export async function checkNamespace({ connection, address, namespace }: Server): Promise<Check> {
  return checked('namespace', 'name another with --namespace or TEMPORAL_NAMESPACE', async () => {
    try {
      await asking(connection, () => connection.workflowService.describeNamespace({ namespace }));
      return ok('namespace', namespace);
    } catch (error) {
      const code = grpcCode(error);
      if (code === 5)
        return fail(
          'namespace',
          `${namespace} is not there`,
          `temporal operator namespace create --address ${address} --namespace ${namespace}`,
          'or name another with --namespace or TEMPORAL_NAMESPACE',
        );
      if (code === 7 || code === 16)
        return fail(
          'namespace',
          `the server does not admit us to ${namespace}`,
          'check TEMPORAL_API_KEY, or TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
        );
      throw error;
    }
  });
}

export async function checkAttributes({ connection, address, namespace }: Server): Promise<Check> {
  return checked('attributes', 'countersign setup', async () => {
    const attributes = await asking(connection, () => findSearchAttributes(connection, namespace));
    const wrong = attributes.filter(({ state }) => state !== 'there');
    if (wrong.length === 0)
      return ok('attributes', attributes.map(({ name, type }) => `${name} (${type})`).join(', '));
    const says = wrong.map(({ name, state }) => `${name} is ${state}`).join(', ');
    const setUp = `countersign setup --address ${address} --namespace ${namespace}`;
    const byHand = onCloud(address) || wrong.some(({ state }) => state === 'of another type');
    const mend = byHand ? attributesMend(attributes, { namespace, address }) : [setUp];
    return fail('attributes', says, ...mend);
  });
}

export async function checkWorkers(
  server: Server,
  { taskQueue, store }: Pick<Config, 'taskQueue' | 'store'>,
): Promise<Check> {
  const { connection, namespace } = server;
  const start = `countersign worker --address ${server.address} --namespace ${namespace}`;
  return checked('worker', start, async () => {
    const [workflows, activities] = await Promise.all(
      [TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY].map((taskQueueType) =>
        asking(connection, () =>
          connection.workflowService.describeTaskQueue({
            namespace,
            taskQueue: { name: taskQueue },
            taskQueueType,
          }),
        ),
      ),
    );
    const [deciders, doers] = [seenOfLate(workflows?.pollers), seenOfLate(activities?.pollers)];
    if (deciders.length === 0 || doers.length === 0) {
      const lacks = deciders.length > 0 ? ' for activities' : doers.length > 0 ? ' for workflows' : '';
      return fail('worker', `nobody polls task queue ${taskQueue}${lacks}`, start);
    }
    const versions = new Map(
      deciders.flatMap(({ deploymentOptions }) => {
        const { buildId = '', deploymentName = '' } = deploymentOptions ?? {};
        return versionedMode(deploymentOptions?.workerVersioningMode) ? [[buildId, deploymentName]] : [];
      }),
    );
    const served = workflows?.versioningInfo?.currentDeploymentVersion?.buildId ?? '';
    const unversioned = deciders.some(
      ({ deploymentOptions }) => !versionedMode(deploymentOptions?.workerVersioningMode),
    );
    if (served === '' ? !unversioned : !versions.has(served)) {
      const [[buildId, name] = ['', '']] = [...versions];
      return fail(
        'worker',
        served === ''
          ? `only versioned workers poll ${taskQueue} (${[...versions.keys()].join(', ')}), and no version is the current one`
          : `nobody polls ${taskQueue} as version ${served}, which is the current one`,
        versions.size === 0
          ? `start a worker of version ${served}`
          : `temporal worker deployment set-current-version --address ${server.address} --namespace ${namespace} --deployment-name ${name} --build-id ${buildId}`,
      );
    }
    const identities = [...new Set(deciders.map(({ identity }) => identity ?? ''))];
    const says = `${identities.map(visibleLine).join(', ')} on task queue ${taskQueue}`;
    const apart = unshared({ store }, identities);
    return apart === undefined
      ? ok('worker', says)
      : warn('worker', `${says}: ${apart}`, 'name one PostgreSQL for all of them in COUNTERSIGN_STORE');
  });
}

/** The server remembers a poller for minutes after it left; one that is there asks at least once a minute. */
function seenOfLate(pollers: readonly temporal.api.taskqueue.v1.IPollerInfo[] = []) {
  const since = Date.now() - 90_000;
  return pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > since);
}

function versionedMode(mode: temporal.api.enums.v1.WorkerVersioningMode | null | undefined): boolean {
  return mode === temporal.api.enums.v1.WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED;
}

/** Nobody's task queue: the server notes when it was asked for work there, which is how it tells the time. */
const CLOCK_QUEUE = 'countersign-doctor-clock';
const OFF = 5_000;

/** @param now our clock, milliseconds since 1970 */
export async function checkClock({ connection, namespace }: Server, now = Date.now): Promise<Check> {
  return checked('clock', 'see above', async () => {
    const before = now();
    const seen = await lookedAt(connection, namespace);
    const after = now();
    if (seen === undefined) return warn('clock', 'not compared: the server does not tell its time');
    const off = seen < before ? seen - before : seen > after ? seen - after : 0;
    if (Math.abs(off) <= OFF) return ok('clock', `within ${String(OFF / 1000)} s of the server's`);
    return warn(
      'clock',
      `this machine is ${String(Math.round(Math.abs(off) / 1000))} s ${off > 0 ? 'behind' : 'ahead of'} the server`,
      'turn NTP on, here and there (timedatectl set-ntp true)',
    );
  });
}

/** Polls the empty queue for a moment; the server's own time of that poll, milliseconds. */
async function lookedAt(connection: Connection, namespace: string): Promise<number | undefined> {
  const identity = `countersign doctor ${String(process.pid)} ${String(performance.now())}`;
  const taskQueue = { name: CLOCK_QUEUE };
  const leave = new AbortController();
  const polling = connection
    .withAbortSignal(leave.signal, () =>
      connection.withDeadline(Date.now() + 30_000, () =>
        connection.workflowService.pollActivityTaskQueue({ namespace, taskQueue, identity }),
      ),
    )
    .catch(() => undefined);
  try {
    for (let tries = 0; tries < 20; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { pollers } = await asking(connection, () =>
        connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue,
          taskQueueType: TASK_QUEUE_TYPE_ACTIVITY,
        }),
      );
      const at = pollers.find((poller) => poller.identity === identity)?.lastAccessTime;
      if (at != null) return Number(at.seconds) * 1000 + Math.floor((at.nanos ?? 0) / 1e6);
    }
    return undefined;
  } finally {
    leave.abort();
    await polling;
  }
}

function asking<T>(connection: Connection, call: () => Promise<T>): Promise<T> {
  return connection.withDeadline(Date.now() + CALL, call);
}
