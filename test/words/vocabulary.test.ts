import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

/** Words that only this project's authors understood, with what an on-call engineer says instead. */
const retired: [RegExp, string][] = [
  [/\bcalm\b/i, 'steady state, healthy'],
  [/\bstillborn\b/i, 'not started'],
  [/\b(?:lets?|letting) go\b/i, 'release'],
  [/\bleads? on\b/i, 'is actionable'],
  [/\bbeside the point\b/i, 'irrelevant'],
  [/\bdoors?\b(?!\.ts)/i, 'the thing itself: a port, an endpoint, traffic'],
  [/\bnews\b(?!\?)(?<!\/news)/i, 'updates'],
  [/\btold\b(?! apart)/i, 'notified, announced, informed'],
  [/\bwould ring\b/i, 'is notified'],
  [/\bhear[ds]? of\b/i, 'heartbeat, seen'],
  [/\blike that already\b/i, 'already has this value'],
  [/\bplay goes on\b/i, 'the game continues'],
  [/\bputs? everything back\b/i, 'restores the cluster'],
  [/\bcarr(?:y|ies) on\b/i, 'continues'],
  [/\bleads? to a playbook\b/i, 'links to a playbook'],
  [/\bleast Roles\b/i, 'least-privilege RBAC'],
  [/\bof earlier game\b|\bof an earlier game is still on\b/i, 'from the previous game'],
];

it('the texts that people read use the field’s terms', () => {
  const found = texts().flatMap(({ file, text }) =>
    retired.flatMap(([word, instead]) => {
      const match = word.exec(text);
      return match ? [`${file}: "${around(text, match.index)}" (say: ${instead})`] : [];
    }),
  );
  expect(found).toEqual([]);
});

it('the check of the vocabulary sees strings and templates, and no comments or code', () => {
  const source = "// calm\n/* calm */ const calm = 'a'; f(`calm ${x ? 'no' : `b`} stack`, \"it's\", /'/);";
  expect(literals(source).filter((text) => text.includes('calm'))).toEqual(["`calm ${x ? 'no' : `"]);
});

function texts(): { file: string; text: string }[] {
  const source = list('src', /\.tsx?$/)
    .filter((file) => !/^src\/(?:sandbox|shop|bench)\//.test(file))
    .flatMap((file) => literals(read(file)).map((text) => ({ file, text })));
  const documents = [
    'README.md',
    ...['docs', 'scenarios', 'playbooks'].flatMap((folder) => list(folder, /\.(?:md|yaml)$/)),
  ];
  return [
    ...source,
    ...documents.flatMap((file) =>
      read(file)
        .split('\n')
        .map((text, index) => ({ file: `${file}:${index + 1}`, text })),
    ),
  ];
}

/** String literals with a blank in them (one word is a name), and what stands between JSX tags. */
function literals(source: string): string[] {
  const parts =
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|>[^<>{}();=]+</g;
  return [...source.matchAll(parts)]
    .map(([text]) => text)
    .filter((text) => !/^\/[/*]/.test(text) && / /.test(text));
}

function around(text: string, index: number): string {
  return text.slice(Math.max(0, index - 30), index + 40).replace(/\s+/g, ' ');
}

function list(folder: string, name: RegExp): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .map((file) => `${folder}/${file}`);
}

function read(file: string): string {
  return readFileSync(join(packageRoot, file), 'utf8');
}
