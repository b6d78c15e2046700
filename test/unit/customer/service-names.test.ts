import { describe, expect, it } from 'vitest';
import { serviceOf, tellAutodiscover, tellService } from '../../../src/routes/customer/service-names.ts';

const places = { selfService: 'https://my.host.example:2083', webmail: 'https://my.host.example:2096' };
const ask = (host: string, url: string, method = 'GET', body = '') => tellService({ host, url, method, body }, places);
const outlook = (address: string) =>
  `<?xml version="1.0"?><Autodiscover><Request><EMailAddress>${address}</EMailAddress></Request></Autodiscover>`;

describe('the names that cPanel makes', () => {
  it.each([
    ['webmail.bob.example', 'webmail', 'bob.example'],
    ['CPANEL.Bob.Example:443', 'cpanel', 'bob.example'],
    ['autodiscover.shop.bob.example.', 'autodiscover', 'shop.bob.example'],
  ])('%s is a service', (host, service, domain) => {
    expect(serviceOf(host)).toEqual({ service, domain });
  });

  it.each([
    'bob.example',
    'mail.bob.example',
    'webmail.',
    'webmail.localhost',
    'webmail.a"b.example',
    'my.webmail.bob.example',
  ])('%s is none', (host) => {
    expect(ask(host, '/')).toBeUndefined();
  });

  it.each([
    ['webmail.bob.example', 302, 'https://my.host.example:2096/'],
    ['cpanel.bob.example', 302, 'https://my.host.example:2083/my'],
    ['webdisk.bob.example', 410, undefined],
    ['cpcalendars.bob.example', 410, undefined],
    ['cpcontacts.bob.example', 410, undefined],
  ])('%s is answered with %i', (host, status, location) => {
    const told = ask(host, '/anything?x=1');
    expect([told?.status, told?.headers['Location']]).toEqual([status, location]);
    if (status === 410) expect(told?.body).toContain('mail.bob.example');
  });

  it('without webmail its name says that it is not served', () => {
    const asked = { host: 'webmail.bob.example', url: '/', method: 'GET', body: '' };
    expect(tellService(asked, { ...places, webmail: undefined })?.status).toBe(410);
  });

  it('autoconfig names the hosts that follow the account, and the address only where it is of the domain', () => {
    const told = ask('autoconfig.bob.example', '/mail/config-v1.1.xml?emailaddress=info%40bob.example');
    expect(told).toMatchObject({ status: 200, headers: { 'Content-Type': 'text/xml; charset=utf-8' } });
    expect(told?.body.match(/<hostname>mail\.bob\.example<\/hostname>/g)).toHaveLength(4);
    expect(told?.body).toContain('<username>info@bob.example</username>');
    for (const address of ['info@eve.example', '"><x/>@bob.example', '']) {
      const other = ask('autoconfig.bob.example', `/mail/config-v1.1.xml?emailaddress=${encodeURIComponent(address)}`);
      expect(other?.body).toContain('<username>%EMAILADDRESS%</username>');
    }
    expect(ask('autoconfig.bob.example', '/else')?.status).toBe(404);
  });

  it('autodiscover leads to the name whose certificate fits, and answers the request there and here', () => {
    const path = '/autodiscover/autodiscover.xml';
    expect(ask('autodiscover.bob.example', '/Autodiscover/Autodiscover.xml')).toMatchObject({
      status: 302,
      headers: { Location: `https://my.host.example:2083/Autodiscover/Autodiscover.xml` },
    });
    for (const told of [
      ask('autodiscover.bob.example', path, 'POST', outlook('Info@Bob.example')),
      tellAutodiscover({ method: 'POST', url: path, body: outlook('Info@Bob.example') }),
    ]) {
      expect(told?.status).toBe(200);
      expect(told?.body.match(/<Server>mail\.bob\.example<\/Server>/g)).toHaveLength(3);
      expect(told?.body).toContain('<LoginName>info@bob.example</LoginName>');
    }
    for (const body of ['', outlook('info@eve.example'), outlook('info@bob.example&amp;')]) {
      expect(ask('autodiscover.bob.example', path, 'POST', body)?.status).toBe(400);
    }
    expect(tellAutodiscover({ method: 'POST', url: path, body: outlook('x') })?.status).toBe(400);
    expect(tellAutodiscover({ method: 'POST', url: '/else', body: '' })).toBeUndefined();
  });
});
