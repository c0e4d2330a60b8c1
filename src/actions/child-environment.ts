/**
 * The environment of a process that works on behalf of an action. It is given what the operating system's loader, dates
 * and temporary files go by, by name: our own settings and anybody's secrets stay with the worker, where neither a
 * statement nor a fault in an engine finds them. This passes on, and decides nothing: src/config.ts reads.
 */
const PASSED_ON = ['TZ', 'TMPDIR', 'SQLITE_TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH'];

export function childEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.includes(name)));
}
