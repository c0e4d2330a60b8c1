/**
 * Which agent proposes at which level: rules, or a language model at a provider. A model that could not be asked is found at
 * the start and not at the first task. No error shows a key.
 */
import {
  KEY_VARIABLES,
  levelPart,
  MODEL_NAMES,
  MODEL_VARIABLE,
  parseModel,
  PROVIDERS,
  type Provider,
} from '../domain/model-name';
import { ConfigError } from './error';

/** What it takes to ask a provider. */
export interface ProviderAccess {
  /** Base URL; the provider's own where it is left out. */
  readonly url?: string;
  /** Never shown, never logged. */
  readonly key?: string;
}

export type ModelConfig =
  | { readonly provider: 'offline' }
  | (ProviderAccess & {
      readonly provider: Provider;
      /** The model's name at its provider. */
      readonly model: string;
    });

export interface ModelsConfig {
  /** Of every level that has none of its own. */
  readonly default: ModelConfig;
  /** Of a level, by what follows COUNTERSIGN_MODEL_ in its variable: `levelPart` of its name. */
  readonly levels: Readonly<Record<string, ModelConfig>>;
  /** The providers that may be asked for a model that only a workflow's ladder names. */
  readonly access: Readonly<Partial<Record<Provider, ProviderAccess>>>;
}

const URL_VARIABLE = `${MODEL_VARIABLE}_URL`;
const PREFIX = `${MODEL_VARIABLE}_`;
/** Not levels. */
const TAKEN = [URL_VARIABLE, KEY_VARIABLES['openai-compatible']];

/** @throws ConfigError naming the variable */
export function readModels(env: NodeJS.ProcessEnv): ModelsConfig {
  const given = env[MODEL_VARIABLE];
  const url = baseUrl(env[URL_VARIABLE]);
  const own = parseModel(given || 'offline')?.provider;
  const access = accessOf(env, url, own);
  const fallback = modelOf(MODEL_VARIABLE, given || 'offline', access);
  const levels = Object.fromEntries(
    Object.entries(env).flatMap(([variable, name]): [string, ModelConfig][] => {
      if (!variable.startsWith(PREFIX) || TAKEN.includes(variable) || !name) return [];
      const part = variable.slice(PREFIX.length);
      if (part !== levelPart(part))
        throw new ConfigError(
          `${variable} is the variable of no level; did you mean ${PREFIX}${levelPart(part)}?`,
        );
      return [[part, modelOf(variable, name, access)]];
    }),
  );
  const found = [fallback, ...Object.values(levels)].some(({ provider }) => provider === 'openai-compatible');
  // Where `offline` is written out, it may be for the ladders of workflows.
  if (url !== undefined && !given && !found)
    throw new ConfigError(
      `${URL_VARIABLE} is set, but no ${MODEL_VARIABLE} to find there; set it to openai-compatible/<model>, ` +
        'or to offline where only the ladders of workflows name models',
    );
  return { default: fallback, levels, access };
}

/** The URL is that of compatible models and of the default's provider: no other provider's key is sent there. */
function accessOf(
  env: NodeJS.ProcessEnv,
  url: string | undefined,
  own: ModelConfig['provider'] | undefined,
): ModelsConfig['access'] {
  return Object.fromEntries(
    PROVIDERS.flatMap((provider) => {
      const key = env[KEY_VARIABLES[provider]];
      const compatible = provider === 'openai-compatible';
      if (compatible ? url === undefined : !key) return [];
      const there = compatible || provider === own ? url : undefined;
      return [[provider, { ...(there === undefined ? {} : { url: there }), ...(key ? { key } : {}) }]];
    }),
  );
}

function modelOf(variable: string, name: string, access: ModelsConfig['access']): ModelConfig {
  const model = parseModel(name);
  if (model === undefined) throw new ConfigError(`${variable}=${name} names no model; use ${MODEL_NAMES}`);
  if (model.provider === 'offline') return model;
  const found = access[model.provider];
  if (found !== undefined) return { ...model, ...found };
  throw new ConfigError(
    model.provider === 'openai-compatible'
      ? `${variable}=${name} needs ${URL_VARIABLE}, such as http://127.0.0.1:11434/v1`
      : `${variable}=${name} needs its key in ${KEY_VARIABLES[model.provider]}`,
  );
}

function baseUrl(given: string | undefined): string | undefined {
  if (!given) return undefined;
  if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return given.replace(/\/+$/, '');
  throw new ConfigError(`${URL_VARIABLE} must be a base URL that starts with http:// or https://`);
}
