/** The target of a sender, from the environment of its container. */
export function targetFromEnv(): URL {
  const text = process.env.TARGET_URL;
  if (!text || !URL.canParse(text)) throw new Error(`Expected TARGET_URL to be a URL, got "${text ?? ''}".`);
  return new URL(text);
}
