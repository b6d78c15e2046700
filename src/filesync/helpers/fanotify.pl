#!/usr/bin/perl
# fanotify.pl ROOT EXCLUDE: as inotify.pl, from one mark on the whole file system: no watch per directory, no limit on
# their number. Needs root and Linux 5.9 (renames as one event from 5.17). Perl-base only. Same records as inotify.pl.
use strict;
use warnings;
use POSIX ();

my ($root, $exclude) = @ARGV;
my $left_out = qr/$exclude/;
my %numbers = (x86_64 => [300, 301, 304], aarch64 => [262, 263, 265]);
my $machine = (split ' ', `uname -m`)[0];
my ($init, $mark, $open) = @{ $numbers{$machine} or die "fanotify: no system call numbers for $machine\n" };
my ($ATTRIB, $CLOSE_WRITE, $FROM, $TO, $CREATE, $DELETE) = (0x4, 0x8, 0x40, 0x80, 0x100, 0x200);
my ($OVERFLOW, $RENAME, $ONDIR) = (0x4000, 0x10000000, 0x40000000);

my $fd = syscall($init, 0x1 | 0xC00, 0);    # CLOEXEC, REPORT_DFID_NAME
die "fanotify_init: $!\n" if $fd < 0;
open(my $events, '<&=', $fd) or die "fanotify: $!\n";
open(my $mount, '<', $root) or die "$root: $!\n";
my $base = $ATTRIB | $CLOSE_WRITE | $CREATE | $DELETE | $ONDIR;
if (syscall($mark, $fd, 0x101, $base | $RENAME, -100, "$root") < 0) {
  die "fanotify_mark: $!\n" if syscall($mark, $fd, 0x101, $base | $FROM | $TO, -100, "$root") < 0;
}
binmode STDOUT;
$| = 0;
my ($out, %directories, $cookies) = ('', (), 0);

sub flush_out {
  while (length $out) {
    my $n = syswrite STDOUT, $out;
    exit 0 unless defined $n;
    substr($out, 0, $n) = '';
  }
}

# The path of a directory from its handle; undef when it is gone.
sub directory {
  my ($handle) = @_;
  return $directories{$handle} if exists $directories{$handle};
  my $copy = "$handle";
  my $number = syscall($open, fileno($mount), $copy, 0x210000);    # O_DIRECTORY | O_PATH
  return undef if $number < 0;
  my $path = readlink "/proc/self/fd/$number";
  POSIX::close($number);
  %directories = () if keys %directories > 50_000;
  return $directories{$handle} = $path;
}

# [type, path] of each name in an event. Types: 2 the directory and name, 10 old, 12 new.
sub names_in {
  my ($info) = @_;
  my ($at, @found) = (0);
  while ($at < length $info) {
    my ($type, undef, $size) = unpack('CCS', substr($info, $at, 4));
    my $bytes = unpack('L', substr($info, $at + 12, 4));
    my $handle = substr($info, $at + 12, 8 + $bytes);
    my $name = unpack('Z*', substr($info, $at + 20 + $bytes, $size - 20 - $bytes));
    $at += $size;
    next unless $type == 2 || $type == 10 || $type == 12;
    my $directory = directory($handle);
    next unless defined $directory;
    push @found, [$type, $name eq '.' ? $directory : "$directory/$name"];
  }
  return @found;
}

sub line {
  my ($kind, $cookie, $path) = @_;
  return unless index($path, "$root/") == 0;
  return if substr($path, 1 + length $root) =~ $left_out;
  $out .= "$kind $cookie $path\0";
}

sub report {
  my ($event, $info) = @_;
  if ($event & $OVERFLOW) {
    # Directories may have moved among what was dropped.
    %directories = ();
    $out .= "O\0";
    return;
  }
  # A directory moved: known paths below it are no more.
  %directories = () if $event & $ONDIR && $event & ($RENAME | $FROM | $TO | $DELETE);
  my $is_directory = $event & $ONDIR;
  for (names_in($info)) {
    my ($type, $path) = @$_;
    if ($type == 10) { line($is_directory ? 'F' : 'f', ++$cookies, $path); next; }
    if ($type == 12) { line($is_directory ? 'T' : 't', $cookies, $path); next; }
    # Several may be put together in one event: all are told, and the disk decides.
    line($is_directory ? 'F' : 'f', 0, $path) if $event & $FROM;
    line($is_directory ? 'T' : 't', 0, $path) if $event & $TO;
    if ($event & $CREATE) { line($is_directory ? 'd' : -l $path ? 'c' : 'n', 0, $path); }
    line('g', 0, $path) if $event & $DELETE;
    line('c', 0, $path) if $event & ($ATTRIB | $CLOSE_WRITE);
  }
}

$out = "R\0";
flush_out();
my ($in, $buffer) = ('', '');
vec($in, fileno(STDIN), 1) = 1;
vec($in, $fd, 1) = 1;
while (1) {
  my $ready = $in;
  my $n = select($ready, undef, undef, undef);
  next if $n < 0;
  if (vec($ready, fileno(STDIN), 1)) { last unless sysread(STDIN, my $rest, 1024); }
  next unless vec($ready, $fd, 1);
  my $length = sysread($events, $buffer, 1 << 18);
  last unless $length;
  my $at = 0;
  while ($at < $length) {
    my ($size, undef, undef, $meta, $event) = unpack('LCCSQ', substr($buffer, $at, 16));
    report($event, substr($buffer, $at + $meta, $size - $meta));
    $at += $size;
  }
  flush_out();
}
