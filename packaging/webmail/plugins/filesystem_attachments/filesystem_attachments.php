<?php
// Roundcube wants this plug-in in the folder of plug-ins; it is Debian's own.
include '/usr/share/roundcube/plugins/filesystem_attachments/filesystem_attachments.php';
