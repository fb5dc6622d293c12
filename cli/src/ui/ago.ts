/** How long ago a time was, as people say it: `3 min ago`. */
export function ago(time: string, now = Date.now()): string {
  return `${span(Math.round((now - Date.parse(time)) / 1000))} ago`;
}

/** A time as people say it: `3 min`. */
export function span(duration: number): string {
  const seconds = Math.max(0, duration);
  const [unit, name] = ([[86_400, 'd'], [3_600, 'h'], [60, 'min'], [1, 's']] as const).find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(seconds / unit)} ${name}`;
}
