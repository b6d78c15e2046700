import type { FormWords } from './form.ts';

type FormKey = `form.${'fill' | 'optional' | 'unseen' | 'made' | 'lines' | 'pairs' | 'as-it-is'}` | 'yes' | 'no';

/** What forms say, in whatever language `say` speaks. */
export function formWords(say: (key: FormKey) => string): FormWords {
  return {
    fill: say('form.fill'),
    optional: say('form.optional'),
    unseen: say('form.unseen'),
    made: say('form.made'),
    lines: say('form.lines'),
    pairs: say('form.pairs'),
    asItIs: say('form.as-it-is'),
    yes: say('yes'),
    no: say('no'),
  };
}
