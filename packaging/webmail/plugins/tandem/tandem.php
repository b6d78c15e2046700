<?php
/**
 * Signs in whom Tandem names, for the length of one request. Tandem has checked already who it is; here the session's
 * user must be the same, and every connection to mail gets this request's own token for a password. No mailbox's
 * password ever comes here, and nothing that is kept opens anything.
 */
class tandem extends rcube_plugin
{
    public $noajax = false;

    function init()
    {
        // What is loaded after this one is Debian's, and has its styles and settings where Debian keeps them.
        $this->api->dir = '/usr/share/roundcube/plugins/';
        $this->add_hook('startup', [$this, 'startup']);
        $this->add_hook('authenticate', [$this, 'authenticate']);
        $this->add_hook('storage_connect', [$this, 'storage_connect']);
        $this->add_hook('smtp_connect', [$this, 'smtp_connect']);
        $this->add_hook('logout_after', [$this, 'back']);
    }

    private function mailbox()
    {
        return (string) $_SERVER['TANDEM_MAILBOX'];
    }

    function startup($args)
    {
        $rcmail = rcmail::get_instance();
        if (!empty($_SESSION['user_id']) && ($_SESSION['username'] ?? '') !== $this->mailbox()) {
            $rcmail->kill_session();
        }
        if (empty($_SESSION['user_id']) && $args['task'] !== 'logout') {
            $args['task'] = 'login';
            $args['action'] = 'login';
        }
        return $args;
    }

    function authenticate($args)
    {
        $args['user'] = $this->mailbox();
        $args['pass'] = 'nothing is kept';
        $args['cookiecheck'] = false;
        $args['valid'] = true;
        return $args;
    }

    function storage_connect($args)
    {
        $args['user'] = $this->mailbox();
        $args['pass'] = $_SERVER['TANDEM_TOKEN'];
        return $args;
    }

    function smtp_connect($args)
    {
        $args['smtp_user'] = $this->mailbox();
        $args['smtp_pass'] = $_SERVER['TANDEM_TOKEN'];
        return $args;
    }

    /** Leaving webmail leads back to the self-service. */
    function back($args)
    {
        header('Location: ' . $_SERVER['TANDEM_BACK']);
        exit;
    }
}
