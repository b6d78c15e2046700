import { BlockList, isIP } from 'node:net';

export interface Subnet {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** An address, or a network in CIDR form (RFC 4632, RFC 4291); undefined for anything else. */
export function subnetOf(text: string): Subnet | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  if (version === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const length = bits === undefined ? most : Number(bits);
  return length > most ? undefined : { address, bits: length, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Whether an address is one of these or in one of these networks. An IPv4 address may come as IPv6 shows it. */
export function isWithin(address: string, allowed: readonly string[]): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  const list = new BlockList();
  for (const entry of allowed) {
    const network = subnetOf(entry);
    if (network !== undefined) list.addSubnet(network.address, network.bits, network.family);
  }
  return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
}
