/** The process's environment, for main to pass on: who called the command line is found in it. */
export function environment(): NodeJS.ProcessEnv {
  return process.env;
}
