#!/usr/bin/perl
# door.pl FOLDER [ask]: the forced command of the peer's key. Lets it talk to the agent that runs here, run rsync or carry
# pieces of files inside the agent's spool, or Dovecot's half of a mailbox's sync when the agent says so, and nothing else.
# FOLDER is the agent's state folder: agent.sock, and spool.list with a tree and its spool a line.
use strict;
use warnings;
use File::Basename qw(dirname);
use IO::Socket::UNIX;

# With `ask` it is the control node's: one line of a question to the agent's control socket, one line back, and again.
my ($folder, $what) = @ARGV;
my $asked = $ENV{SSH_ORIGINAL_COMMAND} // '';
$ENV{PATH} = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

if (($what // '') eq 'ask') { question(); exit 0; }
if ($asked eq 'attach') { attach(); exit 0; }
if ($asked =~ m{^mailbox ([a-z][a-z0-9-]*/[A-Za-z0-9._-]+) ([A-Za-z0-9][A-Za-z0-9._+=-]*(?:@[A-Za-z0-9.-]+)?) dsync-server$}) {
  mailbox($1, $2);
}
if ($asked =~ m{^rsync --server( --sender)? ([-A-Za-z0-9.=/ ]+) \. ([a-z][a-z0-9-]*)/(?:(in)/|(out)/([0-9a-f]{32}))$}) {
  my ($sender, $flags, $tree, $in, $id) = ($1, $2, $3, $4, $6);
  die "not this way\n" if defined $sender eq defined $in;
  # Only what rsync itself makes of the agent's own options; where a base lies is told to the receiving end alone.
  my @flags = split / /, $flags;
  my $base = defined $in && $flags =~ m{^(?:\S+ )*--copy-dest \.\./base(?: \S+)*$} ? 2 : 0;
  for (grep { !$base || !m{^(?:--copy-dest|\.\./base)$} } @flags) {
    die "option not allowed: $_\n" unless /^-[A-Za-z.]+$|^--partial$|^--timeout=60$/;
  }
  die "option not allowed\n" if $base != grep { m{^(?:--copy-dest|\.\./base)$} } @flags;
  chdir(spool($tree) . (defined $in ? '/in' : '/out')) or die "no spool\n";
  exec 'rsync', '--server', (defined $sender ? '--sender' : ()), @flags, '.', (defined $in ? './' : "./$id");
  die "no rsync\n";
}
if ($asked =~ m{^piece ([a-z][a-z0-9-]*)/(in|out)/([0-9a-f]{32}) (\d{1,15}) (\d{1,15})$}) { piece($1, $2, $3, $4, $5); }
die "not allowed\n";

sub spool {
  my ($tree) = @_;
  open(my $list, '<', "$folder/spool.list") or die "no spool\n";
  my %spools = map { chomp; split / /, $_, 2 } <$list>;
  return $spools{$tree} // die "no such tree\n";
}

# A piece of a file that goes over whole.
sub piece {
  my ($tree, $way, $id, @piece) = @_;
  my $spool = spool($tree);
  # What rsync left half done is not to be taken for what came.
  unlink("$spool/in/$id") if $way eq 'in';
  exec $^X, dirname($0) . '/piece.pl', $way, $way eq 'in' ? "$spool/in/$id.whole" : "$spool/out/$id", @piece;
  die "no piece.pl\n";
}

# The agent knows whether this mailbox travels now, and the program: a word a line, in JSON that needs no reader.
sub mailbox {
  my ($unit, $user) = @_;
  my $agent = IO::Socket::UNIX->new(Peer => "$folder/control.sock") or die "the agent does not run: $!\n";
  print $agent qq({"verb":"mailbox","rest":["$unit","$user"]}\n);
  $agent->flush;
  my $said = <$agent> // '';
  my ($words) = $said =~ m{^\{"exit":0,"text":"([^"\\]+(?:\\n[^"\\]+)*)"} or die "not now: $said\n";
  exec split /\\n/, $words;
  die "no doveadm\n";
}

sub question {
  $| = 1;
  binmode STDOUT;
  while (defined(my $line = <STDIN>)) {
    die "too long\n" if length $line > 100_000;
    my $agent = IO::Socket::UNIX->new(Peer => "$folder/control.sock") or die "the agent does not run: $!\n";
    binmode $agent;
    print $agent $line;
    $agent->flush;
    while (sysread($agent, my $bytes, 1 << 16)) { print STDOUT $bytes; }
  }
}

# An agent that starts anew is there in a moment: to wait for it costs less than another ssh.
sub agent {
  for (1 .. 60) {
    my $agent = IO::Socket::UNIX->new(Peer => "$folder/agent.sock");
    return $agent if $agent;
    select(undef, undef, undef, 0.05);
  }
  die "no agent: $!\n";
}

sub attach {
  my $agent = agent();
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
