/** Where feedback goes besides, as the environment says it. */
import { ConfigError, readConfig } from '../../src/config';

test.each([
  { given: undefined, lessons: 3 },
  { given: '', lessons: 3 },
  { given: '0', lessons: 0 },
  { given: '10', lessons: 10 },
])('COUNTERSIGN_LESSONS=$given: $lessons', ({ given, lessons }) => {
  const env = given === undefined ? {} : { COUNTERSIGN_LESSONS: given };
  expect(readConfig({ HOME: '/home/ana', ...env }).lessons).toBe(lessons);
});

test.each(['11', '-1', 'few', '1.5'])('COUNTERSIGN_LESSONS=%s is refused by name', (given) => {
  expect(() => readConfig({ HOME: '/home/ana', COUNTERSIGN_LESSONS: given })).toThrow(
    /^COUNTERSIGN_LESSONS=.* must be a number from 0 to 10/,
  );
});

const read = (env: Record<string, string>) => readConfig({ HOME: '/home/ana', ...env }).langsmith;

test.each<{ said: string; env: Record<string, string>; is: ReturnType<typeof read> }>([
  { said: 'nothing', env: {}, is: undefined },
  { said: 'an empty key', env: { LANGSMITH_API_KEY: ' ' }, is: undefined },
  {
    said: 'a key',
    env: { LANGSMITH_API_KEY: 'k1\n' },
    is: { url: 'https://api.smith.langchain.com', key: 'k1' },
  },
  {
    said: 'a place of one’s own, and a workspace',
    env: {
      LANGSMITH_API_KEY: 'k1',
      COUNTERSIGN_LANGSMITH_URL: 'http://127.0.0.1:1984/api/',
      LANGSMITH_WORKSPACE_ID: 'w1',
    },
    is: { url: 'http://127.0.0.1:1984/api', key: 'k1', workspace: 'w1' },
  },
])('$said', ({ env, is }) => {
  expect(read(env)).toEqual(is);
});

test.each<{ env: Record<string, string>; says: RegExp }>([
  { env: { COUNTERSIGN_LANGSMITH_URL: 'http://here' }, says: /not the key in LANGSMITH_API_KEY/ },
  ...['here', 'ftp://here', 'https://ana:s3cret@here', 'https://here?key=s3cret'].map((url) => ({
    env: { LANGSMITH_API_KEY: 's3cret', COUNTERSIGN_LANGSMITH_URL: url },
    says: /^COUNTERSIGN_LANGSMITH_URL must be a base URL/,
  })),
  { env: { LANGSMITH_API_KEY: 's3cret two' }, says: /^LANGSMITH_API_KEY holds a space/ },
  {
    env: { LANGSMITH_API_KEY: 's3cret', LANGSMITH_WORKSPACE_ID: 'ü' },
    says: /^LANGSMITH_WORKSPACE_ID holds/,
  },
])('$env is refused by name, and no secret is said', ({ env, says }) => {
  expect(() => read(env)).toThrow(ConfigError);
  expect(() => read(env)).toThrow(says);
  expect(() => read(env)).not.toThrow(/s3cret/);
});
