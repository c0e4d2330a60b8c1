/** The agent that the configuration asks for. */
import type { Agent } from './agent';
import type { Actions } from './catalogue';
import { type ChosenModel, createModelAgent } from './model';
import { createOfflineAgent, type Recogniser } from './offline';

export type { Agent, AgentAnswer, Earlier, ProposeRequest } from './agent';
export { TryLater } from './agent';

/** @throws Error where the model's key could not be sent in a header */
export function createAgent(
  config: { readonly provider: 'offline' } | ChosenModel,
  registry: Actions & Recogniser,
): Agent {
  return config.provider === 'offline' ? createOfflineAgent(registry) : createModelAgent(config, registry);
}
