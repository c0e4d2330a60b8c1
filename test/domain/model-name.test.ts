/** How a model is named, wherever somebody names one. */
import {
  KEY_VARIABLES,
  levelPart,
  MODEL_NAMES,
  MODEL_VARIABLE,
  parseModel,
  PROVIDERS,
} from '../../src/domain/model-name';

it('the words that messages and the environment use', () => {
  expect(PROVIDERS).toEqual(['openai', 'anthropic', 'openai-compatible']);
  expect(KEY_VARIABLES).toEqual({
    openai: 'OPENAI_API_KEY',
    anthropic: 'ANTHROPIC_API_KEY',
    'openai-compatible': 'COUNTERSIGN_MODEL_KEY',
  });
  expect(MODEL_VARIABLE).toBe('COUNTERSIGN_MODEL');
  expect(MODEL_NAMES).toBe('openai/<model>, anthropic/<model>, openai-compatible/<model> or offline');
});

it.each([
  ['SENIOR_AGENT', 'SENIOR_AGENT'],
  ['Senior agent', 'SENIOR_AGENT'],
  ['l2.lead/eu', 'L2_LEAD_EU'],
  ['A-Z09_', 'A_Z09_'],
])('the level %s is %s in its variable', (level, part) => {
  expect(levelPart(level)).toBe(part);
});

it.each([
  ['offline', { provider: 'offline' }],
  ['openai/gpt-5', { provider: 'openai', model: 'gpt-5' }],
  ['openai-compatible/hf.co/org/m:Q4', { provider: 'openai-compatible', model: 'hf.co/org/m:Q4' }],
  [`anthropic/${'x'.repeat(200)}`, { provider: 'anthropic', model: 'x'.repeat(200) }],
  [`anthropic/${'x'.repeat(201)}`, undefined],
  ['anthropic/a\nb', undefined],
  ['anthropic/a\n', undefined],
  ['anthropic/ключ', undefined],
  ['/m', undefined],
  ['m', undefined],
  ['openai/', undefined],
  ['openai/a b', undefined],
  ['xopenai/m', undefined],
  ['Openai/m', undefined],
  [' openai/m', undefined],
  ['google/m', undefined],
  ['offline/m', undefined],
  ['openai/!', { provider: 'openai', model: '!' }],
  ['openai/~', { provider: 'openai', model: '~' }],
])('%j is the model %o', (name, model) => {
  expect(parseModel(name)).toEqual(model);
});
