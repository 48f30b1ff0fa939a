/** The name of a series: the legend's `{{label}}` filled, else its labels as PromQL writes them. */
export function legendOf(legend: string, labels: Record<string, string>): string {
  if (legend !== '' && legend !== '__auto') {
    return legend.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');
  }
  const { __name__: name = '', ...rest } = labels;
  const pairs = Object.entries(rest).map(([label, value]) => `${label}="${value}"`);
  return pairs.length > 0 ? `${name}{${pairs.join(', ')}}` : name;
}
