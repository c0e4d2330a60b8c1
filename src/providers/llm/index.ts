/** The agents that the configuration asks for, as one agent that picks by the level and by the model that it names. */
import {
  KEY_VARIABLES,
  levelPart,
  MODEL_NAMES,
  MODEL_VARIABLE,
  parseModel,
  type Provider,
} from '../../domain/model-name';
import { messageOf } from '../../domain/message';
import type { Agent, AgentAnswer } from './agent';
import type { Actions } from './catalogue';
import { bounded } from './malformed';
import type { ChosenModel } from './chosen-model';
import { createModelAgent } from './model';
import { createOfflineAgent, type Recogniser } from './offline';

export type { Agent, AgentAnswer, Earlier, ProposeRequest, Task } from './agent';
export { TryLater } from './agent';

type Chosen = { readonly provider: 'offline' } | ChosenModel;

export interface Models {
  /** Of every level that has none of its own. */
  readonly default: Chosen;
  /** By `levelPart` of the level's name. @default none */
  readonly levels?: Readonly<Record<string, Chosen>>;
  /** The providers that may be asked for a model that only a request names. @default none but the offline agent */
  readonly access?: Readonly<Partial<Record<Provider, Pick<ChosenModel, 'url' | 'key'>>>>;
}

/**
 * A model that the request names comes before the level's own, and that before the default. Every answer says `by` whom it is.
 * @throws Error where the key of a configured model could not be sent in a header
 */
export function createAgent(models: Models, registry: Actions & Recogniser): Agent {
  const fallback = agentOf(models.default, registry, MODEL_VARIABLE);
  const own = new Map(
    Object.entries(models.levels ?? {}).map(([part, chosen]) => [
      part,
      agentOf(chosen, registry, `${MODEL_VARIABLE}_${part}`),
    ]),
  );
  const named = namedAgents(models.access ?? {}, registry);
  return {
    name: fallback.name,
    async propose(request) {
      const { level, model } = request;
      const agent = model === undefined ? (own.get(levelPart(level)) ?? fallback) : named(model);
      if (!('propose' in agent)) return agent;
      return { ...(await agent.propose(request)), by: agent.name };
    },
  };
}

function agentOf(chosen: Chosen, registry: Actions & Recogniser, namedIn: string): Agent {
  return chosen.provider === 'offline'
    ? createOfflineAgent(registry)
    : createModelAgent(chosen, registry, namedIn);
}

/** Names come from whoever starts a workflow: so many agents are kept, and no more. */
const KEPT = 100;

/** The agent of a model's name, or the answer that says why it cannot be asked here. */
function namedAgents(access: Models['access'] & object, registry: Actions & Recogniser) {
  const made = new Map<string, Agent>();
  return (name: string): Agent | AgentAnswer => {
    const there = made.get(name);
    if (there !== undefined) return there;
    const chosen = chosenBy(name, access);
    if ('problem' in chosen) return unasked(chosen.problem, name);
    try {
      const agent = agentOf(chosen, registry, "the workflow's ladder");
      const [oldest] = made.keys();
      if (made.size >= KEPT && oldest !== undefined) made.delete(oldest);
      made.set(name, agent);
      return agent;
    } catch (error) {
      return unasked(messageOf(error), name);
    }
  };
}

function chosenBy(name: string, access: Models['access'] & object): Chosen | { readonly problem: string } {
  const model = parseModel(name);
  if (model === undefined) return { problem: `it names no model; use ${MODEL_NAMES}` };
  if (model.provider === 'offline') return model;
  const found = access[model.provider];
  if (found !== undefined) return { ...model, ...found };
  return {
    problem:
      model.provider === 'openai-compatible'
        ? 'this worker does not know where it is: set COUNTERSIGN_MODEL_URL for the worker'
        : `this worker has no key for it: set ${KEY_VARIABLES[model.provider]} for the worker`,
  };
}

function unasked(problem: string, name: string): AgentAnswer {
  const by = parseModel(name) === undefined ? 'no model' : name;
  const message = `the level asks for the model ${JSON.stringify(bounded(name, 200))}: ${problem}`;
  return { kind: 'failed', code: 'MODEL_NOT_CONFIGURED', message, by };
}
