# Shared by the programs in bin/: what they need on a bare Debian 12, and processes that end with them.
# shellcheck shell=bash

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

say() { printf '==> %s\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-1}"
}

# Node 20 from 20.20, or 24 and later.
check_node() {
  command -v node >/dev/null || fail 'Node is not installed. Install Node 20.20 or later: https://nodejs.org' 2
  node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit((major === 20 && minor >= 20) || major >= 24 ? 0 : 1);
  ' || fail "Node $(node -p process.version) is too old or not supported. Install Node 20.20 or later of 20, or Node 24." 2
  say "Node $(node -p process.version)"
}

# True when node_modules holds exactly the versions of package-lock.json, optional packages of other systems left out.
modules_are_current() {
  [ -f "$root/node_modules/.package-lock.json" ] || return 1
  node -e '
    const { readFileSync } = require("node:fs");
    const packages = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
    const have = packages(process.argv[1] + "/node_modules/.package-lock.json");
    const want = packages(process.argv[1] + "/package-lock.json");
    const stale = Object.entries(want).filter(([path, one]) =>
      path !== "" && (have[path] ? have[path].version !== one.version : !one.optional));
    process.exit(stale.length === 0 ? 0 : 1);
  ' "$root"
}

ensure_modules() {
  mkdir -p "$root/.cache"
  (
    flock 9
    if ! modules_are_current; then
      # Not npm ci: it fails where the lock file has not got the optional packages of other platforms. What the lock
      # file names is installed as it names it, and the file is not changed.
      say 'Installing npm packages, as package-lock.json names them'
      cd "$root" && npm install --no-save --no-audit --no-fund --loglevel=error >&2
    fi
  ) 9>"$root/.cache/install.lock" || fail 'npm could not install; see above.'
}

# Debian's package for a program.
package_of() {
  case $1 in
    mariadbd | mariadb-install-db) echo mariadb-server ;;
    mariadb-dump | mariadb-binlog) echo mariadb-client ;;
    named-checkzone | named-compilezone) echo bind9-utils ;;
    nagios4) echo nagios4-core ;;
    /usr/lib/nagios/plugins/*) echo monitoring-plugins-basic ;;
    sshd) echo openssh-server ;;
    ssh | ssh-keygen) echo openssh-client ;;
    named) echo bind9 ;;
    nsupdate | delv | dig) echo bind9-dnsutils ;;
    pdns_server) echo pdns-server ;;
    pdns-backend:*) echo "pdns-backend-${1#pdns-backend:}" ;;
    knotd) echo knot ;;
    dovecot) echo dovecot-imapd dovecot-lmtpd ;;
    php) echo php-cli php-curl ;;
    php-fpm) echo php-fpm php-sqlite3 ;;
    roundcube) echo roundcube-core roundcube-sqlite3 ;;
    postgres) echo postgresql ;;
    perl:LWP::Protocol::https) echo liblwp-protocol-https-perl ;;
    perl:IO::Socket::SSL) echo libio-socket-ssl-perl ;;
    *) echo "$1" ;;
  esac
}

# A program of the path, perl:MODULE, pdns-backend:NAME, or what has no program of its own.
has_program() {
  case $1 in
    perl:*) perl -M"${1#perl:}" -e 1 2>/dev/null ;;
    php-fpm) compgen -G '/usr/sbin/php-fpm*' >/dev/null && compgen -G '/usr/lib/php/*/pdo_sqlite.so' >/dev/null ;;
    roundcube) [ -e /var/lib/roundcube/public_html/index.php ] ;;
    postgres) compgen -G '/usr/lib/postgresql/15/bin/postgres' >/dev/null ;;
    pdns-backend:bind) compgen -G '/usr/lib/*/pdns/libbindbackend.so' >/dev/null ;;
    pdns-backend:*) compgen -G "/usr/lib/*/pdns/libg${1#pdns-backend:}backend.so" >/dev/null ;;
    *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
  esac
}

# Packages that hold the programs named, without those that are installed.
missing_packages() {
  local program
  for program in "$@"; do
    has_program "$program" || package_of "$program"
  done | sort -u | xargs
}

# Debian starts services on installation unless this file says no (101). An existing one is put back.
policy=/usr/sbin/policy-rc.d
forbid_services() {
  [ ! -e "$policy" ] || mv "$policy" "$policy.before-tandem"
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
}
allow_services() {
  rm -f "$policy"
  [ ! -e "$policy.before-tandem" ] || mv "$policy.before-tandem" "$policy"
}

# What starts at boot: links that packages make when they are installed.
boot_dirs="/etc/systemd/system /etc/rc2.d /etc/rc3.d /etc/rc4.d /etc/rc5.d"
boot_links() {
  # shellcheck disable=SC2086
  find $boot_dirs -type l \( -path '*/systemd/*' -o -name 'S*' \) 2>/dev/null | sort
}
# Takes away those that were not there before: only what this very run has brought along.
forbid_boot() {
  comm -13 <(printf '%s\n' "$1") <(boot_links) | xargs -r -d '\n' rm -f --
}

install_packages() {
  local packages=$1 before
  say "Installing Debian packages: $packages (their services are neither started nor enabled)"
  (
    trap allow_services EXIT
    trap 'exit 130' INT TERM HUP
    forbid_services || exit 1
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2 || exit 1
    before=$(boot_links)
    # shellcheck disable=SC2086
    apt-get install -y -q --no-install-recommends $packages >&2 || exit 1
    forbid_boot "$before"
  ) || fail "apt-get could not install: $packages"
}

# Installs what is missing when root; otherwise says what is missing and answers 1.
ensure_packages() {
  local packages
  packages=$(missing_packages "$@")
  [ -n "$packages" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    install_packages "$packages"
    return 0
  fi
  say "Missing Debian packages: $packages. Install them: sudo apt-get install --no-install-recommends $packages"
  return 1
}

# Every process below this one inherits the mark, also when it leaves the process group.
own_processes() {
  # Listed before the search starts: its own programs carry the mark too.
  local environments=(/proc/[0-9]*/environ)
  grep -lzsxF "TANDEM_TEST_RUN=$1" "${environments[@]}" | cut -d/ -f3 | grep -vxF -e "$$" -e "$BASHPID"
  return 0
}

# Waits up to five seconds until none is left.
own_processes_gone() {
  local n
  for n in $(seq 50); do
    [ -n "$(own_processes "$1")" ] || return 0
    sleep 0.1
  done
  return 1
}

# Asks them to end, and after five seconds no longer asks.
end_own_processes() {
  local signal left
  for signal in TERM KILL; do
    left=$(own_processes "$1")
    [ -n "$left" ] || return 0
    # shellcheck disable=SC2086
    kill "-$signal" $left 2>/dev/null
    own_processes_gone "$1" && return 0
  done
  return 0
}
