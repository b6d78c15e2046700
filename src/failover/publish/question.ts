import { type DecodedPacket, type OptAnswer, type Packet, RECURSION_DESIRED, type RecordType } from 'dns-packet';

/** What is asked of a name server, and how it goes over the wire. */

export interface Question {
  /** Without the closing dot. */
  readonly name: string;
  /** 'RRSIG': when the signature of the zone's SOA record ends, as seconds since 1970. */
  readonly type: 'SOA' | 'A' | 'AAAA' | 'TXT' | 'DNSKEY' | 'DS' | 'RRSIG';
  /** Asks for the signatures too. */
  readonly isSigned?: true;
}

/** A whole answer; undefined where none came. */
export type Got = DecodedPacket | undefined;

/** Keys do not fit into the 512 bytes of an answer without it (RFC 6891). */
const roomy: OptAnswer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 4096,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

/** With the signatures of what is answered (RFC 3225). */
const signedOption: OptAnswer = { ...roomy, flags: 1 << 15, flag_do: true };

/** Signatures come along with what they sign: few servers answer a question for them alone. */
export function wireType({ type }: Question): RecordType {
  return type === 'RRSIG' ? 'SOA' : type;
}

/** What is told beside a question. */
function extrasOf({ type, isSigned }: Question): Pick<Packet, 'additionals' | 'flags'> {
  if (type === 'RRSIG') return { additionals: [signedOption] };
  // Only a resolver knows what the zone above says.
  const flags = type === 'DS' ? { flags: RECURSION_DESIRED } : {};
  if (isSigned === true) return { additionals: [signedOption], ...flags };
  return type === 'DNSKEY' ? { additionals: [roomy] } : {};
}

/** The question as it is sent. */
export function packetOf(question: Question, id: number): Packet {
  const { name } = question;
  return { type: 'query', id, questions: [{ type: wireType(question), name }], ...extrasOf(question) };
}
