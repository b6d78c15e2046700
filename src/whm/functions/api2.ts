/** The functions of cPanel API 2 that Tandem itself calls because UAPI has no counterpart: their arguments, and whether they only read. */
export interface Api2Function {
  readonly params: readonly string[];
  readonly reads: boolean;
}

const time = ['minute', 'hour', 'day', 'month', 'weekday', 'command'];

export const api2Functions: Readonly<Record<string, Api2Function>> = {
  'Backups::listfullbackups': { params: [], reads: true },
  'Cron::fetchcron': { params: [], reads: true },
  'Cron::add_line': { params: time, reads: false },
  'Cron::remove_line': { params: ['linekey', 'line'], reads: false },
  'Cron::set_email': { params: ['email'], reads: false },
  'Fileman::fileop': { params: ['op', 'sourcefiles', 'destfiles', 'doubledecode', 'metadata'], reads: false },
  'Fileman::mkdir': { params: ['path', 'name', 'permissions'], reads: false },
};
