/** Switches of Apache SpamAssassin: UAPI `Email` and `SpamAssassin`. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { ownedHooks } from './owned.ts';

export interface SpamSettings {
  readonly user: string;
  readonly enabled: boolean;
  readonly box: boolean;
  /** Mail of this score and above is deleted; null: none is. */
  readonly deleteScore: number | null;
  readonly preferences: Readonly<Record<string, readonly string[]>>;
}

/** Key: 'user/spam'. */
export const spamSettings = table<SpamSettings>('spam-settings', { group: (s) => s.user });

function settingsOf({ state, user }: AccountContext): SpamSettings {
  const fresh = { user, enabled: true, box: false, deleteScore: null, preferences: {} };
  return state.of(spamSettings).get(`${user}/spam`) ?? fresh;
}

function change(more: Partial<SpamSettings>): AccountHandler {
  return (context) => {
    context.state.of(spamSettings).set(`${context.user}/spam`, { ...settingsOf(context), ...more });
    return ok();
  };
}

function settings(context: AccountContext): Result {
  const { enabled, box, deleteScore } = settingsOf(context);
  return ok({
    cpuser_spam_auto_delete: deleteScore === null ? 0 : 1,
    cpuser_spam_auto_delete_score: deleteScore,
    rewrites_subjects: 0,
    spam_as_acl: 0,
    spam_auto_delete: deleteScore === null ? 0 : 1,
    spam_auto_delete_score: deleteScore,
    spam_box_enabled: box ? 1 : 0,
    spam_enabled: enabled ? 1 : 0,
    spam_status_changeable: 1,
  });
}

function addFilter(context: AccountContext): Result {
  const score = context.params.number('required_score') ?? 5;
  if (!Number.isFinite(score)) throw new Refusal('The required score must be a number.');
  return change({ deleteScore: score })(context);
}

function disableDelete(context: AccountContext): Result {
  change({ deleteScore: null })(context);
  return ok({ spam_auto_delete: 0 });
}

function preferences({ preferences: own }: SpamSettings): Readonly<Record<string, readonly string[]>> {
  return { blacklist_from: [], required_score: ['5'], score: [], whitelist_from: [], ...own };
}

/** All values of one preference are replaced; without one it is forgotten. */
function update(context: AccountContext): Result {
  const { params } = context;
  const name = params.require('preference');
  const before = settingsOf(context);
  const values = params.list('value');
  const { [name]: _, ...others } = before.preferences;
  const next = { ...before, preferences: values.length === 0 ? others : { ...others, [name]: values } };
  context.state.of(spamSettings).set(`${context.user}/spam`, next);
  return ok(preferences(next));
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::enable_spam_assassin': change({ enabled: true }),
  'Email::disable_spam_assassin': change({ enabled: false }),
  'Email::enable_spam_box': change({ box: true }),
  'Email::disable_spam_box': change({ box: false }),
  'Email::add_spam_filter': addFilter,
  'Email::disable_spam_autodelete': disableDelete,
  'Email::get_spam_settings': settings,
  'SpamAssassin::get_user_preferences': (c) => ok(preferences(settingsOf(c))),
  'SpamAssassin::update_user_preference': update,
  'SpamAssassin::clear_spam_box': () => ok(),
};

export const spam: Module = { uapi, hooks: ownedHooks(spamSettings) };
