/**
 * What the catalogue says is wrong with a field, in German. Its own sentences are English and stand with the fields
 * (actions/fields.ts and the actions); the English self-service shows them as they are.
 */
const sentences: Readonly<Record<string, string>> = {
  'must not hold control or invisible characters': 'darf keine Steuer- oder unsichtbaren Zeichen enthalten',
  'must be a domain such as example.com': 'muss eine Domain wie example.com sein',
  'must be an address such as name@example.com': 'muss eine Adresse wie name@example.com sein',
  'must be letters, digits, dots, hyphens and underscores':
    'darf aus Buchstaben, Ziffern, Punkten und Strichen bestehen',
  'must be a number of MB, or unlimited': 'muss eine Zahl in MB sein, oder „unbegrenzt“',
  'must be a number, or unlimited': 'muss eine Zahl sein, oder „unbegrenzt“',
  'must be yes or no': 'muss ja oder nein sein',
  'must be letters, digits and underscores': 'darf aus Buchstaben, Ziffern und Unterstrichen bestehen',
  'must be a folder below the home folder, such as public_html/shop':
    'muss ein Ordner unterhalb Ihres Hauptordners sein, etwa public_html/shop',
  'must stay below the home folder': 'muss unterhalb Ihres Hauptordners bleiben',
  'must be a folder of the mailbox': 'muss ein Ordner dieses Postfachs sein',
  'must be an address or a pattern such as *@example.com': 'muss eine Adresse oder ein Muster wie *@example.com sein',
  'must not hold quotes, slashes or $ < > | ;': 'darf keine Anführungszeichen, Schrägstriche oder $ < > | ; enthalten',
  'must be later than the start': 'muss nach dem Beginn liegen',
  'is needed to forward, and only then': 'wird zum Weiterleiten gebraucht, und nur dann',
  'must be a name such as shop': 'muss ein Name wie shop sein',
  'must be one label, such as shop': 'muss ein einzelner Name sein, etwa shop',
  'must be a record type': 'muss ein Typ von Einträgen sein',
  'must be a subdomain such as shop.example.com': 'muss eine Subdomain wie shop.example.com sein',
  'is not inside the zone': 'liegt nicht in dieser Zone',
  'must not be empty': 'darf nicht leer sein',
  'is missing': 'fehlt',
  'is too long': 'ist zu lang',
  'change at least one thing': 'ändern Sie wenigstens eines',
  'Use more different characters.': 'Verwenden Sie mehr verschiedene Zeichen.',
  'Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess.':
    'Dieses Passwort ist zu schwach und zu leicht zu erraten.',
  'Sorry, the password may not contain the username for security reasons.':
    'Das Passwort darf den Namen nicht enthalten.',
};

/** The same with numbers in them. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [
    /^Sorry, the password .* too weak .* strength rating of (\d+) or higher\.$/,
    'Dieses Passwort ist zu schwach und zu leicht zu erraten: Es braucht eine Stärke von mindestens $1.',
  ],
  [/^must be at most (\d+) characters$/, 'darf höchstens $1 Zeichen haben'],
  [/^must be a whole number from (\d+) to (\d+)$/, 'muss eine ganze Zahl von $1 bis $2 sein'],
  [/^Use at least (\d+) characters\.$/, 'Verwenden Sie mindestens $1 Zeichen.'],
  [/^Use at most (\d+) characters\.$/, 'Verwenden Sie höchstens $1 Zeichen.'],
];

/** The German sentence; one that nobody has translated stands as it is. */
export function issueInGerman(sentence: string): string {
  const whole = Object.hasOwn(sentences, sentence) ? sentences[sentence] : undefined;
  if (whole !== undefined) return whole;
  const pattern = patterns.find(([one]) => one.test(sentence));
  return pattern === undefined ? sentence : sentence.replace(pattern[0], pattern[1]);
}
