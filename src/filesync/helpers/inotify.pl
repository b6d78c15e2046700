#!/usr/bin/perl
# inotify.pl ROOT EXCLUDE [SECONDS]: what happens below ROOT, from the kernel's inotify, with nothing but perl-base.
# EXCLUDE is a regular expression for paths relative to ROOT; what it matches is neither watched nor told.
#
# Writes records that end with a zero byte, because names hold any other:
#   R                    ready: every directory is watched
#   O                    the kernel dropped events
#   U NUMBER REASON      so many directories are not watched (no watches left, …): they must be scanned. They are tried
#                        again every SECONDS (60); one that is watched at last is told as one that appeared
#   KIND COOKIE PATH     c content or attributes changed, n appeared, d directory appeared, g gone, f moved from, t moved to
# A directory that appears is watched with all below it before it is told, so that a listing made afterwards and later
# records together miss nothing. Ends when its standard input does.
use strict;
use warnings;

my ($root, $exclude, $pause) = @ARGV;
$pause ||= 60;
my $left_out = qr/$exclude/;
my %numbers = (x86_64 => [294, 254, 255], aarch64 => [26, 27, 28]);
my $machine = (split ' ', `uname -m`)[0];
my ($init, $add, $remove) = @{ $numbers{$machine} or die "inotify: no system call numbers for $machine\n" };
my ($ATTRIB, $CLOSE_WRITE, $FROM, $TO, $CREATE, $DELETE) = (0x4, 0x8, 0x40, 0x80, 0x100, 0x200);
my ($OVERFLOW, $IGNORED, $ISDIR) = (0x4000, 0x8000, 0x40000000);
my $mask = $ATTRIB | $CLOSE_WRITE | $FROM | $TO | $CREATE | $DELETE | 0x01000000 | 0x02000000;    # ONLYDIR, DONT_FOLLOW

my $fd = syscall($init, 0x80000);
die "inotify_init1: $!\n" if $fd < 0;
open(my $events, '<&=', $fd) or die "inotify: $!\n";
binmode STDOUT;
$| = 0;

my (%path_of, %watch_of, %unwatched);
my ($out, $told, $reason) = ('', 0, '');

sub flush_out {
  my $blind = keys %unwatched;
  $out .= "U $blind $reason\0" if $blind != $told;
  $told = $blind;
  while (length $out) {
    my $n = syswrite STDOUT, $out;
    exit 0 unless defined $n;
    substr($out, 0, $n) = '';
  }
}

# Watches a directory, then those in it.
sub watch {
  my ($top) = @_;
  my @todo = ($top);
  while (defined(my $path = pop @todo)) {
    my $relative = $path eq $root ? '' : substr($path, 1 + length $root);
    next if length $relative && $relative =~ $left_out;
    my $number = syscall($add, $fd, "$path", $mask);
    if ($number < 0) {
      next if $!{ENOENT} || $!{ENOTDIR} || $!{ELOOP};
      ($reason, $unwatched{$path}) = ("$!", 1);
      next;
    }
    # Moved unseen: its old name is another directory's, or nobody's.
    my $before = $path_of{$number};
    delete $watch_of{$before} if defined $before && $before ne $path && ($watch_of{$before} // -1) == $number;
    $path_of{$number} = $path;
    $watch_of{$path} = $number;
    my $links = (lstat $path)[3];
    # Two links: on the usual file systems there is no directory in it. btrfs always says 1.
    next if defined $links && $links == 2;
    opendir(my $handle, $path) or next;
    for my $name (readdir $handle) {
      next if $name eq '.' || $name eq '..';
      lstat "$path/$name";
      push @todo, "$path/$name" if -d _;
    }
    closedir $handle;
  }
}

# Directories that could not be watched: perhaps they can be now, with those in them.
sub try_again {
  my @again = sort keys %unwatched;
  %unwatched = ();
  for my $path (@again) {
    watch($path);
    $out .= "d 0 $path\0" if $watch_of{$path};
  }
}

# A directory that left: its watches would tell of paths that are no more.
sub forget {
  my ($path) = @_;
  for my $known (grep { $_ eq $path || index($_, "$path/") == 0 } keys %watch_of) {
    my $number = delete $watch_of{$known};
    delete $path_of{$number};
    syscall($remove, $fd, $number);
  }
}

sub kind_of {
  my ($event, $path) = @_;
  return 'f' if $event & $FROM;
  return 't' if $event & $TO;
  return 'g' if $event & $DELETE;
  return 'c' if $event & ($CLOSE_WRITE | $ATTRIB);
  return 'd' if $event & $ISDIR;
  lstat $path;
  return -l _ ? 'c' : 'n';
}

sub report {
  my ($number, $event, $cookie, $name) = @_;
  if ($event & $OVERFLOW) {
    # Directories appeared or moved among what was dropped: they are watched before a scan looks for what is in them.
    watch($root);
    $out .= "O\0";
    return;
  }
  my $directory = $path_of{$number};
  return unless defined $directory;
  if ($event & $IGNORED) {
    delete $path_of{$number};
    delete $watch_of{$directory} if ($watch_of{$directory} // -1) == $number;
    return;
  }
  my $path = length $name ? "$directory/$name" : $directory;
  my $relative = $path eq $root ? '' : substr($path, 1 + length $root);
  return if length $relative && $relative =~ $left_out;
  my $is_directory = $event & $ISDIR;
  forget($path) if $is_directory && $event & $FROM;
  watch($path) if $is_directory && $event & ($CREATE | $TO);
  my $kind = kind_of($event, $path);
  $kind = 'T' if $kind eq 't' && $is_directory;
  $kind = 'F' if $kind eq 'f' && $is_directory;
  $out .= "$kind $cookie $path\0";
}

watch($root);
$out .= "R\0";
flush_out();
my ($in, $buffer) = ('', '');
vec($in, fileno(STDIN), 1) = 1;
vec($in, $fd, 1) = 1;
while (1) {
  my $ready = $in;
  my $n = select($ready, undef, undef, %unwatched ? $pause : undef);
  next if $n < 0;
  if ($n == 0) {
    try_again();
    flush_out();
    next;
  }
  if (vec($ready, fileno(STDIN), 1)) { last unless sysread(STDIN, my $rest, 1024); }
  next unless vec($ready, $fd, 1);
  my $length = sysread($events, $buffer, 1 << 20);
  last unless $length;
  my $at = 0;
  while ($at < $length) {
    my ($number, $event, $cookie, $size) = unpack('lLLL', substr($buffer, $at, 16));
    my $name = $size ? unpack('Z*', substr($buffer, $at + 16, $size)) : '';
    $at += 16 + $size;
    report($number, $event, $cookie, $name);
  }
  flush_out();
}
