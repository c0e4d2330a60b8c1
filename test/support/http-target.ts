/** A real HTTP server on loopback that answers as a test says, and remembers who came and what was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, type LookupFunction, type Socket } from 'node:net';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Answers = (asked: Asked, response: ServerResponse, nth: number) => void;

export interface HttpTarget {
  readonly port: number;
  readonly asked: Asked[];
  /** Connections that were opened, whether or not anything was sent over them. */
  connections: number;
  answers: Answers;
  /** Connections end, and what was remembered is forgotten. */
  reset(): void;
  stop(): Promise<void>;
}

export async function startHttpTarget(): Promise<HttpTarget> {
  const open = new Set<Socket>();
  const ok: Answers = (_, response) => response.end();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url: path = '', headers } = incoming;
      const asked = { method, path, headers, body: Buffer.concat(chunks).toString() };
      target.asked.push(asked);
      target.answers(asked, response, target.asked.length);
    });
  });
  server.on('connection', (socket) => {
    target.connections += 1;
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const target: HttpTarget = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    connections: 0,
    answers: ok,
    reset() {
      for (const socket of open) socket.destroy();
      target.asked.length = 0;
      target.connections = 0;
      target.answers = ok;
    },
    async stop() {
      target.reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return target;
}

export interface Dns {
  readonly lookup: LookupFunction;
  /** The names that were looked up, in order. */
  readonly asked: string[];
}

/** A resolver with `dns.lookup`'s signature: each question of a name takes its next answer; the last one stays. */
export function dns(answers: Readonly<Record<string, readonly (readonly string[] | Error)[]>>): Dns {
  const asked: string[] = [];
  return {
    asked,
    lookup: (name, _options, callback) => {
      const turn = asked.filter((one) => one === name).length;
      asked.push(name);
      const all = answers[name] ?? [new Error('ENOTFOUND')];
      const answer = all[Math.min(turn, all.length - 1)]!;
      setImmediate(() => {
        if (answer instanceof Error) callback(answer, []);
        else
          callback(
            null,
            answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
          );
      });
    },
  };
}
