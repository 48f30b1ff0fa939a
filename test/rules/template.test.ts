import { expect, test } from 'vitest';
import { LabelSet } from '../../src/promql/series/labels.ts';
import { renderTemplate } from '../../src/rules/template/template.ts';
import { Storage } from '../../src/sandbox/monitor/tsdb/storage.ts';

const storage = new Storage();
storage.append(LabelSet.from({ __name__: 'm', app: 'a' }), 1000, 7);

function render(text: string, value = 1234.5678): string {
  const labels = LabelSet.from({ app: 'checkout', instance: '10.0.0.1:9100' });
  return renderTemplate(text, { labels, value, source: storage, time: 1000, limits: {} });
}

test.each([
  ['plain', 1, 'plain'],
  ['{{ $labels.app }} {{$value}}', 0.25, 'checkout 0.25'],
  ['{{ .Labels.app }}: {{ .Value }}', 3, 'checkout: 3'],
  ['{{ $labels.nosuch }}!', 1, '!'],
  ['{{ $value | humanize }}', 1234567, '1.235M'],
  ['{{ humanize $value }}', 0.00123, '1.23m'],
  ['{{ $value | humanize1024 }}', 2048, '2ki'],
  ['{{ $value | humanizePercentage }}', 0.01234, '1.234%'],
  ['{{ $value | humanizeDuration }}', 3723, '1h 2m 3s'],
  ['{{ $value | humanizeDuration }}', 0.25, '250ms'],
  ['{{ $value | humanizeDuration }}', 90_061, '1d 1h 1m 1s'],
  ['{{ $value | humanizeTimestamp }}', 1_767_225_600, '2026-01-01 00:00:00 +0000 UTC'],
  // Exactly between two texts: Go rounds to the even one.
  ['{{ printf "%.1f %.0f %.4g" $value 0.5 1234.5 }}', 30.25, '30.2 0 1234'],
  ['{{ $value }}', 1_324_628.891, '1.324628891e+06'],
  ['{{ printf "%.2f" $value }}', 1234.5678, '1234.57'],
  ['{{ $value | printf "%.1f%% of %s" }}', 12.34, '12.3% of %!s(MISSING)'],
  ['{{ printf "%5.1f|%-6s|%d" $value $labels.app $value }}', 2.25, '  2.2|checkout|%!d(float64=2.25)'],
  ['{{ $labels.app | toUpper }} {{ title "hi you" }}', 1, 'CHECKOUT Hi You'],
  ['{{ reReplaceAll ":.*" "" $labels.instance }} {{ stripPort $labels.instance }}', 1, '10.0.0.1 10.0.0.1'],
  ['{{ query "m" | first | value }} {{ query "m" | first | label "app" }}', 1, '7 a'],
  ['a  {{- $labels.app -}}  b', 1, 'acheckoutb'],
])('%s of %d gives %s', (text, value, expected) => {
  expect(render(text, value)).toBe(expected);
});

test.each([
  ['{{ nosuch $value }}', 'function "nosuch" not defined'],
  [
    '{{ if gt $value 10 }}x{{ end }}',
    'incompatible types for comparison: float64 and int (write 10.0 instead of 10)',
  ],
  ['{{ .Nosuch }}', "can't evaluate field Nosuch"],
  ['{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}', 'exceeded maximum template depth'],
  ['{{ printf "%1000000s" "" }}{{ printf "%1000000s" "" }}', 'the text is longer than 1000000 characters'],
  ['{{ query "nosuch" | first | value }}', 'first() called on vector with no elements'],
  ['{{ }}', 'missing value'],
])('what cannot be expanded is said where it would stand: %s', (text, problem) => {
  expect(render(text)).toMatch(/^<error expanding template: .*>$/);
  expect(render(text)).toContain(problem);
});
