/** One question to a provider, through the AI SDK. Loaded only where a model is configured: it takes a while. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  generateText,
  jsonSchema,
  type LanguageModel,
  type LanguageModelUsage,
  NoObjectGeneratedError,
  Output,
} from 'ai';
import type { AnswerSchema } from './catalogue';
import { type Asked, judged } from './errors';
import { bounded } from './malformed';
import type { ChosenModel } from './chosen-model';
import type { Message } from './prompt';

// It would print them to stdout, which is for machine output.
globalThis.AI_SDK_LOG_WARNINGS = false;

export interface Question {
  readonly system: string;
  readonly messages: readonly Message[];
  readonly answer: AnswerSchema;
  readonly signal: AbortSignal;
}

export interface Reply {
  /** What the model wrote, whatever it is. */
  readonly text: string;
  /** The JSON that was read from it, or why there is none. */
  readonly read:
    { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };
  /** As the provider calls it; undefined where it does not say. */
  readonly model: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
}

/** @throws TryLater, Refused, or the signal's reason */
export type Ask = (question: Question) => Promise<Reply>;

export function connect(chosen: ChosenModel, asked: Asked): Ask {
  const model = modelOf(chosen);
  return async ({ system, messages, answer, signal }) => {
    signal.throwIfAborted();
    try {
      const result = await generateText({
        model,
        system,
        messages: [...messages],
        output: Output.object({ schema: jsonSchema(answer.schema), name: answer.name }),
        providerOptions: optionsFor(answer),
        maxRetries: 0,
        abortSignal: signal,
      });
      const { text, finishReason, response, totalUsage } = result;
      const problem = stopped(finishReason, text);
      const read =
        problem === undefined ? { ok: true as const, value: result.output } : { ok: false as const, problem };
      return { text, read, ...counted(response.modelId, totalUsage) };
    } catch (error) {
      signal.throwIfAborted();
      if (NoObjectGeneratedError.isInstance(error)) {
        const { text = '', finishReason = 'stop', response, usage } = error;
        const problem = stopped(finishReason, text) ?? `it is no JSON: ${causeOf(error)}`;
        return { text, read: { ok: false, problem }, ...counted(response?.modelId, usage) };
      }
      throw failure(error, asked);
    }
  };
}

// The providers' own addresses are written out: left to the SDK, a variable of its own could send the key elsewhere.
function modelOf({ provider, model, url, key = '' }: ChosenModel): LanguageModel {
  switch (provider) {
    case 'openai':
      // Not the Responses API: it keeps what it is sent.
      return createOpenAI({ baseURL: url ?? 'https://api.openai.com/v1', apiKey: key, fetch: direct }).chat(
        model,
      );
    case 'anthropic':
      return createAnthropic({ baseURL: url ?? 'https://api.anthropic.com/v1', apiKey: key, fetch: direct })(
        model,
      );
    case 'openai-compatible':
      return createOpenAICompatible({
        name: 'openai-compatible',
        baseURL: url ?? '',
        supportsStructuredOutputs: true,
        fetch: direct,
        ...(key === '' ? {} : { apiKey: key }),
      })(model);
  }
}

/** A redirect is never followed: the key would go along. */
const direct: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'manual' });

/** Anthropic holds an answer to at most 16 unions; beyond, the schema is that of a tool, which is only advice. */
function optionsFor({ strict, unions }: AnswerSchema) {
  const loose = { strictJsonSchema: false };
  return {
    ...(strict ? {} : { openai: loose, openaiCompatible: loose }),
    ...(strict && unions <= 16 ? {} : { anthropic: { structuredOutputMode: 'jsonTool' } }),
  };
}

function stopped(finishReason: string, text: string): string | undefined {
  if (finishReason === 'tool-calls') return 'it calls a tool, and there are none';
  if (finishReason === 'length') return 'it was cut off at the length that the provider allows';
  if (finishReason !== 'content-filter') return text.trim() === '' ? 'it is empty' : undefined;
  const words = text === '' ? '' : `: ${bounded(text, 300)}`;
  return `the model refused to answer, or the provider's content filter stopped it${words}`;
}

function counted(model: string | undefined, usage: LanguageModelUsage | undefined) {
  return { model, inputTokens: usage?.inputTokens, outputTokens: usage?.outputTokens };
}

function failure(error: unknown, asked: Asked): Error {
  if (!APICallError.isInstance(error)) return judged({ words: causeOf(error) }, asked, Date.now());
  const {
    statusCode: status,
    responseHeaders: headers,
    message,
    data,
    responseBody = '',
    isRetryable,
  } = error;
  const broken = isRetryable && status !== undefined && status < 300;
  // Without data the body was not of the provider's usual form, and the message is only the status text.
  const words = data === undefined ? `${message} ${responseBody}` : message;
  return judged({ status, headers, words, broken }, asked, Date.now());
}

/** The innermost reason: the SDK's own sentences quote all that it was given. */
function causeOf(error: unknown): string {
  let inner = error as { readonly message?: unknown; readonly cause?: unknown };
  for (let depth = 0; depth < 5 && typeof inner.cause === 'object' && inner.cause !== null; depth += 1)
    inner = inner.cause;
  return bounded(typeof inner.message === 'string' ? inner.message : typeof inner, 300);
}
