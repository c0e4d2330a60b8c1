/** The table of workflow types and the bundle's entry name the same ones. */
import { INNER_TYPES, WORKFLOW, WORKFLOW_TYPES } from '../../src/domain/workflow-types';
import * as bundled from '../../src/workflows';

test('every workflow type of the bundle is in the table by its own name, and may be started by anybody or by ours alone', () => {
  expect(Object.keys(WORKFLOW)).toEqual(Object.values(WORKFLOW));
  expect(Object.keys(bundled).sort()).toEqual(Object.values(WORKFLOW).sort());
  expect([...WORKFLOW_TYPES, ...INNER_TYPES].sort()).toEqual(Object.values(WORKFLOW).sort());
});
