using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Pools;

namespace OpenClaw.KernelTests;

public class DescriptorLeakTests
{
    /// <summary>Opens as many files, or sockets, as each line of its input says, and never closes one.</summary>
    const string Leak = """
        $0 = "openclaw-leak-$ARGV[1]"; use Socket; my @held; $| = 1;
        for (1 .. 4) { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; push @held, $s }
        print "ready\n";
        while (my $count = <STDIN>) {
            for (1 .. $count) {
                if ($ARGV[0] eq "file") { open(my $f, "<", "/etc/hostname") or open($f, "<", "/proc/version") or die $!; push @held, $f }
                else { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; push @held, $s }
            }
            print "done\n";
        }
        """;

    [Theory]
    [InlineData("file", "files, not sockets: the network is not the cause")]
    [InlineData("socket", "sockets: look at its connections")]
    [Provokes("process_file_descriptors")]
    public void What_leaks_is_named(string kind, string words)
    {
        using var netns = new PrivateNamespace();
        var process = netns.Start(new(InstalledProgram.Find("perl"), ["-e", Leak, kind, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        });
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=300");
        var (before, _) = Look(netns, process);

        process.StandardInput.WriteLine("280");
        Assert.Equal("done", process.StandardOutput.ReadLine());

        var (after, finding) = Look(netns, process);
        Assert.Equal(before.ToDictionary(static pair => pair.Key, pair => pair.Key == kind ? pair.Value + 280 : pair.Value), after);
        Assert.Equal(SocketsOf(process), after["socket"]);
        Assert.Equal(PoolCondition.Critical, finding.Condition);
        Assert.Contains(words, finding.Remedy.Advice, StringComparison.Ordinal);
        Assert.Equal(finding.Level.Used, after.Values.Sum());
    }

    /// <summary>Counted by their names; whoever runs the tests may hand the process one of its own.</summary>
    static int SocketsOf(Process process) =>
        Directory.GetFiles($"/proc/{process.Id}/fd")
            .Count(static link => new FileInfo(link).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) is true);

    static (Dictionary<string, double> Kinds, Finding Finding) Look(PrivateNamespace netns, Process process)
    {
        var diagnosis = Diagnosis.Of(netns.SnapshotOf("processes", "watched_descriptors"));
        var finding = Assert.Single(diagnosis.Findings, finding => finding.Level.Pid == process.Id);
        var kinds = MetricCatalogue.All.Single(static family => family.Name == "openclaw_network_process_descriptors")
            .Read(diagnosis)
            .Where(sample => sample.Labels[0] == finding.Level.Subject)
            .ToDictionary(static sample => sample.Labels[1], static sample => sample.Value);
        return (kinds, finding);
    }
}
