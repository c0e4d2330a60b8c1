/** The bundle's entry: every workflow type by its wire name. */
export { proposeAndExecute } from './propose-and-execute';
