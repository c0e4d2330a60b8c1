/** How OpenAI's and Anthropic's APIs say things: what a request asks, and what an answer and an error look like. */
import type { IncomingMessage } from 'node:http';
import type { Heard, Kind, Reply } from './model-server';

export type Protocol = 'openai' | 'anthropic';
type Spoken = Extract<Reply, { readonly json?: unknown }>;

interface OpenAiRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly response_format?: {
    readonly json_schema?: { readonly schema: unknown; readonly strict?: boolean };
  };
}

interface AnthropicRequest {
  readonly model: string;
  readonly system?: unknown;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly output_config?: { readonly format?: { readonly schema: unknown } };
  readonly tools?: readonly { readonly input_schema: unknown }[];
}

export function heardFrom(request: IncomingMessage, body: unknown, gone: Promise<void>): Heard {
  const path = request.url ?? '';
  const known = path.endsWith('/chat/completions')
    ? openai
    : path.endsWith('/messages')
      ? anthropic
      : unknown;
  const { schema, messages, ...rest } = known(body);
  const first = messages.find(({ role }) => role === 'user')?.text ?? '';
  return {
    ...rest,
    kind: kindOf(schema),
    path,
    headers: request.headers,
    body,
    at: Date.now(),
    messages,
    schema,
    data: dataIn(first),
    gone,
  };
}

type Parts = Pick<Heard, 'protocol' | 'model' | 'system' | 'messages' | 'schema' | 'strict'>;

function openai(body: unknown): Parts {
  const { model, messages, response_format: format } = body as OpenAiRequest;
  const all = messages.map(({ role, content }) => ({ role, text: textOf(content) }));
  const rules = all.filter(({ role }) => role === 'system' || role === 'developer');
  return {
    protocol: 'openai',
    model,
    system: rules.map(({ text }) => text).join('\n'),
    messages: all.filter((message) => !rules.includes(message)),
    schema: format?.json_schema?.schema,
    strict: format?.json_schema?.strict === true,
  };
}

function anthropic(body: unknown): Parts {
  const { model, system, messages, output_config: output, tools = [] } = body as AnthropicRequest;
  return {
    protocol: 'anthropic',
    model,
    system: textOf(system),
    messages: messages.map(({ role, content }) => ({ role, text: textOf(content) })),
    schema: output?.format?.schema ?? tools[0]?.input_schema,
    strict: output?.format !== undefined,
  };
}

function unknown(): Parts {
  return { protocol: 'openai', model: '', system: '', messages: [], schema: undefined, strict: false };
}

function textOf(content: unknown): string {
  if (!Array.isArray(content)) return typeof content === 'string' ? content : '';
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('');
}

function kindOf(schema: unknown): Kind {
  const properties = (schema as { properties?: object } | undefined)?.properties ?? {};
  if ('call' in properties) return 'proposal';
  return 'confidence' in properties ? 'confidence' : 'other';
}

function dataIn(message: string): Heard['data'] {
  const start = message.indexOf('{');
  return start < 0 ? {} : (JSON.parse(message.slice(start)) as Heard['data']);
}

export function said(heard: Heard, reply: Spoken): unknown {
  const { finish = 'stop', model = heard.model, tokens = [100, 20] } = reply;
  const text = reply.text ?? JSON.stringify(reply.json);
  const [input, output] = tokens;
  if (heard.protocol === 'openai') {
    const refusal = finish === 'refusal';
    return {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: refusal ? null : text, refusal: refusal ? text : null },
          finish_reason: refusal ? 'stop' : finish,
        },
      ],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    };
  }
  // As a tool's input where that was asked for: then even the model's free text is no text block of its own.
  const tool = !heard.strict && reply.text === undefined;
  const stop = { stop: tool ? 'tool_use' : 'end_turn', length: 'max_tokens', refusal: 'refusal' }[finish];
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [
      tool ? { type: 'tool_use', id: 'toolu_1', name: 'json', input: reply.json } : { type: 'text', text },
    ],
    stop_reason: stop,
    stop_sequence: null,
    usage: { input_tokens: input, output_tokens: output },
  };
}

export function failed({ protocol }: Heard, status: number, message = `status ${String(status)}`): unknown {
  const type =
    status === 429 ? 'rate_limit_error' : status === 529 ? 'overloaded_error' : 'invalid_request_error';
  return protocol === 'openai'
    ? { error: { message, type, param: null, code: null } }
    : { type: 'error', error: { type, message }, request_id: 'req_1' };
}
