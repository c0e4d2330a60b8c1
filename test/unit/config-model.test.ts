/** Which model the environment names for which level, where it is and with which key; a mistake names the variable, never a key. */
import { ConfigError, readConfig, type ModelsConfig } from '../../src/config';

type Env = Readonly<Record<string, string>>;
const read = (env: Env): ModelsConfig => readConfig({ HOME: '/home/ana', ...env }).models;

function refused(env: Env): string {
  try {
    read(env);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    const { message } = error as ConfigError;
    expect(message).not.toContain('s3cr3t');
    return message;
  }
  throw new Error('it was taken');
}

const openai = { OPENAI_API_KEY: 's3cr3t-o' };
const anthropic = { ANTHROPIC_API_KEY: 's3cr3t-a' };
const there = { COUNTERSIGN_MODEL_URL: 'http://127.0.0.1:11434/v1/' };
const url = 'http://127.0.0.1:11434/v1';
const offline = { provider: 'offline' } as const;

test.each<{ said: string; env: Env; models: ModelsConfig }>([
  { said: 'nothing is rules', env: {}, models: { default: offline, levels: {}, access: {} } },
  {
    said: 'a model and its key',
    env: { COUNTERSIGN_MODEL: 'openai/gpt-x', ...openai },
    models: {
      default: { provider: 'openai', model: 'gpt-x', key: 's3cr3t-o' },
      levels: {},
      access: { openai: { key: 's3cr3t-o' } },
    },
  },
  {
    said: 'keys alone ask nobody; they let a ladder name its models',
    env: { ...openai, ...anthropic },
    models: {
      default: offline,
      levels: {},
      access: { openai: { key: 's3cr3t-o' }, anthropic: { key: 's3cr3t-a' } },
    },
  },
  {
    said: 'a level has its own, beside the default',
    env: {
      COUNTERSIGN_MODEL: 'openai/gpt-x',
      COUNTERSIGN_MODEL_SENIOR_AGENT: 'anthropic/claude-x',
      COUNTERSIGN_MODEL_L2: 'offline',
      COUNTERSIGN_MODEL_LEAD: '',
      ...openai,
      ...anthropic,
    },
    models: {
      default: { provider: 'openai', model: 'gpt-x', key: 's3cr3t-o' },
      levels: {
        SENIOR_AGENT: { provider: 'anthropic', model: 'claude-x', key: 's3cr3t-a' },
        L2: offline,
      },
      access: { openai: { key: 's3cr3t-o' }, anthropic: { key: 's3cr3t-a' } },
    },
  },
  {
    said: 'the URL is that of compatible models, and no key of another provider goes there',
    env: {
      COUNTERSIGN_MODEL: 'openai-compatible/llama',
      COUNTERSIGN_MODEL_SENIOR_AGENT: 'anthropic/claude-x',
      COUNTERSIGN_MODEL_KEY: 's3cr3t-c',
      ...there,
      ...anthropic,
    },
    models: {
      default: { provider: 'openai-compatible', model: 'llama', url, key: 's3cr3t-c' },
      levels: { SENIOR_AGENT: { provider: 'anthropic', model: 'claude-x', key: 's3cr3t-a' } },
      access: { anthropic: { key: 's3cr3t-a' }, 'openai-compatible': { url, key: 's3cr3t-c' } },
    },
  },
  {
    said: "the URL is that of the default's provider, too, at every level",
    env: {
      COUNTERSIGN_MODEL: 'openai/gpt-x',
      COUNTERSIGN_MODEL_LEAD: 'openai/gpt-y',
      ...there,
      ...openai,
      ...anthropic,
    },
    models: {
      default: { provider: 'openai', model: 'gpt-x', url, key: 's3cr3t-o' },
      levels: { LEAD: { provider: 'openai', model: 'gpt-y', url, key: 's3cr3t-o' } },
      access: {
        openai: { url, key: 's3cr3t-o' },
        anthropic: { key: 's3cr3t-a' },
        'openai-compatible': { url },
      },
    },
  },
  {
    said: 'a level alone may be at the URL',
    env: { COUNTERSIGN_MODEL_LEAD: 'openai-compatible/big', ...there },
    models: {
      default: offline,
      levels: { LEAD: { provider: 'openai-compatible', model: 'big', url } },
      access: { 'openai-compatible': { url } },
    },
  },
  {
    said: 'the URL may be for ladders, where rules are the default in so many words',
    env: { COUNTERSIGN_MODEL: 'offline', ...there },
    models: { default: offline, levels: {}, access: { 'openai-compatible': { url } } },
  },
])('$said', ({ env, models }) => {
  expect(read(env)).toEqual(models);
});

const NAMES = 'use openai/<model>, anthropic/<model>, openai-compatible/<model> or offline';

test.each<{ said: string; env: Env; message: string }>([
  {
    said: 'no model',
    env: { COUNTERSIGN_MODEL: 'gpt-x' },
    message: `COUNTERSIGN_MODEL=gpt-x names no model; ${NAMES}`,
  },
  {
    said: 'no model at a level',
    env: { COUNTERSIGN_MODEL_SENIOR_AGENT: 'mistral/large' },
    message: `COUNTERSIGN_MODEL_SENIOR_AGENT=mistral/large names no model; ${NAMES}`,
  },
  {
    said: 'no key',
    env: { COUNTERSIGN_MODEL: 'openai/gpt-x', ...anthropic },
    message: 'COUNTERSIGN_MODEL=openai/gpt-x needs its key in OPENAI_API_KEY',
  },
  {
    said: 'no key at a level',
    env: { COUNTERSIGN_MODEL: 'openai/gpt-x', COUNTERSIGN_MODEL_LEAD: 'anthropic/claude-x', ...openai },
    message: 'COUNTERSIGN_MODEL_LEAD=anthropic/claude-x needs its key in ANTHROPIC_API_KEY',
  },
  {
    said: 'no URL',
    env: { COUNTERSIGN_MODEL_LEAD: 'openai-compatible/big', COUNTERSIGN_MODEL_KEY: 's3cr3t' },
    message:
      'COUNTERSIGN_MODEL_LEAD=openai-compatible/big needs COUNTERSIGN_MODEL_URL, such as http://127.0.0.1:11434/v1',
  },
  {
    said: 'a level in small letters, which no level could read',
    env: { 'COUNTERSIGN_MODEL_senior-agent': 'offline' },
    message:
      'COUNTERSIGN_MODEL_senior-agent is the variable of no level; did you mean COUNTERSIGN_MODEL_SENIOR_AGENT?',
  },
  {
    said: 'a URL that nobody asks for',
    env: { COUNTERSIGN_MODEL_LEAD: 'openai/gpt-x', ...openai, ...there },
    message:
      'COUNTERSIGN_MODEL_URL is set, but no COUNTERSIGN_MODEL to find there; set it to openai-compatible/<model>, ' +
      'or to offline where only the ladders of workflows name models',
  },
  {
    said: 'a URL that is none',
    env: { COUNTERSIGN_MODEL: 'openai-compatible/l', COUNTERSIGN_MODEL_URL: 'localhost:11434' },
    message: 'COUNTERSIGN_MODEL_URL must be a base URL that starts with http:// or https://',
  },
])('refused: $said', ({ env, message }) => {
  expect(refused(env)).toBe(message);
});
