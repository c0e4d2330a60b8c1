/**
 * A model's provider on loopback: OpenAI's chat completions and Anthropic's messages, not streamed, answered from a
 * script. The wire is the real one, so everything but the model itself is what a real provider gets and gives.
 *
 * As a program (`tsx test/support/model-server.ts [port]`) it prints `{"url": "…"}` and answers like `sensible` until it
 * is told to stop: `COUNTERSIGN_MODEL=openai-compatible/any COUNTERSIGN_MODEL_URL=<url> bin/countersign dev`.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { failed, heardFrom, type Protocol, said } from './model-protocols';
import { sensible } from './model-sensible';

export type Kind = 'proposal' | 'confidence' | 'other';

/** One call as it came in. */
export interface Heard {
  /** Which question it was, by the schema that came with it. */
  readonly kind: Kind;
  readonly protocol: Protocol;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  /** When it came, milliseconds since the epoch. */
  readonly at: number;
  readonly model: string;
  readonly system: string;
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** The answer's JSON Schema, and whether the provider was told to hold the model to it. */
  readonly schema: unknown;
  readonly strict: boolean;
  /** The JSON in the first message of the user: `task`, and `earlier` or `proposal`. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Resolves when the caller has gone without waiting for the answer. */
  readonly gone: Promise<void>;
}

interface Common {
  /** Milliseconds before the answer. */
  readonly delay?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Reply = Common &
  (
    | {
        /** What the model writes: `json` is made into text. */
        readonly json?: unknown;
        readonly text?: string;
        /** @default 'stop' */
        readonly finish?: 'stop' | 'length' | 'refusal';
        /** @default [100, 20] */
        readonly tokens?: readonly [input: number, output: number];
        /** As the provider calls the model. @default as it was asked for */
        readonly model?: string;
      }
    | {
        readonly status: number;
        /** Goes into an error of the provider's own form. */
        readonly message?: string;
      }
    /** Sent as it is, with status 200. */
    | { readonly raw: string }
    /** Never answers. */
    | { readonly hang: true }
    /** Closes the connection instead of answering. */
    | { readonly drop: true }
  );

/** One reply a call, in order; or what is said to each. */
export type Lines = readonly Reply[] | ((heard: Heard) => Reply | Promise<Reply>);

export interface Script {
  readonly proposal?: Lines;
  /** @default always 0.8 */
  readonly confidence?: Lines;
}

export interface ModelServer {
  /** Base URL, for COUNTERSIGN_MODEL_URL. */
  readonly url: string;
  readonly heard: readonly Heard[];
  /** What was heard of one kind. */
  of(kind: Kind): Heard[];
  /** Replaces the script, and forgets what was heard. */
  script(script: Script): void;
  close(): Promise<void>;
}

const SURE: Lines = () => ({ json: { why: 'the task says so', confidence: 0.8 } });

/** @param options.port @default a free one */
export async function startModelServer(
  script: Script = sensible(),
  options: { readonly port?: number } = {},
): Promise<ModelServer> {
  let lines = linesOf(script);
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const one = heardFrom(request, await bodyOf(request), goneOf(response));
    heard.push(one);
    const reply = await lines(one);
    if (reply.delay !== undefined)
      await Promise.race([wait(reply.delay, undefined, { ref: false }), one.gone]);
    if (response.destroyed || 'hang' in reply) return;
    if ('drop' in reply) {
      response.destroy();
      return;
    }
    const [status, text] =
      'status' in reply
        ? [reply.status, JSON.stringify(failed(one, reply.status, reply.message))]
        : [200, 'raw' in reply ? reply.raw : JSON.stringify(said(one, reply))];
    response.writeHead(status, { 'content-type': 'application/json', ...reply.headers }).end(text);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`,
    heard,
    of: (kind) => heard.filter((one) => one.kind === kind),
    script(next) {
      lines = linesOf(next);
      heard.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** An error that no caller tries again, so that a script that is too short shows itself. */
const SILENT: Reply = { status: 418, message: 'the script has no reply for this call' };

function linesOf({ proposal = [], confidence = SURE }: Script): (heard: Heard) => Reply | Promise<Reply> {
  const left = { proposal: [...queue(proposal)], confidence: [...queue(confidence)] };
  return (heard) => {
    if (heard.kind === 'other')
      return { status: 404, message: 'no such endpoint, or no schema that is known' };
    const lines = heard.kind === 'proposal' ? proposal : confidence;
    return typeof lines === 'function' ? lines(heard) : (left[heard.kind].shift() ?? SILENT);
  };
}

function queue(lines: Lines): readonly Reply[] {
  return typeof lines === 'function' ? [] : lines;
}

function goneOf(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function program(): Promise<void> {
  const server = await startModelServer(sensible(), { port: Number(process.argv[2] ?? 0) });
  process.stdout.write(`${JSON.stringify({ url: server.url })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}

if (require.main === module) void program();
