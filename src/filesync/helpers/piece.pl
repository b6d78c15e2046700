#!/usr/bin/perl
# piece.pl in|out FILE AT LENGTH [PROGRAM WORDS…]: brings a piece of a file from standard input, or takes it to standard
# output; with a program, from its output or to its input. Exit 0 when all of it went and the program ended well.
# Zeros that come become a hole, but for the last of them.
use strict;
use warnings;
use Fcntl qw(O_WRONLY O_CREAT O_RDONLY O_NOFOLLOW);

my ($way, $path, $at, $left, @program) = @ARGV;
my $comes = $way eq 'in';
sysopen(my $file, $path, O_NOFOLLOW | ($comes ? O_WRONLY | O_CREAT : O_RDONLY), 0600) or die "$path: $!\n";
sysseek($file, $at, 0) // die "$path: $!\n";
my $far = $comes ? \*STDIN : \*STDOUT;
if (@program) { $far = undef; open($far, $comes ? '-|' : '|-', @program) or die "$program[0]: $!\n"; }
binmode $_ for $far, $file;

# The program says why it does not take more.
$SIG{PIPE} = 'IGNORE';
my ($from, $into) = $comes ? ($far, $file) : ($file, $far);
while ($left > 0) {
  my $n = sysread($from, my $bytes, $left < 1 << 17 ? $left : 1 << 17);
  last unless $n;
  $left -= $n;
  if ($comes && $left > 0 && $bytes !~ /[^\0]/) { sysseek($file, $n, 1); next; }
  while (length $bytes) {
    my $written = syswrite($into, $bytes) // last;
    substr($bytes, 0, $written) = '';
  }
  if (length $bytes) { $left += length $bytes; last; }
}
if (@program) { close $far or exit 1; }
die "the piece ended early\n" if $left > 0;
