/**
 * How a model is named, in one place: the environment, a ladder's level on the wire and the agent all say `provider/model`,
 * and every message about a missing key names the same variable.
 */
export const PROVIDERS = ['openai', 'anthropic', 'openai-compatible'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** The variable that holds each provider's key. */
export const KEY_VARIABLES: Readonly<Record<Provider, string>> = {
  openai: 'OPENAI_API_KEY',
  anthropic: 'ANTHROPIC_API_KEY',
  'openai-compatible': 'COUNTERSIGN_MODEL_KEY',
};

/** The model of every level that has none of its own. */
export const MODEL_VARIABLE = 'COUNTERSIGN_MODEL';

/** What a model may be called, for whoever called it something else. */
export const MODEL_NAMES = `${PROVIDERS.map((provider) => `${provider}/<model>`).join(', ')} or offline`;

export type ModelName =
  { readonly provider: 'offline' } | { readonly provider: Provider; readonly model: string };

/** Undefined where it names no model. The model itself is 1–200 printable ASCII characters without spaces. */
export function parseModel(name: string): ModelName | undefined {
  if (name === 'offline') return { provider: 'offline' };
  const [, prefix, model] = /^([a-z-]+)\/([\x21-\x7e]{1,200})$/.exec(name) ?? [];
  const provider = PROVIDERS.find((one) => one === prefix);
  return provider === undefined || model === undefined ? undefined : { provider, model };
}

/**
 * What follows `COUNTERSIGN_MODEL_` in the variable of a level's own model: SENIOR_AGENT for `Senior agent`. Levels named URL
 * or KEY can have none, for those two variables say where the model is and hold its key.
 */
export function levelPart(level: string): string {
  return level.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
