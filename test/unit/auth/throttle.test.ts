import { describe, expect, it } from 'vitest';
import { networkOf, waitMs } from '../../../src/auth/throttle.ts';

describe('the wait after wrong passwords', () => {
  it.each([
    [5, 0],
    [6, 2_000],
    [7, 4_000],
    [8, 8_000],
    [30, 900_000],
    [5000, 900_000],
  ])('after %i with 5 free it is %i ms', (failures, expected) => {
    expect(waitMs(failures, 5)).toBe(expected);
  });
});

describe('an address is counted as', () => {
  it.each([
    ['an IPv4 address itself', '192.0.2.7', '192.0.2.7'],
    ['the IPv4 address inside IPv6', '::ffff:192.0.2.7', '192.0.2.7'],
    ['the /64 of an IPv6 address', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['the same /64 when shortened', '2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['the same /64 with leading zeros', '2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['a /64 of zeros', '::1', '0:0:0:0::/64'],
  ])('%s', (_fact, address, expected) => {
    expect(networkOf(address)).toBe(expected);
  });
});
