/**
 * Evaluated once a worker thread and shared by all its workflows: everything here is pure, without state of its own. Fresh
 * for each workflow it would cost several milliseconds to set up, and run cold.
 */
import * as admission from '../domain/gate/admit';
import * as approval from '../domain/gate/evidence';
import * as audit from '../domain/audit';
import * as carried from '../domain/carried';
import * as confirmation from '../domain/confirmation';
import * as decision from '../domain/gate/decision';
import * as digest from '../domain/digest';
import * as directory from '../domain/directory';
import * as duration from '../domain/duration';
import * as feedback from '../domain/feedback';
import * as gate from '../domain/gate';
import * as gateGrade from '../domain/gate/sender-grade';
import * as gateShape from '../domain/gate/state-shape';
import * as gateShown from '../domain/gate/shown';
import * as grade from '../domain/grade';
import * as json from '../domain/json';
import * as ladder from '../domain/gate/levels';
import * as packet from '../domain/packet';
import * as passkey from '../domain/passkey';
import * as phrase from '../domain/phrase';
import * as policy from '../domain/policy';
import * as proposal from '../domain/proposal';
import * as receipts from '../domain/gate/receipts';
import * as reconcile from '../domain/reconcile';
import * as records from '../domain/gate/records';
import * as refusal from '../domain/gate/refusals';
import * as reviewers from '../domain/reviewers';
import * as revision from '../domain/gate/revisions';
import * as shown from '../domain/gate/shown-hash';
import * as signedText from '../domain/signed-text';
import * as signing from '../domain/gate/signature';
import * as start from '../domain/start';
import * as startProof from '../domain/start-proof';
import * as steps from '../domain/gate/status';
import * as timeline from '../domain/gate/timers';
import * as transitions from '../domain/transitions';
import * as unproposed from '../domain/gate/no-proposal';
import * as verdicts from '../domain/verdicts';
import * as visible from '../domain/visible';
import * as voices from '../domain/voices';
import * as vouch from '../domain/gate/vouch';
import * as changes from '../domain/changes';
import * as climb from '../domain/climb';
import * as escalationStart from '../domain/escalation-start';
import * as plan from '../domain/plan';
import * as planNames from '../domain/plan-names';
import * as planStart from '../domain/plan-start';
import * as stepStart from '../domain/step-start';
import * as words from '../domain/words';
import * as details from './details';

const shared = [
  ...[audit, decision, digest, duration, gate, json, packet, policy, proposal, refusal, start],
  ...[transitions, unproposed, visible, details, admission, approval, ladder, phrase, receipts],
  ...[reviewers, signing, timeline, voices, revision, steps],
  ...[changes, climb, escalationStart, feedback, plan, planNames, planStart, stepStart, words, reconcile],
  ...[carried, gateShape, confirmation, directory, grade, startProof],
  ...[gateGrade, gateShown, passkey, shown, signedText, vouch, records, verdicts],
];

// What is shared is frozen, all the way down, and a schema works out parts of itself when it is first used. One that is
// frozen already is taken as it is, and may go on doing so inside.
for (const module of shared)
  for (const value of Object.values<unknown>(module))
    if (typeof value === 'object' && value !== null && '_zod' in value) Object.freeze(value);
