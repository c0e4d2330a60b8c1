/** /healthz and /readyz of a worker, for whatever supervises it: whether to restart it, whether to wait for it. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Probes {
  /** Why the process should be ended and started again; undefined: it is well. */
  dead(): string | undefined;
  /** Why it does no work now; undefined: it does. */
  unready(): Promise<string | undefined>;
}

export interface Health {
  /** `http://host:port` */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws Error naming the port, where it is taken or may not be used */
export async function serveHealth(options: {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly probes: Probes;
}): Promise<Health> {
  const { host, port, probes } = options;
  const reasons: Readonly<Record<string, () => Promise<string | undefined>>> = {
    '/healthz': () => Promise.resolve(probes.dead()),
    '/readyz': () => probes.unready(),
  };
  const server = createServer((request, response) => {
    const reason = reasons[(request.url ?? '').split('?')[0] ?? ''];
    if (reason === undefined) answer(response, 404, { status: 'unknown', paths: Object.keys(reasons) });
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      answer(response, 405, { status: 'refused', reason: 'GET or HEAD' });
    else
      void reason().then((why) => {
        answer(
          response,
          why === undefined ? 200 : 503,
          why === undefined ? { status: 'ok' } : { status: 'unavailable', reason: why },
        );
      });
  });
  // A probe is one short request: nobody holds a connection open, least of all against our leaving.
  server.requestTimeout = 5_000;
  server.headersTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(
          `the health port ${host}:${String(port)} cannot be opened (${error.code ?? error.message}); choose another with --health-port`,
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(bound)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(`${JSON.stringify(body)}\n`);
}

/** What a worker needs of the world, by name; each rejects where it is not to be had. */
export type Neighbours = Readonly<Record<string, () => Promise<unknown>>>;

/** Milliseconds: how long a neighbour may take, and how long an answer is good for. */
const ASK = { within: 2_000, every: 3_000 } as const;

/** Asks all of them at once, and not again for a few seconds; resolves to what is wrong. Never rejects. */
export function watching(neighbours: Neighbours): () => Promise<string | undefined> {
  let asked = Number.NEGATIVE_INFINITY;
  let answered: Promise<string | undefined> = Promise.resolve(undefined);
  return () => {
    if (performance.now() - asked > ASK.every) {
      asked = performance.now();
      answered = Promise.all(Object.entries(neighbours).map(([name, ask]) => trouble(name, ask))).then(
        (troubles) => troubles.filter((one) => one !== undefined).join('; ') || undefined,
      );
    }
    return answered;
  };
}

async function trouble(name: string, ask: () => Promise<unknown>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${String(ASK.within / 1000)} s`));
    }, ASK.within);
  });
  try {
    await Promise.race([ask(), late]);
    return undefined;
  } catch (error) {
    return `${name}: ${(error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''}`;
  } finally {
    clearTimeout(timer);
  }
}
