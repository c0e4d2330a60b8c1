// What `npm run prove` proves: a figure that Countersign claims, the test that reaches it, and how many of each there have to be.
// The test reports what it counted by `counted(name, …)` of test/support/share.ts.

/** @typedef {{ name: string, figure: string, file: string, test?: string, least: Record<string, number> }} Proof */

/** @type {readonly Proof[]} Quick ones first. */
export const PROOFS = [
  {
    name: 'hostile-text',
    figure: 'Hostile strings through everything that says something of a gate: none comes out raw',
    file: 'test/cli/hostile-paths.test.ts',
    least: { strings: 300, ways: 30 },
  },
  {
    name: 'decisions',
    figure: 'Random decisions through the pure core: nothing throws, nothing is approved that was not signed',
    file: 'test/domain/fuzz.test.ts',
    least: { decisions: 1_000_000, carried: 30_000 },
  },
  {
    name: 'model',
    figure: 'Random sequences through the core and an independent model: they go the same way, step by step',
    file: 'test/domain/model.test.ts',
    least: { sequences: 50_000, steps: 500_000 },
  },
  {
    name: 'judgements',
    figure: 'Random evidence judged a second time by other means: the same verdict; no change makes it hold',
    file: 'test/domain/judgement-twice.test.ts',
    least: { evidences: 200_000, changed: 2_000 },
  },
  {
    name: 'tamperings',
    figure: 'Tamperings with a stored record, of eight kinds: each is found, with its place',
    file: 'test/store/tamperings.test.ts',
    least: { embedded: 8_000, postgres: 800 },
  },
  {
    name: 'resets',
    figure: 'Resets at every task of recorded stories: no effect repeats, every fork is explained',
    file: 'test/workflows/reconcile.test.ts',
    test: 'reset at every task',
    least: { histories: 20, resets: 41 },
  },
  {
    name: 'long-plan',
    figure: 'Steps of one plan: each once, in order, under 2,000 events a run',
    file: 'test/workflows/multi-step.test.ts',
    test: 'steps stay under',
    least: { steps: 300 },
  },
  {
    name: 'late-decisions',
    figure: 'Decisions read late: those in time are honoured, the others refused',
    file: 'test/workflows/late-hundred.test.ts',
    least: { honoured: 100, refused: 100 },
  },
  {
    name: 'bad-signals',
    figure: 'Bad signals: no workflow task fails, and every gate takes the good decision behind them',
    file: 'test/workflows/flood.test.ts',
    least: { spread: 20_000, workflows: 200, one: 10_000, forged: 1_000 },
  },
  {
    name: 'rolling-restart',
    figure: 'Gates decided while two workers are replaced: none lost, no effect doubled, no task failed',
    file: 'test/e2e/rolling.test.ts',
    least: { gates: 200 },
  },
  {
    name: 'killed-plans',
    figure: 'Plans under a worker that is killed again and again: no step twice, none skipped',
    file: 'test/e2e/plan-killed.test.ts',
    test: 'SIGKILL at random points',
    least: { plans: 100, kills: 3 },
  },
  {
    name: 'killed-records',
    figure: 'Effects whose worker is killed between their record and them: entries and effects agree',
    file: 'test/e2e/record-killed.test.ts',
    least: { effects: 100, kills: 10 },
  },
];
