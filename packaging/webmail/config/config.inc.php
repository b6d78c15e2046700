<?php
// Roundcube below Tandem. What differs per request comes from Tandem over FastCGI, never from a browser.

// Where Roundcube keeps address books, settings and sessions: a folder that only PHP's own user may enter.
$tandem_data = rtrim(getenv('TANDEM_WEBMAIL_DATA') ?: '/var/lib/tandem-webmail', '/');

// Sessions hold no password, but what there is of them is sealed with a key of this machine.
$tandem_key = $tandem_data . '/key';
if (!is_file($tandem_key)) {
    $tandem_new = $tandem_key . '.' . getmypid();
    file_put_contents($tandem_new, bin2hex(random_bytes(12)));
    chmod($tandem_new, 0600);
    // A key that somebody else made meanwhile stays.
    @link($tandem_new, $tandem_key);
    unlink($tandem_new);
}
$config['des_key'] = trim(file_get_contents($tandem_key));

// Two control nodes share address books only in a database that both reach: TANDEM_WEBMAIL_DSN in PHP's pool.
$config['db_dsnw'] = getenv('TANDEM_WEBMAIL_DSN') ?: 'sqlite:///' . $tandem_data . '/roundcube.db?mode=0600';
$config['temp_dir'] = $tandem_data . '/temp';
$config['log_driver'] = 'stdout';
$config['log_date_format'] = '';
$config['session_debug'] = false;

// The gate inside Tandem: it alone knows which master the mailbox is on, and how to sign in there.
$config['imap_host'] = 'localhost:' . (int) ($_SERVER['TANDEM_IMAP'] ?? 0);
$config['smtp_host'] = 'localhost:' . (int) ($_SERVER['TANDEM_SMTP'] ?? 0);
$config['imap_auth_type'] = 'PLAIN';
$config['smtp_auth_type'] = 'PLAIN';
$config['imap_timeout'] = 30;
$config['smtp_timeout'] = 30;

// One session for a mailbox: a cookie that is sent below its own path alone.
$config['session_path'] = $_SERVER['TANDEM_PATH'] ?? '/';
$config['session_samesite'] = 'Strict';
$config['session_lifetime'] = 120;
$config['ip_check'] = false;
$config['use_https'] = true;
$config['login_autocomplete'] = 0;
$config['referer_check'] = true;

$config['language'] = $_SERVER['TANDEM_LANGUAGE'] ?? 'en_US';
// The self-service's choice counts, as everywhere else.
$config['dont_override'] = ['language', 'skin'];
$config['product_name'] = $_SERVER['TANDEM_PRODUCT'] ?? 'Webmail';
$config['support_url'] = '';
$config['skin'] = 'elastic';
$config['skins_allowed'] = ['elastic'];
$config['plugins'] = ['tandem'];
$config['enable_installer'] = false;
$config['enable_spellcheck'] = false;
$config['useragent'] = 'Webmail';
$config['max_message_size'] = '25M';
// Nobody writes as somebody else.
$config['identities_level'] = 3;
// Never fetched unasked: the sender would learn of it.
$config['show_images'] = 0;
// Where cPanel's Dovecot keeps them.
$config['create_default_folders'] = false;
$config['drafts_mbox'] = 'INBOX.Drafts';
$config['junk_mbox'] = 'INBOX.Junk';
$config['sent_mbox'] = 'INBOX.Sent';
$config['trash_mbox'] = 'INBOX.Trash';
