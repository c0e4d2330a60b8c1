/** The bundle's entry: every workflow type by its wire name. */
export { confirm } from './confirm';
export { proposeAndExecute } from './propose-and-execute';
export { reviewLevel } from './review-level';
