// Says in one sentence that Node.js is too old, before anything that an old one could not even read is loaded. Plain
// old syntax for that reason.
var least = [20, 19];

/** Ends the process where Node.js is older than 20.19. */
module.exports = function requireNode() {
  var have = process.versions.node.split('.').map(Number);
  if (have[0] > least[0] || (have[0] === least[0] && have[1] >= least[1])) return;
  process.stderr.write(
    'Countersign needs Node.js ' +
      least.join('.') +
      ' or newer, and this is ' +
      process.versions.node +
      '.\n',
  );
  process.exit(2);
};
