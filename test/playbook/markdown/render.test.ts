import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSource } from '../../../src/document/read.ts';
import { packageRoot } from '../../../src/paths.ts';
import { importRunbook } from '../../../src/playbook/markdown/import.ts';
import { renderPlaybook } from '../../../src/playbook/markdown/render.ts';
import { parsePlaybook } from '../../../src/playbook/parse.ts';
import type { Playbook } from '../../../src/playbook/schema.ts';

const folder = join(packageRoot, 'playbooks');

function parsed(file: string, text: string): Playbook {
  const { document, problems } = parseSource(file, text);
  if (!document) throw problems[0];
  const { playbook, problems: wrong } = parsePlaybook(document);
  if (!playbook) throw wrong[0];
  return playbook;
}

describe('a playbook as Markdown', () => {
  it.each(readdirSync(folder))('%s is the same after it was rendered and imported', (file) => {
    const playbook = parsed(file, readFileSync(join(folder, file), 'utf8'));
    const page = renderPlaybook(playbook);
    const { text, notes } = importRunbook(`${playbook.name}.md`, page, 'playbook.json');
    expect(parsed(file, text)).toEqual(playbook);
    expect(notes.map(({ code }) => code).filter((code) => code !== 'no-command')).toEqual([]);
  });
});
