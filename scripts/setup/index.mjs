// The steps of set-up in their order, for `scripts/setup.mjs`, the tests and the demo.
import { setUpChromium } from './chromium.mjs';
import { setUpModules } from './modules.mjs';
import { setUpPostgres } from './postgres.mjs';
import { setUpPromtool } from './promtool.mjs';
import { setUpPython } from './python.mjs';
import { setUpTemporal } from './temporal.mjs';

const steps = {
  modules: setUpModules,
  temporal: setUpTemporal,
  chromium: setUpChromium,
  postgres: setUpPostgres,
  promtool: setUpPromtool,
  python: setUpPython,
};

/**
 * What `--only` may name; chromium comes with the modules because Playwright does. The test of the example in Python
 * calls for its `python` itself: where there is none, that one fails and says so.
 */
export const targets = {
  modules: ['modules'],
  server: ['temporal'],
  chromium: ['modules', 'chromium'],
  postgres: ['postgres'],
  promtool: ['promtool'],
  python: ['python'],
  test: ['modules', 'temporal', 'chromium', 'postgres', 'promtool'],
};

/** Resolves with an object of what each step found; throws a SetupError that says what to do. */
export async function setUp(names, say) {
  const answer = {};
  for (const name of names) answer[name] = await steps[name](say);
  return answer;
}
