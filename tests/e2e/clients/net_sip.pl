# A phone of Perl's Net::SIP: registers, refreshes at half of what it was granted, unregisters at the word "unregister".
use strict;
use warnings;
use IO::Socket::INET;
use Net::SIP;

$| = 1;
my ($user, $secret, $auth_user, $domain, $host, $port, $transport, $expires, $source) = @ARGV;
my $loop = Net::SIP::Dispatcher::Eventloop->new;
# Net::SIP takes port 0 for 5060, but a socket as it is. Over TCP it listens there and connects from the same address.
my $socket = IO::Socket::INET->new(
    Proto     => $transport,
    LocalAddr => $source,
    LocalPort => 0,
    $transport eq 'tcp' ? (Listen => 5) : (),
) or die "no socket at $source: $!";
my $phone = Net::SIP::Simple->new(
    loop           => $loop,
    legs           => [ Net::SIP::Leg->new(sock => $socket, proto => $transport) ],
    from           => "sip:$user\@$domain",
    auth           => [ $auth_user, $secret ],
    registrar      => $domain,
    outgoing_proxy => "sip:$host:$port;transport=$transport",
);

sub register {
    my ($seconds) = @_;
    my $granted = $phone->register(expires => $seconds, registrar => "sip:$domain");
    if (!defined $granted && $phone->error) {
        print "refused: ", $phone->error, "\n";
        exit 1;
    }
    print $seconds ? "registered for $granted s\n" : "unregistered\n";
    $loop->add_timer($granted / 2, sub { register($seconds) }) if $seconds && $granted;
}

register($expires);
my $stop;
$loop->addFD(\*STDIN, 0, [ sub { my $line = <STDIN>; $stop = 1 if !defined $line || $line =~ /unregister/ } ]);
$loop->loop(undef, \$stop);
register(0);
