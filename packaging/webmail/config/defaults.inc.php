<?php
// What Debian's Roundcube takes for granted, at the version that is installed.
include '/etc/roundcube/defaults.inc.php';
