/** How long a text message is: the GSM 7-bit default alphabet (3GPP TS 23.038, section 6.2.1), else UCS-2. */

const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Each of them takes two places. */
const extended = new Set('^{}\\[~]|€\f');

export interface SmsLength {
  readonly alphabet: 'gsm' | 'ucs2';
  /** Places used: septets, or UTF-16 units. */
  readonly units: number;
  /** Messages that it is cut into; a cut text has less room in each, for the header that joins them. */
  readonly parts: number;
}

const room = { gsm: { one: 160, many: 153 }, ucs2: { one: 70, many: 67 } } as const;

/** Places and parts of a text. */
export function smsLength(text: string): SmsLength {
  let septets = 0;
  for (const character of text) {
    if (basic.has(character)) septets += 1;
    else if (extended.has(character)) septets += 2;
    else return lengthOf('ucs2', text.length);
  }
  return lengthOf('gsm', septets);
}

function lengthOf(alphabet: 'gsm' | 'ucs2', units: number): SmsLength {
  const { one, many } = room[alphabet];
  return { alphabet, units, parts: units <= one ? 1 : Math.ceil(units / many) };
}

const plainer: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '…': '...',
  '–': '-',
  '—': '-',
};

/** The text in characters of the GSM alphabet where a plain one exists: one typographic quote would halve the room. */
export function plain(text: string): string {
  return [...text].map((character) => plainer[character] ?? character).join('');
}
