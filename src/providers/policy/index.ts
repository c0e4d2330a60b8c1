/** Rules that pick a policy, and the file they stand in. */
export { expectations, type Said, type Tried } from './expectations';
export { loadPolicies, type PolicyFile } from './file';
export { createRules, weigh, type Met, type Weighed } from './rules';
export { Proposed } from './shape';
export { warnings } from './warnings';
