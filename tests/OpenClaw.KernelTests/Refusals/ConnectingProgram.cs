using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>
/// A program of its own name that calls connect() until it was refused some times, and keeps its sockets.
/// </summary>
static class ConnectingProgram
{
    /// <summary>The program. It prints the number of calls that failed with EADDRNOTAVAIL.</summary>
    const string Script = """
        use Socket qw(:all); use Errno qw(:POSIX);
        my ($name, $way, $address, $port, $wanted) = @ARGV;
        $0 = $name;
        my $v6 = $address =~ /:/;
        my $to = $v6 ? pack_sockaddr_in6($port, inet_pton(AF_INET6, $address))
                     : pack_sockaddr_in($port, inet_aton($address));
        my ($refused, @held, $again) = (0);
        while ($refused < $wanted) {
            my $s;
            if ($again) { $s = $again }
            else {
                socket($s, $v6 ? AF_INET6 : AF_INET, SOCK_STREAM | ($way eq "nonblocking" ? 0x800 : 0),
                    $way eq "mptcp" ? 262 : 6) or die "socket: $!";
            }
            setsockopt($s, 0, 51, pack("L", 40000 | (40009 << 16))) or die "setsockopt: $!" if $way eq "range";
            my $done = $way eq "fastopen" ? defined send($s, "x", 0x20000000, $to) : connect($s, $to);
            if (!$done && $! == EADDRNOTAVAIL) { $refused++; $again = $s if $way eq "twice" }
            elsif (!$done && $! != EINPROGRESS) { die "connect: $!" }
            push @held, $s;
        }
        $| = 1; print "$refused\n"; <STDIN>;
        """;

    /// <summary>Starts it in a namespace. It ends with the namespace.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="name">The name of the process.</param>
    /// <param name="way">blocking, nonblocking, twice (on one socket), fastopen, mptcp or range (ten ports by
    /// IP_LOCAL_PORT_RANGE).</param>
    /// <param name="address">The address of the destination.</param>
    /// <param name="port">The port of the destination.</param>
    /// <param name="refused">The number of calls to be refused.</param>
    public static Process Start(
        PrivateNamespace netns,
        string name,
        string way,
        string address,
        int port,
        int refused
    ) =>
        netns.Start(
            new(
                "perl",
                [
                    "-e",
                    Script,
                    name,
                    way,
                    address,
                    port.ToString(CultureInfo.InvariantCulture),
                    refused.ToString(CultureInfo.InvariantCulture),
                ]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );

    /// <summary>Waits until a program was refused as often as it was told.</summary>
    public static int Refused(this Process program) =>
        int.Parse(program.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
}
