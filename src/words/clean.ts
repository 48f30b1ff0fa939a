const sequences = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b./g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text of a cluster, a log or a person without escape sequences, control characters and those that turn its direction. */
export function visible(text: string): string {
  return text.replace(sequences, '').replace(controls, '');
}

/** The same as one line: line breaks, tabs and what `visible` takes out become blanks. */
export function clean(text: string): string {
  return text
    .replace(sequences, '')
    .replace(/[\t\n]/g, ' ')
    .replace(controls, ' ');
}
