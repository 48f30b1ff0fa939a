import { executeTemplate } from './execute.ts';
import type { TemplateScope } from './functions.ts';
import { parseTemplate } from './parse.ts';
import type { Template } from './tree.ts';

export type { TemplateScope } from './functions.ts';

/**
 * A label or annotation of an alerting rule as a Go template, with everything that Prometheus' rules have. What cannot be
 * expanded becomes `<error expanding template: …>`, as there; what cannot be parsed is a RuleFileError before.
 */
export function renderTemplate(text: string, scope: TemplateScope): string {
  if (!text.includes('{{')) return text;
  try {
    return executeTemplate(parsed(text), scope);
  } catch (error) {
    return `<error expanding template: ${error instanceof Error ? error.message : String(error)}>`;
  }
}

/** The texts of rules are few, and filled at each evaluation. */
const known = new Map<string, Template>();

function parsed(text: string): Template {
  let template = known.get(text);
  if (!template) {
    template = parseTemplate(text);
    if (known.size >= 10_000) known.clear();
    known.set(text, template);
  }
  return template;
}
