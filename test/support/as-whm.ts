const secret = 'Sturdy-horse-42-battery';

/** The WHM functions that a billing system calls for the same story. */
export const asWhm: Readonly<Record<string, (p: Readonly<Record<string, string>>) => readonly [string, string]>> = {
  'account.create': (p) => [
    'createacct',
    `username=${p['account']}&domain=${p['domain']}&plan=basic&password=${secret}`,
  ],
  'mailbox.add': (p) => [
    'cpanel',
    `cpanel_jsonapi_user=${p['account']}&cpanel_jsonapi_module=Email&cpanel_jsonapi_func=add_pop&` +
      `cpanel_jsonapi_apiversion=3&email=info&domain=${p['account']}.example&password=${secret}&quota=250`,
  ],
  'account.suspend': (p) => ['suspendacct', `user=${p['account']}&reason=unpaid`],
  'account.unsuspend': (p) => ['unsuspendacct', `user=${p['account']}`],
  'account.password': (p) => ['passwd', `user=${p['account']}&password=${secret}-2`],
  'account.change-package': (p) => ['changepackage', `user=${p['account']}&pkg=gold`],
  'account.terminate': (p) => ['removeacct', `user=${p['account']}`],
};
