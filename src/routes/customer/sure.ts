/** The step up: before a sign-in changes or another one is made, people show once more that they are who signed in. */
import { customerKey } from '../../auth/customers.ts';
import { Invalid, Unreachable } from '../../errors.ts';
import type { FormField } from './forms.ts';
import { identify } from './identify.ts';
import type { Visit } from './visit.ts';

/** So long a sign-in or an earlier step up is enough, milliseconds. */
const sureMs = 10 * 60_000;

function isFresh(visit: Visit): boolean {
  const { sureAt } = visit.request.session;
  return sureAt !== undefined && visit.parts.clock() - sureAt < sureMs;
}

/** The field that asks for it; none while it is not needed. */
export async function sureFields(visit: Visit): Promise<readonly FormField[]> {
  if (isFresh(visit)) return [];
  const { say } = visit;
  const { active } = await visit.parts.auth.secondFactor.state(customerKey(visit.who));
  return [
    {
      name: 'sure',
      label: say(active ? 'sign-in.code' : 'sure.password'),
      help: say('sure.why'),
      input: active ? 'text' : 'password',
      secret: !active,
      required: true,
    },
  ];
}

/** Goes on only when the person is sure; throws Invalid at the field, or Unreachable when nobody can say. */
export async function mustBeSure(visit: Visit): Promise<void> {
  if (isFresh(visit)) return;
  const typed = (visit.body['sure'] ?? '').slice(0, 256);
  const answer = typed === '' ? 'wrong' : await checked(visit, typed);
  if (answer === 'later') throw new Unreachable('sign-in.later');
  if (answer !== 'right')
    throw new Invalid('form.again', [{ path: 'sure', message: answer === 'wait' ? 'sure.wait' : 'sure.wrong' }]);
  visit.request.session.sureAt = visit.parts.clock();
}

async function checked(visit: Visit, typed: string): Promise<string> {
  const { parts, who, request } = visit;
  const address = request.ip ?? '';
  const key = customerKey(who);
  if ((await parts.auth.secondFactor.state(key)).active)
    return (await parts.auth.secondFactor.check(key, typed, address)).kind;
  const found = await identify(parts, { name: who.name, password: typed, address });
  // The password of another account that goes by the same address proves nothing here.
  if (found.kind === 'right') return customerKey(found.customer) === key ? 'right' : 'wrong';
  return found.kind;
}
