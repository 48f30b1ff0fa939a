/** The unit of what a query gives, in Grafana's words, by Prometheus' naming practices; '' where the name tells none. */
export function unitOf(query: string): string {
  if (/_seconds\b/.test(query)) return 's';
  if (/_ratio\b/.test(query)) return 'percentunit';
  if (/_bytes\b/.test(query)) return 'bytes';
  if (/:rate\w*$/.test(query)) return '/s';
  return '';
}
