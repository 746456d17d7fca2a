using System.Diagnostics;

namespace OpenClaw.KernelTests;

/// <summary>
/// A program that holds sockets. It takes orders on its command line, says "ready", and ends with its standard input.
/// </summary>
static class HolderProgram
{
    const string Script = """
        use Socket; use IO::Handle; use POSIX; $0 = shift @ARGV; $| = 1; my @held; my $reuse = 0;
        sub made { my $type = shift; socket(my $s, PF_INET, $type, 0) or die $!;
          setsockopt($s, SOL_SOCKET, 15, 1) if $reuse; return $s }
        sub at { my ($port, $address) = @_; return sockaddr_in($port, inet_aton($address // "127.0.0.1")) }
        sub settle { # until no connection to the port has one of these states: a busy kernel does the rest later
          my $port = sprintf ":%04X", shift; my $states = join "|", @_; my $left; my $end = time + 5;
          do { open(my $t, "<", "/proc/net/tcp") or die $!;
            $left = grep { my @s = split; "$s[1]$s[2]" =~ /$port/ && $s[3] =~ /^($states)$/ } <$t> }
          while $left && time < $end }
        sub order {
          my ($verb, @rest) = split / /, shift;
          if ($verb eq "serve") { # first port, last port, address
            for my $port ($rest[0] .. $rest[1]) {
              my $s = made(SOCK_STREAM); bind($s, at($port, $rest[2])) or die $!;
              listen($s, 4096) or die $!; push @held, $s } }
          elsif ($verb eq "connect") { # port, number, address, source address
            for (1 .. $rest[1]) { my $s = made(SOCK_STREAM); $rest[3] and (bind($s, at(0, $rest[3])) or die $!);
              connect($s, at($rest[0], $rest[2])) or die "connect $_: $!"; push @held, $s } }
          elsif ($verb eq "flows") { # source address, number, port; each from a port of its own
            for (1 .. $rest[1]) { my $s = made(SOCK_DGRAM); bind($s, at(3000 + $_, $rest[0])) or die $!;
              send($s, "x", 0, at($rest[2])) } }
          elsif ($verb eq "leavemain") { # a thread goes on when the main thread ends
            require threads; threads->create(sub { print "ready\n"; sleep 600 });
            syscall((POSIX::uname())[4] eq "aarch64" ? 93 : 60, 0) }
          elsif ($verb eq "try") {
            for (1 .. $rest[1]) { my $s = made(SOCK_STREAM); $s->blocking(0);
              connect($s, sockaddr_in($rest[0], INADDR_LOOPBACK)); push @held, $s } sleep 1 }
          elsif ($verb eq "leave") { # unshare(CLONE_NEWNET)
            syscall((POSIX::uname())[4] eq "aarch64" ? 97 : 272, 0x40000000) == 0 or die $! }
          elsif ($verb eq "bind") {
            for (1 .. $rest[1]) { my $s = made($rest[0] eq "tcp" ? SOCK_STREAM : SOCK_DGRAM);
              bind($s, sockaddr_in(0, INADDR_ANY)) or die "bind $_: $!"; push @held, $s } }
          elsif ($verb eq "listen") {
            $reuse = $rest[2] // 0; my $s = made(SOCK_STREAM); $reuse = 0;
            bind($s, sockaddr_in($rest[0], INADDR_LOOPBACK)) or die $!; listen($s, $rest[1]) or die $!; push @held, $s }
          elsif ($verb eq "files") { for (1 .. $rest[0]) { open(my $f, "<", "/dev/null") or die $!; push @held, $f } }
          elsif ($verb eq "udp") {
            my $s = made(SOCK_DGRAM); setsockopt($s, SOL_SOCKET, 33, 1 << 22) or die $!; # SO_RCVBUFFORCE
            bind($s, sockaddr_in($rest[0], INADDR_LOOPBACK)) or die $!; push @held, $s }
          elsif ($verb eq "send") {
            my $s = made(SOCK_DGRAM); push @held, $s;
            send($s, "x" x 1000, 0, sockaddr_in($rest[0], INADDR_LOOPBACK)) or die $! for 1 .. $rest[1] }
          elsif ($verb eq "fill") { # as much as the buffers of the newest sockets take
            for my $s (@held[-$rest[0] .. -1]) { $s->blocking(0); syswrite($s, "x" x $rest[1]) } }
          elsif ($verb eq "close") {
            for (1 .. $rest[1]) {
              my $s = made(SOCK_STREAM); connect($s, sockaddr_in($rest[0], INADDR_LOOPBACK)) or die $!;
              accept(my $peer, $held[-1]) or die $!; close $s; close $peer }
            settle($rest[0], "04", "05", "08", "09", "0B") }
          elsif ($verb eq "half") { # closed by the client, and not by the peer; bytes that the peer does not read
            my $listener = $held[-1];
            for (1 .. $rest[1]) {
              my $s = made(SOCK_STREAM); connect($s, sockaddr_in($rest[0], INADDR_LOOPBACK)) or die $!;
              accept(my $peer, $listener) or die $!; push @held, $peer;
              if ($rest[2]) { $s->blocking(0); syswrite($s, "x" x $rest[2]) }
              close $s }
            settle($rest[0], $rest[2] ? "05" : "04") }
          elsif ($verb eq "fork") {
            for (1 .. $rest[0]) { my $child = fork();
              if (!$child) { order("connect $rest[1] $rest[2]") if $rest[2]; print "child\n"; sleep 600; exit } } } }
        order($_) for @ARGV; print "ready\n"; <STDIN>;
        """;

    /// <summary>Starts the program, and returns when it holds what the orders say.</summary>
    /// <param name="netns">The network namespace.</param>
    /// <param name="name">The name of the process.</param>
    /// <param name="orders">The orders, in their order.</param>
    /// <param name="before">The command prefix.</param>
    public static Process Start(
        PrivateNamespace netns,
        string name,
        IEnumerable<string> orders,
        IReadOnlyList<string>? before = null
    )
    {
        string[] command = [.. before ?? [], InstalledProgram.Find("perl"), "-e", Script, name, .. orders];
        var process = netns.Start(
            new(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true }
        );
        string? line;
        do line = process.StandardOutput.ReadLine();
        while (line == "child");
        Assert.Equal("ready", line);
        return process;
    }
}
