import { interpolate } from './interpolate.ts';
import type { Panel } from './panels.ts';
import type { Variables } from './variable.ts';

/** So many copies of one panel are read; Grafana itself has no limit. */
const mostCopies = 50;

/** A panel with variables filled into its title: once, or for each value of the variables that repeat it. */
export function repeated(panel: Panel, variables: Variables): { panel: Panel; variables: Variables }[] {
  let scopes: Variables[] = [variables];
  for (const name of panel.repeat ?? []) {
    const value = Object.hasOwn(variables.values, name) ? variables.values[name] : undefined;
    if (!value || value.values.length === 0) continue;
    const { values, texts = values, multi } = value;
    scopes = scopes.flatMap((scope) =>
      values.map((each, index) => ({
        ...scope,
        values: { ...scope.values, [name]: { values: [each], texts: [texts[index] ?? each], multi } },
      })),
    );
  }
  return scopes.slice(0, mostCopies).map((scope, index) => {
    const fill = (written: string) => interpolate(written, scope.values, {}, 'text').text;
    const title = fill(panel.title);
    return {
      panel: {
        ...panel,
        title,
        ...(title !== panel.title && { written: panel.title }),
        row: fill(panel.row),
        ...(scopes.length > 1 && { copy: index + 1 }),
      },
      variables: scope,
    };
  });
}
