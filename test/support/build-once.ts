/** Before the first test of a project that starts the CLI; jest's workers find it made. */
import { build } from './built';

export default build;
