// Sums up the JSON reports of vitest: `node .ci/count.mjs REPORT…`. What passed only on its second try is named on the last
// line: it is an issue, not a pass.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (key) => reports.reduce((all, one) => all + (one[key] ?? 0), 0);
const second = reports
  .flatMap(({ testResults }) => testResults)
  .flatMap(({ assertionResults }) => assertionResults)
  // A test that passed at once has no failure to tell.
  .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
  .map(({ fullName }) => fullName);
const passed = sum('numPassedTests') - second.length;
const line = `${passed} passed, ${sum('numFailedTests')} failed, ${sum('numPendingTests')} skipped`;
console.log(
  second.length === 0
    ? line
    : `${line}, ${second.length} only on the second try (each is an issue): ${second.join('; ')}`,
);
