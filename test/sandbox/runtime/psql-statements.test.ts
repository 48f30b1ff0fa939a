import { expect, test } from 'vitest';
import { Statements } from '../../../src/sandbox/runtime/tools/postgres/statements.ts';

test.each([
  ['SELECT 1; SELECT 2', ['SELECT 1;', 'SELECT 2']],
  ["SELECT ';'; SELECT 'it''s;'", ["SELECT ';';", "SELECT 'it''s;'"]],
  ['DO $x$ a; $$ b; $x$; SELECT 1', ['DO $x$ a; $$ b; $x$;', 'SELECT 1']],
  ['SELECT 1 -- no; end\n; /* ; */ SELECT 2;', ['SELECT 1 -- no; end\n;', '/* ; */ SELECT 2;']],
  ['\\dt\nSELECT 1;\n\\q', ['\\dt', 'SELECT 1;', '\\q']],
  ['SELECT "a;b" FROM t WHERE x = $1;', ['SELECT "a;b" FROM t WHERE x = $1;']],
  [';;\n ;', []],
])('%j', (script, statements) => {
  const whole = new Statements();
  expect([...whole.add(script), ...whole.end()]).toEqual(statements);
  // The same, a character at a time.
  const slow = new Statements();
  expect([...[...script].flatMap((one) => slow.add(one)), ...slow.end()]).toEqual(statements);
});
