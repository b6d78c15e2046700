import { describe, expect, it } from 'vitest';
import { account, type Given, type TestServer, testServer } from './server.ts';

type Row = Readonly<Record<string, unknown>>;

function server(more: Given = {}, version = '11.134.0.20'): TestServer {
  const m1 = testServer('m1', '192.0.2.1', version);
  account('bob', [m1], more);
  return m1;
}

function names(m1: TestServer, fn: string): readonly unknown[] {
  return (m1.data(m1.api2('bob', fn)) as readonly Row[]).map((r) => r['domain']);
}

function zoneNames(m1: TestServer): readonly string[] {
  return (m1.data(m1.whm('listzones')) as { zone: readonly { domain: string }[] }).zone.map((z) => z.domain);
}

function hasRecord(m1: TestServer, zone: string, name: string): boolean {
  const { zone: dumped } = m1.data(m1.whm('dumpzone', { domain: zone })) as {
    zone: readonly [{ record: readonly Row[] }];
  };
  return dumped[0].record.some((r) => r['name'] === name);
}

const addon = { newdomain: 'shop.example', subdomain: 'shop', dir: 'public_html/shop' };

describe('addon domains', () => {
  it('bring a subdomain of the main domain and a zone of their own', () => {
    const m1 = server();
    expect(m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon))).toEqual([
      { result: 1, reason: 'shop.example was successfully parked on top of shop.bob.example' },
    ]);
    expect(m1.data(m1.api2('bob', 'AddonDomain::listaddondomains'))).toEqual([
      {
        domain: 'shop.example',
        subdomain: 'shop',
        rootdomain: 'bob.example',
        fullsubdomain: 'shop.bob.example',
        domainkey: 'shop_bob.example',
        dir: '/home/bob/public_html/shop',
        basedir: 'public_html/shop',
        reldir: 'home:public_html/shop',
        status: 'not redirected',
        web_subdomain_aliases: ['www', 'mail'],
      },
    ]);
    expect(names(m1, 'SubDomain::listsubdomains')).toEqual(['shop.bob.example']);
    expect(zoneNames(m1)).toEqual(['bob.example', 'shop.example']);
    expect(hasRecord(m1, 'bob.example', 'shop.bob.example.')).toBe(true);
  });

  it('go with their subdomain, named with an underscore', () => {
    const m1 = server();
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    expect(
      m1.api2('bob', 'AddonDomain::deladdondomain', { domain: 'shop.example', subdomain: 'other_bob.example' }).ok,
    ).toBe(false);
    m1.data(m1.api2('bob', 'AddonDomain::deladdondomain', { domain: 'shop.example', subdomain: 'shop_bob.example' }));
    expect(names(m1, 'AddonDomain::listaddondomains')).toEqual([]);
    expect(names(m1, 'SubDomain::listsubdomains')).toEqual([]);
    expect(zoneNames(m1)).toEqual(['bob.example']);
    expect(hasRecord(m1, 'bob.example', 'shop.bob.example.')).toBe(false);
  });

  it('removed through WHM leave their subdomain', () => {
    const m1 = server();
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    expect(m1.data(m1.whm('delete_domain', { domain: 'shop.example' }))).toEqual({ type: 'addon', username: 'bob' });
    expect(names(m1, 'SubDomain::listsubdomains')).toEqual(['shop.bob.example']);
  });

  it('that somebody has are refused in cPanel’s words', () => {
    const m1 = server();
    account('eve', [m1], { uid: 2002, gid: 2002 });
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    m1.whm('killdns', { domain: 'shop.example' });
    const said = m1.api2('eve', 'AddonDomain::addaddondomain', addon);
    expect(said.ok).toBe(false);
    expect(said).toMatchObject({ reason: expect.stringMatching(/already exists/u) });
  });

  it('over the limit are refused', () => {
    const m1 = server({ maxaddon: 1 });
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    expect(m1.api2('bob', 'AddonDomain::addaddondomain', { newdomain: 'two.example', subdomain: 'two' })).toMatchObject(
      {
        ok: false,
        reason: 'Sorry, you have reached your maximum number (1) of addon domains.',
      },
    );
    expect(zoneNames(m1)).not.toContain('two.example');
  });

  it('take their mail with them', () => {
    const m1 = server();
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    m1.data(m1.uapi('bob', 'Email::add_pop', { email: 'info@shop.example', password: 'Kf7!qz-Wm2#Tr' }));
    m1.data(m1.api2('bob', 'AddonDomain::deladdondomain', { domain: 'shop.example', subdomain: 'shop_bob.example' }));
    expect(m1.data(m1.whm('list_pops_for', { user: 'bob' }))).toEqual({ pops: [] });
  });
});

