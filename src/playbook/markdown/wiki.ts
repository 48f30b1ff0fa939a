import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../../document/limits.ts';
import type { WikiPage } from '../lint-runbook-links.ts';
import { codeLines } from './code-lines.ts';
import { anchorOf, type Outline, outlineOf } from './outline.ts';

/** A wiki whose pages are the files of a folder. */
export interface Wiki {
  /** What its links begin with. */
  url: string;
  folder: string;
}

/** Fewer words than these, and no command, are no runbook: a choice. */
const stubWords = 12;

/** The page that a link leads to; undefined: it is a link to none of the wikis. */
export function wikiPage(wikis: readonly Wiki[], link: string): WikiPage | undefined {
  const plain = link.replace(/[?#].*$/, '');
  const wiki = wikis.find(({ url }) => plain === url || plain.startsWith(`${url.replace(/\/$/, '')}/`));
  if (!wiki) return undefined;
  const path = decoded(plain.slice(wiki.url.replace(/\/$/, '').length)).replace(/^\/|\/$/g, '');
  const pages = pagesOf(wiki.folder);
  const file = pages.find((page) => keyOf(page) === keyOf(path));
  const known = pages.map((page) => page.replace(/\.(md|markdown)$/i, ''));
  if (file === undefined) return { known };
  const outline = outlineOf(file, readFileSync(join(wiki.folder, file), 'utf8'));
  return {
    known,
    found: { file: join(wiki.folder, file), anchors: anchorsOf(outline), isStub: isStub(outline) },
  };
}

/** A link that somebody typed may have a `%` of its own. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Pages are found by their path, with or without ending; a folder's page is its README or index. Case does not matter. */
function keyOf(path: string): string {
  return path
    .toLowerCase()
    .replaceAll('\\', '/')
    .replace(/\.(md|markdown|html?)$/, '')
    .replace(/(^|\/)(readme|_?index)$/, '');
}

function pagesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(md|markdown)$/i.test(file) && isPage(join(folder, file)))
    .sort();
}

/** No folder, no link that leads nowhere, nothing that is no text any more. */
function isPage(file: string): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= limits.bytes;
}

/** As GitHub and GitLab number them where a heading is there twice; and those that are written out. */
function anchorsOf({ title, sections, textOf }: Outline): string[] {
  const seen = new Map<string, number>();
  const headings = [title?.text, ...sections.map(({ heading }) => heading?.text)];
  const made = headings.flatMap((text) => {
    if (text === undefined) return [];
    const anchor = anchorOf(text);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return [count === 0 ? anchor : `${anchor}-${count}`];
  });
  const nodes = sections.flatMap(({ heading, blocks }) => [...(heading ? [heading.node] : []), ...blocks]);
  const written = nodes.flatMap((node) =>
    [...textOf(node).matchAll(/\{#([\w-]+)\}|<\w+[^>]*\b(?:id|name)="([^"]+)"/g)].map(
      ([, one, two]) => one ?? two ?? '',
    ),
  );
  return [...made, ...written];
}

function isStub({ sections, textOf }: Outline): boolean {
  const blocks = sections.flatMap((section) => section.blocks);
  if (blocks.some((block) => block.type === 'code' && codeLines(block.value, block.lang))) return false;
  const text = blocks
    .filter((block) => block.type !== 'html')
    .map(textOf)
    .filter(
      (one) =>
        !/^\W*(todo|tbd|wip|fixme|coming soon|to be (written|done|defined|determined)|placeholder|n\/a)\b/i.test(
          one,
        ),
    )
    .join(' ');
  return (
    !/`(kubectl|oc) /.test(text) && text.split(/\s+/).filter((word) => /\w/.test(word)).length < stubWords
  );
}
