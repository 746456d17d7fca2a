using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;

namespace OpenClaw.KernelTests;

/// <summary>Processes near their limits, whose sockets are told apart.</summary>
[Collection(WholeMachine.Name)]
public class HeldSocketTests
{
    const int Held = 240;
    const string Name = "openclaw-held";

    /// <summary>
    /// Holds as many sockets of a kind as its argument says. A child has the other ends. It closes its ends of TCP
    /// connections, so that those of the parent are in CLOSE_WAIT.
    /// </summary>
    const string Hold = """
        $0 = $ARGV[1]; use Socket; my ($kind, $count, $path) = @ARGV[0, 2, 3]; my @held; $| = 1;
        my $address = $kind eq "unix" ? sockaddr_un($path) : sockaddr_in(7000, inet_aton("127.0.0.1"));
        my $family = $kind eq "unix" ? PF_UNIX : PF_INET;
        socket(my $listener, $family, SOCK_STREAM, 0) or die $!;
        bind($listener, $address) or die $!; listen($listener, 4096) or die $!;
        pipe(my $done, my $write) or die $!;
        my $child = fork();
        if (!$child) {
            close($done); close($listener); my @other;
            for (1 .. $count) { socket(my $s, $family, SOCK_STREAM, 0) or die $!; connect($s, $address) or die $!; push @other, $s }
            if ($kind eq "tcp") { close($_) for @other }
            $0 = "other"; print $write "done\n"; close($write); sleep 1000; exit;
        }
        close($write);
        for (1 .. $count) { accept(my $s, $listener) or die $!; push @held, $s }
        close($listener); <$done>; print "ready\n"; <STDIN>; kill 9, $child;
        """;

    [Theory]
    [InlineData("tcp", Name, "240 of them in CLOSE_WAIT: closed by the peer, not by this program")]
    [InlineData("unix", Name, "240 UNIX sockets at /")]
    [InlineData("tcp", "unwatched-held", "240 of them in CLOSE_WAIT: closed by the peer, not by this program")]
    public void Sockets_of_a_process_at_its_limit_are_told_apart(string kind, string name, string words)
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        name += "-" + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var process = Start(netns, kind, name, folder.PathOf("test.sock"));
        netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=250");

        var diagnosis = Diagnosis.Judge(
            netns.Run(static () =>
                KernelSampling.SnapshotOf(KernelSampling.Readers(Name), "processes", "watched_descriptors")
            )
        );

        var finding = Assert.Single(diagnosis.Findings, finding => finding.Level.Pid == process.Id);
        Assert.Contains(words, finding.Remedy.Advice, StringComparison.Ordinal);
        Assert.Contains(words, Text(diagnosis), StringComparison.Ordinal);
        Assert.Contains(words, new StatusPage(diagnosis).Render(), StringComparison.Ordinal);
        if (kind == "unix")
            Assert.Contains(folder.PathOf("test.sock"), finding.Remedy.Advice, StringComparison.Ordinal);
    }

    static Process Start(PrivateNamespace netns, string kind, string name, string path)
    {
        var process = netns.Start(
            new(
                InstalledProgram.Find("perl"),
                ["-e", Hold, kind, name, Held.ToString(CultureInfo.InvariantCulture), path]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }

    /// <summary>The diagnosis as a terminal shows it, in one line.</summary>
    static string Text(Diagnosis diagnosis)
    {
        using var text = new StringWriter();
        new DiagnosisPrinter(text, inColour: false, isVerbose: true).PrintDiagnosis(diagnosis);
        return string.Join(' ', text.ToString().Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
    }
}
