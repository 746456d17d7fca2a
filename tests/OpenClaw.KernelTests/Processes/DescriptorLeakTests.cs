using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

[Collection(WholeMachine.Name)]
public partial class DescriptorLeakTests
{
    /// <summary>The name of this run's processes, which no other process on the machine has.</summary>
    static readonly string Watch = $"openclaw-leak-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Opens as many files or sockets as each line of its input says, and never closes one.</summary>
    const string Leak = """
        $0 = "openclaw-leak-$ARGV[1]"; use Socket; my @held; $| = 1;
        for (1 .. 4) { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; push @held, $s }
        print "ready\n";
        while (my $count = <STDIN>) {
            if ($count =~ /^swap (\d+)/) {
                for (1 .. $1) { pop @held; socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; unshift @held, $s }
                $count = 0;
            }
            for (1 .. $count) {
                if ($ARGV[0] eq "file") { open(my $f, "<", "/etc/hostname") or open($f, "<", "/proc/version") or die $!; push @held, $f }
                else { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; push @held, $s }
            }
            print "done\n";
        }
        """;

    [Theory]
    [InlineData("file", "files, not sockets: the network is not the cause")]
    [InlineData("socket", "of them without a port: netlink, packet or raw sockets, or not connected yet")]
    [Provokes("process_file_descriptors")]
    public void The_leaking_kind_is_named(string kind, string words)
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, kind);
        netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=300");
        var (before, _) = Look(netns, process);

        process.StandardInput.WriteLine("280");
        Assert.Equal("done", process.StandardOutput.ReadLine());

        var (after, finding) = Look(netns, process);
        // The process may hold no file at first: then its files have no series.
        before[kind] = before.GetValueOrDefault(kind) + 280;
        Assert.Equal(before, after);
        Assert.Equal(DescriptorsOf(process, "socket:"), after["socket"]);
        Assert.Equal(PoolCondition.Critical, finding.Condition);
        Assert.Contains(words, finding.Remedy.Advice, StringComparison.Ordinal);
        Assert.Equal(finding.Level.Used, after.Values.Sum());
    }

    /// <summary>
    /// Programs that leak 280 descriptors, each in its own way, so that lsof would show what they have in common.
    /// </summary>
    static readonly ImmutableDictionary<string, string> Patterns = ImmutableDictionary.CreateRange<string, string>([
        new(
            "watched files",
            """for (1 .. 280) { mkdir "$d/m$_"; open(my $f, ">", "$d/m$_/note$_.md"); push @held, $f }"""
        ),
        new(
            "one file",
            """open(my $f, ">", "$d/one"); for (1 .. 280) { open(my $f, "<", "$d/one"); push @held, $f }"""
        ),
        new("deleted logs", """for (1 .. 280) { open(my $f, ">", "$d/$_.log"); unlink "$d/$_.log"; push @held, $f }"""),
        new("memory files", """for (1 .. 280) { my $n = "m"; push @held, syscall(319, $n, 0) }"""),
        new("pipes", """for (1 .. 140) { pipe(my $r, my $w); push @held, $r, $w }"""),
        new("epoll", """for (1 .. 280) { push @held, syscall(291, 0) }"""),
        new("eventfd", """for (1 .. 280) { push @held, syscall(290, 0, 0) }"""),
        new(
            "two kinds",
            """for (1 .. 150) { push @held, syscall(290, 0, 0) } for (1 .. 130) { push @held, syscall(283, 1, 0) }"""
        ),
        new("netlink", """for (1 .. 280) { socket(my $s, 16, SOCK_RAW, 0) or die $!; push @held, $s }"""),
        new(
            "established",
            """
            socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, sockaddr_in(7445, INADDR_LOOPBACK)); listen($l, 300);
            unless (fork) { while (accept(my $c, $l)) { push @held, $c } }
            for (1 .. 280) {
                socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in(7445, INADDR_LOOPBACK)) or die $!;
                push @held, $s;
            }
            """
        ),
        new(
            "udp",
            """
            for (1 .. 280) {
                socket(my $s, PF_INET, SOCK_DGRAM, 0); bind($s, sockaddr_in(0, INADDR_LOOPBACK)) or die $!; push @held, $s;
            }
            """
        ),
        new("unix", """for (1 .. 140) { socketpair(my $a, my $b, AF_UNIX, SOCK_STREAM, 0); push @held, $a, $b }"""),
        new(
            "closed by the server",
            """
            socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, sockaddr_in(7443, INADDR_LOOPBACK)); listen($l, 300);
            unless (fork) { while (accept(my $c, $l)) { close $c } }
            for (1 .. 280) {
                socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in(7443, INADDR_LOOPBACK)) or die $!;
                push @held, $s; sysread($s, my $end, 1);
            }
            """
        ),
        new(
            "closed by clients",
            """
            socket(my $l, PF_INET, SOCK_STREAM, 0); bind($l, sockaddr_in(7444, INADDR_LOOPBACK)); listen($l, 300);
            for (1 .. 280) {
                socket(my $s, PF_INET, SOCK_STREAM, 0); connect($s, sockaddr_in(7444, INADDR_LOOPBACK)) or die $!;
                accept(my $c, $l); push @held, $c; close $s;
            }
            """
        ),
    ]);

    [Theory]
    [InlineData("watched files", "280 of them are below {folder}/ (*.md).")]
    [InlineData("one file", "281 of them are the file {folder}/one.")]
    [InlineData("deleted logs", "280 of them are below {folder}/ (*.log). 280 of them were deleted, and take space")]
    [InlineData("memory files", "280 of them are the file /memfd:m.")]
    [InlineData("pipes", "descriptors are pipes, not sockets: look at its child processes")]
    [InlineData("eventfd", "280 of its {all} descriptors are eventfd descriptors, not sockets")]
    [InlineData("two kinds", "150 of its {all} descriptors are eventfd descriptors, not sockets")]
    [InlineData("netlink", "descriptors are sockets, 280 of them without a port: netlink, packet or raw sockets")]
    [InlineData("established", "/fd). Most are 280 connections to 127.0.0.1:7445. If their number only grows")]
    [InlineData("udp", "descriptors are sockets, 280 of them UDP")]
    [InlineData("unix", "descriptors are sockets, 280 UNIX sockets")]
    [InlineData("closed by the server", "280 of them in CLOSE_WAIT: closed by the peer, not by this program")]
    [InlineData("closed by the server", "Most are 280 connections to 127.0.0.1:7443.")]
    [InlineData("closed by clients", "280 of them in CLOSE_WAIT: closed by the peer, not by this program")]
    [InlineData("closed by clients", "Most are 280 connections from 127.0.0.1 to its port 7444.")]
    public void The_thing_that_leaked_descriptors_share_is_named(string pattern, string words)
    {
        using var netns = new PrivateNamespace();
        var folder = Directory.CreateTempSubdirectory("openclaw-leak-");
        try
        {
            var process = Start(netns, Program(pattern), pattern, folder.FullName);
            Limit(netns, process, 300);

            var (kinds, finding) = Look(netns, process);

            var all = kinds.Values.Sum().ToString(CultureInfo.InvariantCulture);
            var expected = words
                .Replace("{folder}", folder.FullName, StringComparison.Ordinal)
                .Replace("{all}", all, StringComparison.Ordinal);
            Assert.Contains(expected, finding.Remedy.Advice, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string Program(string pattern) =>
        """$0 = "openclaw-leak-$ARGV[1]"; use Socket; my @held; $| = 1; my $d = $ARGV[2]; """
        + Patterns[pattern]
        + """ print "ready\n"; sleep 600;""";

    static void Limit(PrivateNamespace netns, Process process, int descriptors) =>
        netns.Command("prlimit", "--pid", $"{process.Id}", $"--nofile={descriptors}");

    /// <summary>
    /// prlimit lowers the limit of a running process below what it holds. The process is not watched.
    /// </summary>
    [Fact]
    public void A_process_above_its_limit_is_full()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, "file");
        process.StandardInput.WriteLine("280");
        Assert.Equal("done", process.StandardOutput.ReadLine());
        netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=100");

        var diagnosis = Diagnosis.Judge(
            netns.Run(static () => KernelSampling.SnapshotOf(KernelSampling.Readers("no such process"), "processes"))
        );

        var finding = Assert.Single(diagnosis.Findings, finding => finding.Level.Pid == process.Id);
        Assert.InRange(finding.Level.Used, 284, 300);
        Assert.Equal(
            (100, 1, PoolCondition.Critical),
            (finding.Level.Limit, finding.Level.Utilization, finding.Condition)
        );
        Assert.True(finding.IsExhausted);
    }

    /// <summary>
    /// Two processes together exceed the limit of descriptors that are inspected one by one, so each is sampled.
    /// </summary>
    [Fact]
    public void The_leaking_kind_is_named_at_any_size()
    {
        const int leaked = 15_000;
        using var netns = new PrivateNamespace();
        Process[] leaking = [Start(netns, "file"), Start(netns, "file")];
        foreach (var process in leaking)
        {
            netns.Command("prlimit", "--pid", process.Id.ToString(CultureInfo.InvariantCulture), "--nofile=15100");
            process.StandardInput.WriteLine(leaked);
            Assert.Equal("done", process.StandardOutput.ReadLine());
        }

        // Both have the same name, so the fuller one represents both.
        var (kinds, finding) = Look(netns, leaking);

        Assert.InRange(kinds["file"], leaked - 100, leaked + 10);
        Assert.InRange(kinds.Values.Sum(), finding.Level.Used - 5, finding.Level.Used + 5);
        Assert.Contains(
            "files, not sockets: the network is not the cause, by a sample of them",
            finding.Remedy.Advice,
            StringComparison.Ordinal
        );
        Assert.Null(SnapshotOf(netns).FailureOf<WatchedDescriptors>());
    }

    /// <summary>
    /// The kinds of an unchanged number of descriptors are read again after ten seconds, and at once near the limit.
    /// </summary>
    [Fact]
    public void Descriptors_that_change_their_kind_are_seen_later()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, "file");
        var clock = new SteppedClock();
        var proc = new ProcMount();
        ImmutableArray<Reader> readers =
        [
            new ProcessTableReader(proc, new(Watch), clock),
            new WatchedDescriptorsReader(proc, clock),
        ];
        Write("30");
        var before = Kinds();

        Write("swap 30");
        Assert.Equal(before, Kinds());
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((before.Files - 30, before.Sockets + 30), (Kinds().Files, Kinds().Sockets));

        Write("30");
        Assert.Equal(before.Files, Kinds().Files);
        var limit = Directory.GetFiles($"/proc/{process.Id}/fd").Length + 5;
        netns.Command("prlimit", "--pid", $"{process.Id}", $"--nofile={limit}");
        Write("swap 30");
        Assert.Equal((before.Files - 30, before.Sockets + 60), (Kinds().Files, Kinds().Sockets));

        void Write(string line)
        {
            process.StandardInput.WriteLine(line);
            Assert.Equal("done", process.StandardOutput.ReadLine());
        }

        DescriptorKinds Kinds() =>
            netns.Run(() => readers.SnapshotHere()).Get<WatchedDescriptors>().Value.ByPid[process.Id].Value;
    }

    /// <summary>Uses a stepped clock, since the reader needs two minutes of observation.</summary>
    [Fact]
    public void The_growth_of_a_leak_is_what_it_opens_in_an_hour()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, "file");
        var clock = new SteppedClock();
        var proc = new ProcMount();
        ImmutableArray<Reader> readers =
        [
            new ProcessTableReader(proc, new(Watch), clock),
            new DescriptorGrowthReader(proc, clock),
        ];

        // Ten per half minute are 1,200 per hour.
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(i < 4 ? [] : [1200.0], Growth().Select(static value => Math.Round(value)));
            process.StandardInput.WriteLine("10");
            Assert.Equal("done", process.StandardOutput.ReadLine());
            clock.Advance(TimeSpan.FromSeconds(30));
        }

        IEnumerable<double> Growth()
        {
            var snapshot = readers.SnapshotHere();
            return MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_process_file_descriptors_growth_per_hour")
                .Read(Diagnosis.Judge(snapshot))
                .Where(sample =>
                    sample.Labels is [var name] && name.StartsWith("openclaw-leak", StringComparison.Ordinal)
                )
                .Select(static sample => sample.Value);
        }
    }

    /// <summary>
    /// Counts descriptors by link target: the process may have inherited one from the runner of the tests.
    /// </summary>
    static int DescriptorsOf(Process process, string kind) =>
        Directory
            .GetFiles($"/proc/{process.Id}/fd")
            .Count(link => new FileInfo(link).LinkTarget?.StartsWith(kind, StringComparison.Ordinal) is true);

    static Process Start(PrivateNamespace netns, string kind) => Start(netns, Leak, kind);

    static Process Start(PrivateNamespace netns, string program, string kind, string folder = "")
    {
        var process = netns.Start(
            new(
                InstalledProgram.Find("perl"),
                ["-e", program, kind, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), folder]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }

    static Snapshot SnapshotOf(PrivateNamespace netns) =>
        netns.Run(static () =>
            KernelSampling.SnapshotOf(KernelSampling.Readers(Watch), "processes", "watched_descriptors")
        );

    static (Dictionary<string, double> Kinds, Finding Finding) Look(PrivateNamespace netns, params Process[] processes)
    {
        var diagnosis = Diagnosis.Judge(SnapshotOf(netns));
        var finding = Assert.Single(diagnosis.Findings, finding =>
            processes.Any(process => process.Id == finding.Level.Pid)
        );
        var kinds = MetricCatalogue
            .All.Single(static family => family.Name == "openclaw_network_process_descriptors")
            .Read(diagnosis)
            .Where(sample => sample.Labels[0] == finding.Level.Subject)
            .ToDictionary(static sample => sample.Labels[1], static sample => sample.Value);
        return (kinds, finding);
    }
}
