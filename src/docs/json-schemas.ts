import { z } from 'zod';
import { laterKinds } from '../check/grammar.ts';
import { configSchema } from '../config/schema.ts';
import { faultSchemas } from '../fault/types/registry.ts';
import { playbookSchema } from '../playbook/schema.ts';
import { scenarioSchema } from '../scenario/schema.ts';

/**
 * The JSON Schemas of all documents, for editors, by file name in docs/schemas. They say what the files may hold:
 * durations as text, and `${…}` of a scenario's params where a number is wanted.
 */
export function jsonSchemas(): Record<string, object> {
  return {
    'scenario.json': jsonSchema('Scenario', scenarioSchema(faultSchemas), true),
    'playbook.json': jsonSchema('Playbook', playbookSchema, false),
    'config.json': jsonSchema('Config', configSchema, false),
  };
}

function jsonSchema(title: string, schema: z.ZodType, params: boolean): object {
  const generated = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema: node }) => {
      // Accepted by no document, so not offered by an editor.
      if (node.properties && node.additionalProperties === false) {
        for (const kind of laterKinds) delete node.properties[kind];
      }
      if (params && (node.type === 'number' || node.type === 'integer' || node.type === 'boolean')) {
        const { description, default: otherwise, ...literal } = node;
        for (const key of Object.keys(literal)) delete (node as Record<string, unknown>)[key];
        node.anyOf = [literal, { type: 'string', pattern: '^\\$\\{[A-Za-z][\\w-]*\\}$' }];
        if (description !== undefined) node.description = description;
        if (otherwise !== undefined) node.default = otherwise;
      }
    },
  });
  return { ...generated, title: `misfortune/v1 ${title}` };
}
