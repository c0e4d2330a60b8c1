// What the mutants of src/domain are run against: its tables, all in one file.
'use strict';

const { projects, ...common } = require('./jest.config.js');
const unit = projects.find(({ displayName }) => displayName === 'unit');

/** @type {import('jest').Config} */
module.exports = {
  ...common,
  ...unit,
  projects: undefined,
  maxWorkers: 1, // Stryker runs as many of these as it may
  testMatch: ['<rootDir>/test/domain/all-at-once.ts'],
};
