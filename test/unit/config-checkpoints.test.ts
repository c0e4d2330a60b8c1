/** Where checkpoints go, as the environment says it. */
import path from 'node:path';
import { ConfigError, readConfig } from '../../src/config';
import { checkpointsPath } from '../../src/store';

const read = (env: Readonly<Record<string, string>>) => readConfig({ HOME: '/home/ana', ...env });

test('nothing said is a file in the data directory, after 1,000 entries or a minute', () => {
  const config = read({ COUNTERSIGN_DATA: '/data', COUNTERSIGN_CHECKPOINTS: '' });
  expect(config.checkpoints).toEqual({ path: undefined, key: undefined, entries: 1_000, seconds: 60 });
  expect(checkpointsPath(config)).toBe('/data/checkpoints.jsonl');
});

test('off is none', () => {
  const config = read({ COUNTERSIGN_CHECKPOINTS: 'off', COUNTERSIGN_CHECKPOINT_ENTRIES: 'many' });
  expect([config.checkpoints, checkpointsPath(config)]).toEqual([undefined, undefined]);
});

test('what is said is taken', () => {
  const config = read({
    COUNTERSIGN_CHECKPOINTS: 'elsewhere/own.jsonl',
    COUNTERSIGN_CHECKPOINT_KEY: '/keys/own.pem',
    COUNTERSIGN_CHECKPOINT_ENTRIES: '50',
    COUNTERSIGN_CHECKPOINT_SECONDS: '5',
  });
  expect(config.checkpoints).toEqual({
    path: 'elsewhere/own.jsonl',
    key: '/keys/own.pem',
    entries: 50,
    seconds: 5,
  });
  expect(checkpointsPath(config)).toBe(path.resolve('elsewhere/own.jsonl'));
});

test.each([
  ['COUNTERSIGN_CHECKPOINTS', 'here', 'is no path that ends in .jsonl; set it to one, or to off'],
  ['COUNTERSIGN_CHECKPOINT_ENTRIES', '0', 'must be a whole number from 1 to 1000000'],
  ['COUNTERSIGN_CHECKPOINT_ENTRIES', '1.5', 'must be a whole number from 1 to 1000000'],
  ['COUNTERSIGN_CHECKPOINT_SECONDS', 'soon', 'must be a whole number from 1 to 1000000'],
  ['COUNTERSIGN_CHECKPOINT_SECONDS', '1000001', 'must be a whole number from 1 to 1000000'],
])('%s=%s %s', (name, value, says) => {
  expect(() => read({ [name]: value })).toThrow(ConfigError);
  expect(() => read({ [name]: value })).toThrow(`${name}=${value} ${says}`);
});