describe('the version of the server', () => {
  it('11.134 has addon domains in API 2 only', () => {
    const m1 = server();
    expect(m1.uapi('bob', 'AddonDomain::addaddondomain', addon)).toMatchObject({ reason: 'unknown' });
    expect(m1.uapi('bob', 'SubDomain::addsubdomain', { domain: 'a', rootdomain: 'bob.example' }).ok).toBe(true);
  });

  it('11.138 has them in UAPI too', () => {
    const m1 = server({}, '11.138.0.5');
    expect(m1.data(m1.uapi('bob', 'AddonDomain::addaddondomain', addon))).toEqual({ domain: 'shop.example' });
    expect(m1.data(m1.uapi('bob', 'Park::park', { domain: 'alias.example' }))).toBeNull();
    expect(m1.data(m1.uapi('bob', 'Park::listparkeddomains'))).toMatchObject([
      { domain: 'alias.example', dir: '/home/bob/public_html' },
    ]);
  });
});

describe('aliases', () => {
  it('are parked on the main domain, refused twice, and unparked', () => {
    const m1 = server();
    const park = { domain: 'alias.example' };
    expect(m1.data(m1.api2('bob', 'Park::park', park))).toEqual([
      { result: 1, reason: 'alias.example was successfully parked on top of bob.example' },
    ]);
    expect(m1.api2('bob', 'Park::park', park)).toMatchObject({
      ok: false,
      reason: 'alias.example is already configured.\n',
    });
    expect(zoneNames(m1)).toContain('alias.example');
    expect(m1.data(m1.api2('bob', 'Park::unpark', park))).toEqual([
      { result: 1, reason: 'alias.example was successfully unparked' },
    ]);
    expect(m1.api2('bob', 'Park::unpark', park)).toMatchObject({
      ok: false,
      reason: 'Sorry, you do not control the domain alias.example\n',
    });
    expect(zoneNames(m1)).not.toContain('alias.example');
  });

  it('are made through WHM for an account, not for a stranger’s', () => {
    const m1 = server();
    const args = { domain: 'alias.example', username: 'bob', web_vhost_domain: 'bob.example' };
    const reseller = { kind: 'reseller', user: 'ann', acls: new Set(['all']) } as const;
    expect(m1.whm('create_parked_domain_for_user', args, reseller).ok).toBe(false);
    m1.data(m1.whm('create_parked_domain_for_user', args));
    expect(m1.data(m1.whm('getdomainowner', { domain: 'alias.example' }))).toEqual({ user: 'bob' });
  });
});

