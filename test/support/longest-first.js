// Long suites begin first, so that none of them runs alone at the end. Jest knows how long each took the last time, but not on a
// machine that never ran them: there these lead, and where it does know they do no harm.
'use strict';

const Sequencer = require('@jest/test-sequencer').default;

const LONG = [
  'e2e/cli-sequences',
  'e2e/operations-doc',
  'e2e/operations',
  'e2e/cli-comfort',
  'e2e/cli-review',
  'e2e/package',
  'e2e/metrics',
  'workflows/multi-step',
  'workflows/model',
  'workflows/continued',
  'workflows/feedback',
  'workflows/authority',
  'workflows/forged-run',
  'workflows/rogue-poller',
  'e2e/traces',
  'e2e/example-python',
  'e2e/passkey-python',
].map((name) => `/test/${name}.test.ts`);

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONG.findIndex((end) => path.endsWith(end));
      return at === -1 ? LONG.length : at;
    };
    return super.sort(tests).sort((one, other) => rank(one) - rank(other));
  }
};
