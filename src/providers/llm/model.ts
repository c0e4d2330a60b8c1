/**
 * A language model as an agent. Nothing that it writes is believed: an answer must name an action that is registered,
 * with arguments that its schema takes, or the model is asked again, twice at most. How sure to be of the proposal is a
 * question of its own, asked afterwards, and only advice.
 */
import { createRequire } from 'node:module';
import { ANSWER } from '../../domain/climb';
import type { Generation } from '../../domain/generation';
import type { Json } from '../../domain/json';
import { KEY_VARIABLES, MODEL_VARIABLE } from '../../domain/model-name';
import type { Agent, AgentAnswer, ProposeRequest } from './agent';
import {
  type Actions,
  type AnswerSchema,
  type Catalogue,
  catalogueOf,
  CONFIDENCE,
  proposalSchema,
} from './catalogue';
import { type Draft, type Read, readConfidence, readDraft } from './draft';
import { Refused } from './errors';
import { readKept } from './kept';
import { bounded } from './malformed';
import {
  answerRules,
  CONFIDENCE_RULES,
  confidenceRequest,
  type Message,
  proposalRequest,
  proposalRules,
  repairRequest,
} from './prompt';
import type { ChosenModel } from './chosen-model';
import type { Ask, Reply } from './sdk';
import { tracedAsk } from './traced';

const REPAIRS = 2;
const CONFIDENCE_REPAIRS = 1;

/**
 * @param namedIn where the model is named, for whoever must mend its name
 * @throws Error where the key could not be sent in a header
 */
export function createModelAgent(chosen: ChosenModel, actions: Actions, namedIn = MODEL_VARIABLE): Agent {
  const { provider, model, key = '' } = chosen;
  const name = `${provider}/${model}`;
  const keyName = KEY_VARIABLES[provider];
  if (!/^[\x21-\x7e]*$/.test(key))
    throw new Error(
      `the key in ${keyName} holds a space, a line break or a character that is not ASCII; set it anew`,
    );
  let ask: Ask | undefined;
  const offers = { any: once(() => offersOf(actions)), answer: once(() => offersOf(actions, ANSWER)) };
  return {
    name,
    async propose(request) {
      request.signal.throwIfAborted();
      ask ??= tracedAsk(sdk().connect(chosen, { name, keyName, namedIn, key }), chosen);
      const offered = request.produce === 'answer' ? offers.answer() : offers.any();
      return answerTo(request, { ...offered, actions, ask, model });
    },
  };
}

function offersOf(actions: Actions, only?: string): Pick<Means, 'catalogue' | 'schema'> {
  const catalogue = catalogueOf(actions, only);
  return { catalogue, schema: proposalSchema(catalogue) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

function sdk(): typeof import('./sdk') {
  return createRequire(__filename)('./sdk') as typeof import('./sdk');
}

interface Means {
  readonly catalogue: Catalogue;
  readonly schema: AnswerSchema;
  readonly actions: Actions;
  readonly ask: Ask;
  readonly model: string;
}

async function answerTo(request: ProposeRequest, means: Means): Promise<AgentAnswer> {
  const { catalogue, actions, model } = means;
  const kept = readKept(request.kept, catalogue, actions);
  const shown = request.lessons?.length ?? 0;
  const fresh = { model, calls: 0, milliseconds: 0, repairs: [], ...(shown === 0 ? {} : { lessons: shown }) };
  const count = counter(kept?.generation ?? fresh);
  try {
    const drafted =
      kept === undefined ? await draft(request, means, count) : { ok: true as const, value: kept.draft };
    if (!drafted.ok) return { ...malformed(drafted.problem), generation: count.generation() };
    const keep = () =>
      request.keep?.({ draft: drafted.value, generation: count.generation() } as unknown as Json);
    keep();
    try {
      const confidence = await weigh(request, drafted.value, means, count);
      const proposal = { ...drafted.value, confidence };
      return { kind: 'proposal', proposal, generation: count.generation() };
    } catch (error) {
      keep(); // with what has been spent since
      throw error;
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: 'failed', code: 'MODEL_REFUSED', message: error.message, generation: count.generation() };
  }
}

function draft(request: ProposeRequest, means: Means, count: Counter): Promise<Read<Draft>> {
  const { catalogue, actions, schema, ask } = means;
  const { produce, signal } = request;
  const system = produce === 'answer' ? answerRules(catalogue) : proposalRules(catalogue);
  const question = { system, answer: schema, signal };
  const first = proposalRequest(request);
  return settled(first, REPAIRS, count, {
    ask: (messages) => ask({ ...question, messages }),
    read: (answer) => readDraft(answer, catalogue, actions),
  });
}

/** 0 where the model gives none that can be read, and the generation says why. @throws TryLater */
async function weigh(request: ProposeRequest, of: Draft, { ask }: Means, count: Counter): Promise<number> {
  const { signal } = request;
  const question = { system: CONFIDENCE_RULES, answer: CONFIDENCE, signal };
  try {
    const weighed = await settled(confidenceRequest(request, of), CONFIDENCE_REPAIRS, count, {
      ask: (messages) => ask({ ...question, messages }),
      read: readConfidence,
    });
    if (weighed.ok) return weighed.value;
    count.noConfidence(weighed.problem);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    count.noConfidence(error.message);
  }
  return 0;
}

interface Conversation<T> {
  readonly ask: (messages: readonly Message[]) => Promise<Reply>;
  readonly read: (answer: unknown) => Read<T>;
}

/** Asks until the answer can be read, or until the last repair is no better. */
async function settled<T>(
  first: Message,
  repairs: number,
  count: Counter,
  { ask, read }: Conversation<T>,
): Promise<Read<T>> {
  const messages = [first];
  for (let left = repairs; ; left -= 1) {
    const reply = await count.timed(() => ask(messages));
    const answer = reply.read.ok ? read(reply.read.value) : reply.read;
    if (answer.ok) return answer;
    const problem = bounded(answer.problem, 1_000);
    if (left === 0) return { ok: false, problem };
    count.repair(problem);
    messages.push(...repairRequest(reply.text, problem));
  }
}

function malformed(problem: string): AgentAnswer {
  const message = `the model gave no proposal that can be used, and two repairs did not help; the last problem: ${problem}`;
  return { kind: 'failed', code: 'MALFORMED_PROPOSAL', message };
}

type Counter = ReturnType<typeof counter>;

/** Adds up what the calls take, from what an earlier attempt has spent. */
function counter(start: Generation) {
  let sum: Generation = start;
  return {
    generation: (): Generation => sum,
    async timed(call: () => Promise<Reply>): Promise<Reply> {
      const from = performance.now();
      const reply = await call();
      const { model = sum.model, inputTokens, outputTokens } = reply;
      sum = {
        ...sum,
        model: bounded(model, 200),
        calls: sum.calls + 1,
        milliseconds: sum.milliseconds + Math.round(performance.now() - from),
        ...(inputTokens === undefined ? {} : { inputTokens: (sum.inputTokens ?? 0) + inputTokens }),
        ...(outputTokens === undefined ? {} : { outputTokens: (sum.outputTokens ?? 0) + outputTokens }),
      };
      return reply;
    },
    repair(problem: string): void {
      sum = { ...sum, repairs: [...sum.repairs, problem] };
    },
    noConfidence(why: string): void {
      sum = { ...sum, noConfidence: why };
    },
  };
}
