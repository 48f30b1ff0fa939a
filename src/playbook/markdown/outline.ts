import { fromMarkdown } from 'mdast-util-from-markdown';
import { LineCounter, parseDocument } from 'yaml';
import { problemAt } from '../../document/document.ts';
import type { MisfortuneError, SourcePlace } from '../../errors.ts';

type Root = ReturnType<typeof fromMarkdown>;
/** A node of Markdown's tree (https://github.com/syntax-tree/mdast), with its place in the source. */
export type Block = Root['children'][number];

/** A heading with what stands directly below it. */
export interface Section {
  /** Undefined: before the first heading. */
  heading?: { text: string; depth: number; node: Block };
  /** Its own heading and those that it is below, outermost first, the title left out. */
  path: string[];
  blocks: Block[];
}

/** A page of Markdown, parted at its headings. */
export interface Outline {
  file: string;
  /** What stands between `---` at its top. */
  head: Record<string, unknown>;
  title?: { text: string; node: Block };
  sections: Section[];
  /** Text of a node as it is written, on one line, with links by reference written out. */
  textOf(node: Block): string;
  place(node: Block, line?: number): SourcePlace;
  problems: MisfortuneError[];
}

export function outlineOf(file: string, text: string): Outline {
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const { head, blanked, problems } = frontMatter(file, source);
  const root = fromMarkdown(blanked);
  const lines = source.split('\n');
  const textOf = textReader(source, root);
  const sections: Section[] = [{ path: [], blocks: [] }];
  const above: { depth: number; text: string }[] = [];
  let title: Outline['title'];
  for (const block of root.children) {
    if (block.type !== 'heading') {
      if (block.type !== 'definition') sections.at(-1)!.blocks.push(block);
      continue;
    }
    const heading = { text: headingText(textOf(block)), depth: block.depth, node: block };
    if (!title && block.depth === 1) {
      title = heading;
      continue;
    }
    while ((above.at(-1)?.depth ?? 0) >= heading.depth) above.pop();
    above.push(heading);
    sections.push({ heading, path: above.map((one) => one.text), blocks: [] });
  }
  return {
    ...{ file, head, sections, textOf, problems },
    ...(title && { title }),
    place: (node, line) => {
      const start = node.position?.start ?? { line: 1, column: 1 };
      if (line === undefined) return { file, line: start.line, column: start.column };
      const indent = /^[\s>]*/.exec(lines[line - 1] ?? '')![0].length;
      return { file, line, column: indent + 1 };
    },
  };
}

/** `## **Diagnosis** ##` → Diagnosis; `{#anchor}` of some renderers is no part of the text. */
function headingText(source: string): string {
  return source
    .replace(/^#+\s*|\s*#*$/g, '')
    .replace(/\s*\{#[\w-]+\}$/, '')
    .replace(/[*_`]{1,2}(\S(?:.*?\S)?)[*_`]{1,2}/g, '$1')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim();
}

/** `Step 2: Restart it` → Restart it */
export function unnumbered(heading: string): string {
  return heading.replace(/^(?:step\s+)?\d+\s*[.):]\s*(?=\S)/i, '');
}

/** The anchor that GitHub, GitLab and Hugo give to a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Metadata on top as YAML between `---`, of Hugo, Jekyll and others. The rest keeps its lines and columns. */
function frontMatter(file: string, source: string) {
  const found = /^---[ \t]*\n([\s\S]*?)\n---[ \t]*(?:\n|$)/.exec(source);
  if (!found) return { head: {}, blanked: source, problems: [] };
  const counter = new LineCounter();
  const parsed = parseDocument(`\n${found[1]}`, { lineCounter: counter, prettyErrors: false });
  const problems = parsed.errors.slice(0, 1).map((error) => {
    const { line, col } = counter.linePos(error.pos[0]);
    const place = { file, line, column: col };
    return problemAt(place, 'yaml-syntax', `Not valid YAML in the page's head: ${error.message}`);
  });
  const value: unknown = problems.length === 0 ? parsed.toJS() : undefined;
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return {
    head: isMap ? (value as Record<string, unknown>) : {},
    blanked: found[0].replace(/[^\n]/g, ' ') + source.slice(found[0].length),
    problems,
  };
}

/** Links by reference (`[text][1]`) are written out, as what they refer to stands elsewhere. */
function textReader(source: string, root: Root): (node: Block) => string {
  const urls = new Map<string, string>();
  each(root as unknown as Node, (node) => {
    if (node.type === 'definition' && node.identifier && !urls.has(node.identifier))
      urls.set(node.identifier, node.url ?? '');
  });
  return (block) => {
    const from = block.position?.start.offset ?? 0;
    let text = source.slice(from, block.position?.end.offset ?? from);
    const swaps: { from: number; to: number; text: string }[] = [];
    each(block as unknown as Node, (node) => {
      const url = node.identifier === undefined ? undefined : urls.get(node.identifier);
      if (!/^(link|image)Reference$/.test(node.type) || url === undefined) return;
      const label = node.label ?? node.identifier ?? '';
      const first = node.children?.[0]?.position?.start.offset;
      const last = node.children?.at(-1)?.position?.end.offset;
      const words = first === undefined || last === undefined ? label : source.slice(first, last);
      const mark = node.type === 'imageReference' ? '!' : '';
      const { start, end } = node.position!;
      swaps.push({ from: start.offset! - from, to: end.offset! - from, text: `${mark}[${words}](${url})` });
    });
    for (const swap of swaps.sort((a, b) => b.from - a.from))
      text = text.slice(0, swap.from) + swap.text + text.slice(swap.to);
    return text
      .split('\n')
      .map((line, index) => (index === 0 ? line : line.replace(/^\s*(?:>\s?)*/, '')).trimEnd())
      .join(' ')
      .replace(/^>\s?/, '')
      .trim();
  };
}

/** What the kinds of nodes have that is asked for here. */
interface Node {
  type: string;
  identifier?: string;
  label?: string | null;
  url?: string;
  children?: Node[];
  position?: Block['position'];
}

function each(node: Node, look: (node: Node) => void): void {
  look(node);
  for (const child of node.children ?? []) each(child, look);
}
