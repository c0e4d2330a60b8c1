/** What a worker tells of itself: its runtime with logs and metrics, and the gauges of what waits. */
export { installRuntime } from './runtime';
export { watchGates } from './gauges';
export { logNotice, openLogs, type Logs } from './logs';
export { visibilityOf } from './visibility';
export { toldByWorkflows, tracedActivities } from './traced-worker';
export { openTraces } from './traces';
