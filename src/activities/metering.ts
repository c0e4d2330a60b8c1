/** What the worker's metrics are told of effects and models: names and numbers that are configured, never what anybody wrote. */
import { metricMeter } from '@temporalio/activity';
import type { Registry } from '../actions/registry';
import type { Generation } from '../domain/generation';
import { PROVIDERS } from '../domain/model-name';
import type { Execution } from './types';

/** One attempt at an effect: `refused` where the approval behind it does not hold. Whoever may start an activity may name any action. */
export function meterAttempt(
  registry: Pick<Registry, 'find'>,
  execution: Partial<Execution> | undefined,
  result: 'done' | 'failed' | 'refused',
): void {
  const { action } = execution ?? {};
  const known = typeof action === 'string' && registry.find(action) !== undefined;
  metricMeter
    .createCounter('countersign_effect_attempts_total', undefined, 'Attempts at effects in this worker')
    .add(1, { action: known ? action : 'unknown', result });
}

/** @param by the agent's name: a provider's, a slash, the model's */
export function meterModel(by: string, generation: Generation | undefined): void {
  if (generation === undefined) return;
  const [prefix] = by.split('/');
  const provider = PROVIDERS.find((one) => one === prefix) ?? 'other';
  const { calls, repairs, milliseconds, inputTokens = 0, outputTokens = 0 } = generation;
  const add = (name: string, description: string, value: number, tags = {}) => {
    if (value > 0)
      metricMeter.createCounter(name, undefined, description).add(Math.round(value), { provider, ...tags });
  };
  add('countersign_model_calls_total', 'Calls to a language model, repairs among them', calls);
  add('countersign_model_repairs_total', 'Answers that a model was asked to repair', repairs.length);
  add('countersign_model_milliseconds_total', 'Time spent waiting for a language model', milliseconds);
  const tokens = 'Tokens, as the provider counts them';
  add('countersign_model_tokens_total', tokens, inputTokens, { direction: 'input' });
  add('countersign_model_tokens_total', tokens, outputTokens, { direction: 'output' });
}
