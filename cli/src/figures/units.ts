/** Amounts as people read them. */

/** CPU in millicores, as `kubectl top` has it: `12m`. */
export function shownCpu(cores: number): string {
  return `${Math.ceil(cores * 1000)}m`;
}

/** Memory, likewise: `83Mi`; from 10 Gi on `12.5Gi`. */
export function shownMemory(bytes: number): string {
  return bytes < 10 * GI ? `${Math.floor(bytes / MI)}Mi` : `${(bytes / GI).toFixed(1)}Gi`;
}

/** A part of a whole: `42%`; empty where there is no whole. */
export function shownShare(part: number, whole: number | undefined): string {
  return whole ? `${Math.round(100 * part / whole)}%` : '';
}

const MI = 1024 ** 2;
const GI = 1024 ** 3;
