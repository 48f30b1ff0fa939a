import { expect, test } from 'vitest';
import { parametersOf, serverParameters } from '../../../src/sandbox/postgres/settings.ts';

test('parameters are read in each form that the server knows', () => {
  const args = ['-c', 'work_mem=8MB', '--lock-timeout=2s', '-N', '20', '-cstatement_timeout=1s'];
  expect(parametersOf(args)).toEqual(
    new Map([
      ['work_mem', '8MB'],
      ['lock_timeout', '2s'],
      ['max_connections', '20'],
      ['statement_timeout', '1s'],
    ]),
  );
});

test('statistics of statements may be asked for, and no other library with them', () => {
  expect(parametersOf(['-c', 'shared_preload_libraries=pg_stat_statements'])).toEqual(new Map());
  for (const libraries of ['pg_stat_statements,x', 'auto_explain', ''])
    expect(parametersOf(['-c', `shared_preload_libraries=${libraries}`])).toEqual({
      problem: 'parameter "shared_preload_libraries" cannot be set in this sandbox',
    });
});

test.each([
  'archive_command=id',
  'data_directory=/',
  'listen_addresses=*',
  'shared_preload_libraries=x',
  'ssl_passphrase_command=id',
  'session_preload_libraries=x',
  'hba_file=/x',
  'client_connection_check_interval=0',
])('refused: %s', (parameter) => {
  const name = parameter.split('=')[0];
  expect(parametersOf(['-c', parameter])).toEqual({
    problem: `parameter "${name}" cannot be set in this sandbox`,
  });
  expect(parametersOf([`--${parameter.replaceAll('_', '-')}`])).toHaveProperty('problem');
});

test('what is no parameter is refused', () => {
  expect(parametersOf(['-D', '/'])).toEqual({ problem: 'invalid argument: "-D"' });
});

test('what holds the server comes after what a container says', () => {
  const settings = { major: 18, statements: true, socketFolder: '/s' };
  const words = serverParameters(settings, { address: '127.1.1.1', port: 5432 }, new Map([['port', '1']]));
  expect(words).toContain('port=5432');
  expect(words).not.toContain('port=1');
});
