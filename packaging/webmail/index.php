<?php
/**
 * Roundcube as Tandem serves it: Debian's program, with Tandem's configuration and plug-ins beside this file and
 * nothing of /etc/roundcube but its defaults. Reached over FastCGI only; no web server may publish this folder.
 */
if (empty($_SERVER['TANDEM_MAILBOX']) || empty($_SERVER['TANDEM_TOKEN'])) {
    http_response_code(403);
    exit('Only Tandem opens this.');
}
define('INSTALL_PATH', '/var/lib/roundcube/');
define('RCMAIL_CONFIG_DIR', __DIR__ . '/config');
define('RCUBE_PLUGINS_DIR', __DIR__ . '/plugins/');
// Debian's copy finds its own parts from here.
chdir(INSTALL_PATH);
include INSTALL_PATH . 'index.php';
