#!/usr/bin/perl
# door.pl FOLDER: the forced command of the peer's key. Lets it talk to the agent that runs here, or run rsync inside
# the agent's spool, and nothing else. FOLDER is the agent's state folder: agent.sock, and spool.list with one spool a line.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($folder) = @ARGV;
my $asked = $ENV{SSH_ORIGINAL_COMMAND} // '';
$ENV{PATH} = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

if ($asked eq 'attach') { attach(); exit 0; }
if ($asked =~ m{^rsync --server( --sender)? ([-A-Za-z0-9.,=/ ]*?) ?\. (\S+)/(in|out)/$}) {
  my ($sender, $flags, $spool, $side) = ($1 // '', $2, $3, $4);
  die "not this way\n" if ($sender ne '') != ($side eq 'out');
  # Only what rsync itself sends for the agent's fixed options.
  my @flags = split / /, $flags;
  for (@flags) { die "option not allowed: $_\n" unless /^-[A-Za-z.]+$|^--(?:partial-dir|files-from|from0|inplace|no-W)(?:=-)?$/; }
  open(my $list, '<', "$folder/spool.list") or die "no spool\n";
  chomp(my @spools = <$list>);
  die "not a spool\n" unless grep { $_ eq $spool } @spools;
  chdir "$spool/$side" or die "no spool\n";
  exec 'rsync', '--server', ($sender ne '' ? '--sender' : ()), @flags, '.', './' or die "no rsync\n";
}
die "not allowed\n";

sub attach {
  my $agent = IO::Socket::UNIX->new(Peer => "$folder/agent.sock") or die "no agent: $!\n";
  binmode $_ for *STDIN, *STDOUT, $agent;
  my %to = (fileno(STDIN) => [\*STDIN, $agent], fileno($agent) => [$agent, \*STDOUT]);
  while (1) {
    my $in = '';
    vec($in, $_, 1) = 1 for keys %to;
    next if select($in, undef, undef, undef) < 0;
    for my $fd (keys %to) {
      next unless vec($in, $fd, 1);
      my ($from, $into) = @{ $to{$fd} };
      my $n = sysread($from, my $bytes, 1 << 17);
      return unless $n;
      while (length $bytes) {
        my $written = syswrite($into, $bytes);
        return unless defined $written;
        substr($bytes, 0, $written) = '';
      }
    }
  }
}
