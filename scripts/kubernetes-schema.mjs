// Makes test/support/schemas/kubernetes.json: of Kubernetes' own API schema only the kinds that deploy/kubernetes uses,
// strict (an unknown key is an error) and without descriptions. Give it a folder such as
// kubernetes_validate/kubernetes-json-schema/v1.31.0-local-strict of the PyPI package kubernetes-validate:
//   pip download --no-deps kubernetes-validate, unzip, node scripts/kubernetes-schema.mjs <folder>
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './setup/machine.mjs';

const KINDS = {
  'v1/ConfigMap': 'io.k8s.api.core.v1.ConfigMap',
  'v1/Namespace': 'io.k8s.api.core.v1.Namespace',
  'v1/PersistentVolumeClaim': 'io.k8s.api.core.v1.PersistentVolumeClaim',
  'v1/Secret': 'io.k8s.api.core.v1.Secret',
  'v1/ServiceAccount': 'io.k8s.api.core.v1.ServiceAccount',
  'apps/v1/Deployment': 'io.k8s.api.apps.v1.Deployment',
  'batch/v1/Job': 'io.k8s.api.batch.v1.Job',
  'networking.k8s.io/v1/NetworkPolicy': 'io.k8s.api.networking.v1.NetworkPolicy',
  'policy/v1/PodDisruptionBudget': 'io.k8s.api.policy.v1.PodDisruptionBudget',
};

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write('name the folder that holds _definitions.json; see the head of this script\n');
  process.exit(2);
}
const all = JSON.parse(readFileSync(path.join(folder, '_definitions.json'), 'utf8')).$defs;
const kept = {};
for (const name of Object.values(KINDS)) keep(name);
const definitions = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
const schema = { $comment: path.basename(folder), kinds: KINDS, $defs: definitions };
const file = path.join(root, 'test/support/schemas/kubernetes.json');
writeFileSync(file, `${JSON.stringify(schema)}\n`);
process.stdout.write(`wrote ${Object.keys(definitions).length} definitions\n`);

/** A definition and all that it refers to. */
function keep(name) {
  if (Object.hasOwn(kept, name)) return;
  kept[name] = {};
  kept[name] = bare(all[name]);
}

function bare(value) {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value.$ref === 'string') keep(value.$ref.replace('#/$defs/', ''));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, said]) => !(key === 'description' && typeof said === 'string') && !key.startsWith('x-'))
      .map(([key, said]) => [key, bare(said)]),
  );
}
