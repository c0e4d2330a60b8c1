/** What Countersign may touch for a release: the database, and the fleet's task queue. COUNTERSIGN_ACTIONS names this file. */
import { pathToFileURL } from 'node:url';
import { file } from './database';

/** For the built-in action `sql`. */
export const databases = { shop: pathToFileURL(file).href };
/** For the built-in action `remote`. */
export const taskQueues = ['fleet'];

/** No action of its own: the built-in ones are enough. */
export default [];
