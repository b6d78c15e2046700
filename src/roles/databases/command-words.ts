/** What both engines' commands on an account or a master are called, and what their help says. */
type Words = Readonly<
  Record<
    'detach' | 'attach' | 'pause' | 'resume' | 'fence' | 'unfence',
    { readonly usage: string; readonly about: string; readonly flags: Readonly<Record<string, 'text' | 'switch'>> }
  >
>;

export const commandWords: Words = {
  detach: {
    usage: 'detach ACCOUNT [--databases A,B]',
    about: "Cut off an account's databases on both masters, prove it, and back both copies up",
    flags: { databases: 'text' },
  },
  attach: { usage: 'attach ACCOUNT', about: 'Carry them again, once both masters hold the same', flags: {} },
  pause: { usage: 'pause MASTER', about: 'Stop applying on MASTER until resume', flags: {} },
  resume: { usage: 'resume MASTER', about: 'Go on applying on MASTER', flags: {} },
  fence: {
    usage: 'fence MASTER [--wait]',
    about: 'Read-only for customers; --wait until the other has all that it wrote',
    flags: { wait: 'switch' },
  },
  unfence: {
    usage: 'unfence MASTER [--now]',
    about: 'Take writes again, once it has all that the other wrote; --now does not wait',
    flags: { now: 'switch' },
  },
};
