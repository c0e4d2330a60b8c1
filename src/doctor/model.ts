/** Whether the model's provider takes the key and knows the model: one cheap request. The key is never shown. */
import type { ModelConfig, ModelsConfig } from '../config';
import { KEY_VARIABLES, MODEL_VARIABLE, type Provider } from '../domain/model-name';
import { timeLimit } from '../time-limit';
import { checked, fail, ok, warn, type Check } from './check';

const BASES = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com/v1' } as const;
const WITHIN = 5_000;

/** The default's, then those of levels that have their own. */
export async function checkModels(models: ModelsConfig): Promise<Check[]> {
  const levels = Object.entries(models.levels).sort(([one], [other]) => (one < other ? -1 : 1));
  return Promise.all([
    checkModel(models.default),
    ...levels.map(async ([part, model]) => {
      const check = await checkModel(model, `${MODEL_VARIABLE}_${part}`);
      return { ...check, name: `model ${part}` };
    }),
  ]);
}

/** @param variable where the model is named, for whoever must mend it */
export function checkModel(config: ModelConfig, variable = MODEL_VARIABLE): Promise<Check> {
  if (config.provider === 'offline')
    return Promise.resolve(ok('model', 'offline: rules propose, no language model is asked'));
  return checked('model', `check ${variable} and COUNTERSIGN_MODEL_URL`, () => ask(config, variable));
}

async function ask(config: Exclude<ModelConfig, { provider: 'offline' }>, variable: string): Promise<Check> {
  const { provider, model, url = provider === 'openai-compatible' ? '' : BASES[provider], key } = config;
  const name = `${provider}/${model}`;
  const list = `${url}/models${provider === 'anthropic' ? '?limit=1000' : ''}`;
  const keyName = KEY_VARIABLES[provider];
  // Refused here, because the error of whoever cannot send it holds the key.
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key))
    return fail(
      'model',
      `the key in ${keyName} holds a space, a line break or a letter that no key has`,
      `set ${keyName} again, without what was copied along with it`,
    );
  const limit = timeLimit(WITHIN);
  const { signal } = limit;
  try {
    // A redirect is not followed: it could carry the key elsewhere.
    const response = await fetch(list, { headers: headers(provider, key), redirect: 'manual', signal });
    const keyed = key !== undefined;
    return await judged(response, { name, model, url, keyName, namedIn: variable, keyed });
  } catch (error) {
    const why = limit.over() ? `no answer within ${String(WITHIN / 1000)} s` : reason(error);
    const mend = `check COUNTERSIGN_MODEL_URL, and that this machine may reach ${new URL(url).host}`;
    return fail('model', `${name} cannot be reached at ${url}: ${why}`, mend);
  } finally {
    limit.clear();
  }
}

interface Asked {
  readonly name: string;
  readonly model: string;
  readonly url: string;
  /** The variable that holds the key. */
  readonly keyName: string;
  /** The variable that names the model. */
  readonly namedIn: string;
  readonly keyed: boolean;
}

async function judged(response: Response, asked: Asked): Promise<Check> {
  const { name, model, url, keyName, namedIn, keyed } = asked;
  const { status } = response;
  if (status === 401 || status === 403)
    return fail(
      'model',
      `${url} ${keyed ? `refuses the key in ${keyName}` : 'asks for a key'} (${String(status)})`,
      keyed ? `set ${keyName} to a key that is valid there` : `set ${keyName}`,
    );
  if (status === 429)
    return warn(
      'model',
      `${url} takes the key, and limits it now (429)`,
      'wait, or raise the limit at the provider',
    );
  if (status >= 500)
    return warn(
      'model',
      `${url} has trouble (${String(status)}); proposals wait and are tried again`,
      'try again later',
    );
  if (status !== 200)
    return warn(
      'model',
      `${url} has no list of models (${String(status)}): the key could not be tried`,
      'check that COUNTERSIGN_MODEL_URL ends where /models begins, such as http://127.0.0.1:11434/v1',
    );
  const known = idsIn(await response.text());
  if (known === undefined)
    return warn(
      'model',
      `${url} answers, but not with a list of models`,
      'check COUNTERSIGN_MODEL_URL: it may be a page rather than an API',
    );
  if (!known.includes(model))
    return warn(
      'model',
      `${url} takes the key, but does not list ${model}`,
      `name one that it lists in ${namedIn}: ${known.slice(0, 10).join(', ') || 'it lists none'}`,
    );
  return ok('model', `${name} at ${url}${keyed ? ', which takes the key' : ''}`);
}

function headers(provider: Provider, key: string | undefined): Record<string, string> {
  if (key === undefined) return {};
  if (provider === 'anthropic') return { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
  return { authorization: `Bearer ${key}` };
}

/** Both providers answer `{ data: [{ id }] }`. */
function idsIn(body: string): string[] | undefined {
  try {
    const { data } = JSON.parse(body) as { data?: unknown };
    if (!Array.isArray(data)) return undefined;
    return data.flatMap((one: unknown) => {
      const id = (one as { id?: unknown } | null)?.id;
      return typeof id === 'string' ? [id] : [];
    });
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; its cause's code does. */
function reason(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : (message ?? 'no answer');
}
