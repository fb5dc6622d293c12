/** Patterns in which a platform says what apps may name: `*` stands for any characters, `<namespace>` for the namespace of the app. */
const NAMESPACE = '<namespace>';

/** Whether a value is one of those that patterns stand for. Without a namespace, a pattern with one stands for nothing. */
export function isAmong(value: string, patterns: readonly string[], namespace: string | undefined): boolean {
  return patterns.filter(pattern => namespace !== undefined || !pattern.includes(NAMESPACE))
    .some(pattern => matches(value, inNamespace(pattern, namespace)));
}

/** A pattern as it is for one namespace. */
export function inNamespace(pattern: string, namespace = NAMESPACE): string {
  return pattern.replaceAll(NAMESPACE, namespace);
}

/** Goes through the pattern piece by piece, and never back: a regular expression with many `*` could take for ever. */
export function matches(value: string, pattern: string): boolean {
  const [first, ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return value === pattern;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = value.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return from <= value.length - last.length;
}
