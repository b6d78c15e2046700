#!/bin/sh
# install.sh [--root DIR] [--accept-rsync VERSION]: puts the agent of file sync on this master. --root is for images.
set -eu
here=$(dirname "$(readlink -f "$0")")
root=''
accepted=''
while [ $# -gt 0 ]; do
  case $1 in
    --root) root=$2; shift 2 ;;
    --accept-rsync) accepted=$2; shift 2 ;;
    *) echo "install.sh [--root DIR] [--accept-rsync VERSION]" >&2; exit 2 ;;
  esac
done
fail() { printf 'error: %s\n' "$1" >&2; exit 3; }
# Whether version $1 is $2 or newer.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

[ "$(id -u)" = 0 ] || fail 'only root can install it'
[ "$(uname -m)" = "$(cat "$here/machine")" ] || fail "this package is for $(cat "$here/machine")"
kernel=$(uname -r | cut -d- -f1)
at_least "$kernel" 4.18 || fail "Linux $kernel is older than 4.18"
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)
at_least "${libc:-0}" 2.28 || fail "glibc ${libc:-unknown} is older than 2.28"
for program in perl ssh rsync; do command -v "$program" >/dev/null || fail "$program is missing"; done
perl -MIO::Socket::UNIX -e 1 2>/dev/null || fail 'perl has no IO::Socket::UNIX'
rsync=$(rsync --version | sed -n 's/^rsync  *version \([0-9.]*\).*/\1/p' | head -n 1)
if ! at_least "${rsync:-0}" 3.5 && [ "$rsync" != "$accepted" ]; then
  fail "rsync ${rsync:-unknown} has holes that 3.5 closed. Install 3.5, or accept it: --accept-rsync $rsync, and acceptRsync in filesync.yaml"
fi

version=$(cat "$here/version")
top="$root/opt/tandem-filesync"
mkdir -p "$top" "$root/etc/tandem" "$root/etc/systemd/system" "$root/etc/sysctl.d" "$root/usr/local/bin"
rm -rf "$top/$version.new"
cp -a "$here" "$top/$version.new"
chown -R root:root "$top/$version.new"
chmod -R go-w "$top/$version.new"
"$top/$version.new/bin/tandem-filesync" --help >/dev/null || fail 'the agent does not start on this machine'
rm -rf "${top:?}/$version"
mv "$top/$version.new" "$top/$version"
ln -sfn "$version" "$top/current.new"
mv -T "$top/current.new" "$top/current"
ln -sfn /opt/tandem-filesync/current/bin/tandem-filesync "$root/usr/local/bin/tandem-filesync"
install -m 0644 "$here/tandem-filesync.service" "$root/etc/systemd/system/tandem-filesync.service"
install -m 0644 "$here/90-tandem-filesync.conf" "$root/etc/sysctl.d/90-tandem-filesync.conf"
install -m 0644 "$here/filesync.example.yaml" "$root/etc/tandem/filesync.example.yaml"
echo "installed $version below $top"
[ -z "$root" ] || exit 0
sysctl -q -p /etc/sysctl.d/90-tandem-filesync.conf || echo 'the limits of inotify could not be raised; see 90-tandem-filesync.conf'
if command -v systemctl >/dev/null && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart tandem-filesync
fi