describe('subdomains', () => {
  it('stand in the zone above them, and leave it whole', () => {
    const m1 = server();
    expect(m1.data(m1.api2('bob', 'SubDomain::addsubdomain', { domain: 'blog', rootdomain: 'bob.example' }))).toEqual([
      { result: 1, reason: 'The subdomain, blog.bob.example has been added.' },
    ]);
    expect(hasRecord(m1, 'bob.example', 'www.blog.bob.example.')).toBe(true);
    expect(m1.data(m1.api2('bob', 'SubDomain::listsubdomains'))).toMatchObject([
      {
        domain: 'blog.bob.example',
        subdomain: 'blog',
        domainkey: 'blog_bob.example',
        dir: '/home/bob/public_html/blog',
      },
    ]);
    m1.data(m1.api2('bob', 'SubDomain::delsubdomain', { domain: 'blog.bob.example' }));
    expect(hasRecord(m1, 'bob.example', 'blog.bob.example.')).toBe(false);
  });

  it('over the limit are refused; those of addon domains do not count', () => {
    const m1 = server({ maxsub: 1 });
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    m1.data(m1.whm('create_subdomain', { domain: 'one.bob.example', document_root: 'one' }));
    expect(m1.whm('create_subdomain', { domain: 'two.bob.example', document_root: 'two' })).toMatchObject({
      ok: false,
      reason: 'Sorry, you have exceeded the maximum allowed subdomains.',
    });
  });

  it('do not leave the account’s home', () => {
    const said = server().whm('create_subdomain', { domain: 'a.bob.example', document_root: '../eve' });
    expect(said.ok).toBe(false);
  });

  it('follow a new main domain', () => {
    const m1 = server();
    m1.data(m1.api2('bob', 'SubDomain::addsubdomain', { domain: 'blog', rootdomain: 'bob.example' }));
    m1.data(m1.whm('modifyacct', { user: 'bob', domain: 'robert.example' }));
    expect(names(m1, 'SubDomain::listsubdomains')).toEqual(['blog.robert.example']);
    expect(hasRecord(m1, 'robert.example', 'blog.robert.example.')).toBe(true);
  });
});

describe('what is told of domains', () => {
  it('lists them by kind', () => {
    const m1 = server();
    m1.data(m1.api2('bob', 'AddonDomain::addaddondomain', addon));
    m1.data(m1.api2('bob', 'Park::park', { domain: 'alias.example' }));
    expect(m1.data(m1.uapi('bob', 'DomainInfo::list_domains'))).toEqual({
      main_domain: 'bob.example',
      addon_domains: ['shop.example'],
      parked_domains: ['alias.example'],
      sub_domains: ['shop.bob.example'],
    });
    expect(m1.data(m1.uapi('bob', 'DomainInfo::single_domain_data', { domain: 'shop.example' }))).toMatchObject({
      domain: 'shop.example',
      documentroot: '/home/bob/public_html/shop',
      servername: 'shop.bob.example',
      type: 'addon_domain',
      ip: '192.0.2.1',
    });
    const { domains } = m1.data(m1.whm('get_domain_info')) as { domains: readonly Row[] };
    expect(domains.map((d) => [d['domain'], d['domain_type']])).toEqual([
      ['bob.example', 'main'],
      ['shop.bob.example', 'sub'],
      ['shop.example', 'addon'],
      ['alias.example', 'parked'],
    ]);
  });

  it('gives userdata with this server’s address', () => {
    const m1 = server();
    expect(m1.data(m1.whm('domainuserdata', { domain: 'bob.example' }))).toMatchObject({
      userdata: { ip: '192.0.2.1', user: 'bob', servername: 'bob.example', documentroot: '/home/bob/public_html' },
    });
    expect(m1.whm('domainuserdata', { domain: 'far.example' })).toMatchObject({
      ok: false,
      reason: 'Unable to determine account owner for domain.',
    });
  });

  it('knows every parameter that it is asked with', () => {
    const m1 = server();
    m1.api2('bob', 'AddonDomain::addaddondomain', addon);
    m1.api2('bob', 'AddonDomain::deladdondomain', { domain: 'shop.example', subdomain: 'shop_bob.example' });
    m1.whm('create_subdomain', { domain: 'one.bob.example', document_root: 'one', use_canonical_name: 0 });
    expect(m1.referee.unknowns()).toEqual({ functions: {}, parameters: {} });
  });
});
