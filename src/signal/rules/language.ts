import { syntaxProblem } from '../promql-syntax.ts';

/**
 * Whether an expression is PromQL. LogQL looks the same in places (`count_over_time({app="till"}[5m])` is both); a stream
 * selector has no metric, which a rule's selector in PromQL always has. In doubt it is none: then it is not evaluated.
 */
export function isPromql(query: string): boolean {
  if (query.trim() === '' || syntaxProblem(query)) return false;
  const bare = query.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`/g, '""').replace(/#[^\n]*/g, '');
  for (const { index, 0: selector } of bare.matchAll(/\{[^{}]*\}/g)) {
    const hasName = /[\w:]\s*$/.test(bare.slice(0, index));
    // `{__name__="x"}`, and since Prometheus 3 `{"x.y"}`.
    const namesInside = /\b__name__\b/.test(selector) || /[{,]\s*""\s*[,}]/.test(selector);
    if (!hasName && !namesInside) return false;
  }
  return true;
}
