import { AppError } from '../errors.ts';

/** The way to a master's archives failed: no connection, cut off, no such folder. Another try may help. */
export class FilesAway extends AppError {
  readonly code = 'archives.away';
  readonly retry = 'later';
}
