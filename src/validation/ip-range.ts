import { isIP } from 'node:net';

/** An IP address, or a range of those that begin as it does. */
export interface IpRange {
  /** How many bits count; undefined for a single address. */
  readonly bits?: number;
  /** How many bits an address has. */
  readonly most: 32 | 128;
}

/** @returns undefined if a string is neither an address nor a range; the number of bits may be too large */
export function parseIpRange(text: string): IpRange | undefined {
  const [, address = '', bits] = /^([\da-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  return { bits: bits === undefined ? undefined : Number(bits), most: version === 4 ? 32 : 128 };
}
