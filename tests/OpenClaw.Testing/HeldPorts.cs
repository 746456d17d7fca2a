using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.Testing;

/// <summary>
/// Nearly all ports to one destination, held by many workers of one program, and the servers at the other end. Idle
/// processes are beside them.
/// </summary>
static class HeldPorts
{
    /// <summary>The processes that hold the ports.</summary>
    public const int Workers = 200;

    /// <summary>The ports of each of them.</summary>
    public const int PortsOfWorker = 140;

    /// <summary>The ports of all of them, of the 28,232 of the usual range.</summary>
    public const int Ports = Workers * PortsOfWorker;

    /// <summary>The processes of the machine that are started, those with ports included.</summary>
    public const int Processes = 2_000;

    /// <summary>The name of the workers.</summary>
    public const string Name = "worker";

    const int Servers = 4;
    const int Idle = Processes - Workers - Servers - 1;

    const string Script = """
        use Socket; use IO::Handle; $| = 1; my ($servers, $workers, $each, $idle) = @ARGV; my @held;
        socket(my $listener, PF_INET, SOCK_STREAM, 0) or die $!;
        bind($listener, sockaddr_in(9000, INADDR_LOOPBACK)) or die $!; listen($listener, 4096) or die $!;
        sub child { my ($name, $work) = @_; return if fork(); $0 = $name; $work->(); print "$name\n"; <STDIN>; exit }
        for (1 .. $servers) { child("server", sub {
          for (1 .. $workers * $each / $servers) { accept(my $s, $listener) or die $!; push @held, $s } }) }
        close $listener;
        for (1 .. $workers) { child("worker", sub { for (1 .. $each) {
          socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
          connect($s, sockaddr_in(9000, INADDR_LOOPBACK)) or die "connect: $!"; push @held, $s } }) }
        for (1 .. $idle) { child("idle", sub {}) }
        <STDIN>;
        """;

    /// <summary>Starts all processes, and returns when they hold the ports. They end with their input.</summary>
    /// <param name="start">Starts a process in the network namespace.</param>
    public static Process Start(Func<ProcessStartInfo, Process> start)
    {
        var count = static (int number) => number.ToString(CultureInfo.InvariantCulture);
        var process = start(
            new("perl", ["-e", Script, count(Servers), count(Workers), count(PortsOfWorker), count(Idle)])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );
        for (var left = Servers + Workers + Idle; left > 0; left--)
        {
            if (process.StandardOutput.ReadLine() is null)
                throw new InvalidOperationException("the processes could not open their sockets");
        }

        return process;
    }
}
