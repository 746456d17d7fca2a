using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>A thread may have a descriptor table of its own. /proc/PID/fd shows that of the main thread.</summary>
[Collection(WholeMachine.Name)]
public class ThreadDescriptorTests
{
    /// <summary>The name of this run's processes, which no other process on the machine has.</summary>
    static readonly string Watch = $"openclaw-thread-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>
    /// Starts idle threads, and after them one that opens files. Where unshare() has a number, the thread has a table
    /// of its own.
    /// </summary>
    const string Program = """
        use threads; my ($name, $idle, $unshare, $files, $exit) = @ARGV; $0 = $name; $| = 1;
        threads->create({ stack_size => 65536 }, sub { sleep 600 }) for 1 .. $idle;
        my $thread = threads->create(sub {
            sleep 1 if $exit;
            syscall($unshare + 0, 0x400) == 0 or die $! if $unshare; # CLONE_FILES
            my @held;
            for (1 .. $files) { open(my $f, "<", "/proc/version") or die $!; push @held, $f }
            print "ready\n"; sleep 600;
        });
        syscall($exit + 0, 0) if $exit;
        $thread->join;
        """;

    /// <summary>The number of the system call unshare().</summary>
    static readonly string Unshare = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "272" : "97";

    /// <summary>The number of the system call exit(), which ends only the calling thread.</summary>
    static readonly string Exit = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "60" : "93";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_thread_with_a_table_of_its_own_counts_for_its_process(bool isWatched)
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, idle: 2, isOwn: true, files: 950);
        var thread = ThreadsOf(process)[^1];
        var targets = TargetsOf($"/proc/{process.Id}/task/{thread}/fd");
        var (open, files) = (targets.Count, targets.Count(static target => target.StartsWith('/')));
        Assert.InRange(open, 950, 990);
        Assert.InRange(TargetsOf($"/proc/{process.Id}/fd").Count, 0, 40);

        var snapshot = netns.Run(() =>
            KernelSampling.SnapshotOf(
                KernelSampling.Readers(isWatched ? Watch : "nothing-has-this-name"),
                "processes",
                "watched_descriptors"
            )
        );

        var finding = Assert.Single(Diagnosis.Judge(snapshot).Findings, finding => finding.Level.Pid == process.Id);
        Assert.Equal((open, 1000), (finding.Level.Used, finding.Level.Limit));
        Assert.Equal(PoolCondition.Critical, finding.Condition);
        Assert.Contains($"/proc/{process.Id}/task/{thread}/fd", finding.Remedy.Advice, StringComparison.Ordinal);
        if (isWatched)
        {
            Assert.StartsWith(
                $"Its thread {thread} has a descriptor table of its own. {files} of its {open} descriptors are files",
                finding.Remedy.Advice,
                StringComparison.Ordinal
            );
        }
    }

    /// <summary>/proc/PID/fd is empty then, although the process lives and holds its descriptors.</summary>
    [Fact]
    public void A_process_whose_main_thread_has_ended_counts_the_descriptors_of_the_others()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, idle: 0, isOwn: false, files: 950, endsMain: true);
        var thread = ThreadsOf(process)[^1];
        Assert.Empty(TargetsOf($"/proc/{process.Id}/fd"));
        var open = TargetsOf($"/proc/{process.Id}/task/{thread}/fd").Count;

        var snapshot = netns.Run(static () =>
            KernelSampling.SnapshotOf(KernelSampling.Readers("no such process"), "processes", "watched_descriptors")
        );

        var finding = Assert.Single(Diagnosis.Judge(snapshot).Findings, finding => finding.Level.Pid == process.Id);
        Assert.Equal((open, 1000), (finding.Level.Used, finding.Level.Limit));
        Assert.Equal(PoolCondition.Critical, finding.Condition);
        Assert.StartsWith("Its main thread has ended", finding.Remedy.Advice, StringComparison.Ordinal);
        Assert.Equal(
            netns.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value),
            snapshot.Get<ProcessTable>().Value.Processes.Single(found => found.Pid == process.Id).NetworkNamespace
        );
    }

    [Fact]
    public void Threads_that_share_the_table_count_once()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, idle: 2, isOwn: false, files: 50);

        var found = Read(netns, Readers(), process);

        Assert.Equal(TargetsOf($"/proc/{process.Id}/fd").Count, found.Open.Value);
        Assert.Null(found.Thread);
    }

    /// <summary>Later snapshots look at the threads that the first one did not reach, and forget no full one.</summary>
    [Fact]
    public void Very_many_threads_are_looked_at_by_turns()
    {
        using var netns = new PrivateNamespace();
        var process = Start(netns, ThreadDescriptors.ThreadsOfProcess, isOwn: true, files: 100);
        var thread = ThreadsOf(process)[^1];
        var readers = Readers();

        Assert.Null(Read(netns, readers, process).Thread);
        for (var i = 0; i < 3; i++)
            Assert.Equal(thread, Read(netns, readers, process).Thread);
    }

    static ImmutableArray<Reader> Readers() =>
        [new ProcessTableReader(new ProcMount(), new(Watch), TimeProvider.System)];

    static ProcessDescriptors Read(PrivateNamespace netns, ImmutableArray<Reader> readers, Process process) =>
        netns.Read<ProcessTable>(readers).Value.Processes.Single(found => found.Pid == process.Id);

    static List<string> TargetsOf(string folder) =>
        [.. Directory.GetFiles(folder).Select(static link => new FileInfo(link).LinkTarget ?? "")];

    /// <summary>
    /// Returns the threads in the kernel's order, the newest last. Its id is not always the highest: ids begin again
    /// after pid_max.
    /// </summary>
    static int[] ThreadsOf(Process process) =>
        [
            .. Directory
                .GetDirectories($"/proc/{process.Id}/task")
                .Select(static path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)),
        ];

    static Process Start(PrivateNamespace netns, int idle, bool isOwn, int files, bool endsMain = false)
    {
        var perl = InstalledProgram.Find("perl");
        using (var threads = ChildProcess.Start(new(perl, ["-e", "exit !eval { require threads }"])))
        {
            threads.WaitForExit();
            Assert.SkipWhen(threads.ExitCode != 0, "needs a perl with threads");
        }

        var process = netns.Start(
            new(
                InstalledProgram.Find("prlimit"),
                [
                    "--nofile=1000",
                    perl,
                    "-e",
                    Program,
                    Watch,
                    idle.ToString(CultureInfo.InvariantCulture),
                    isOwn ? Unshare : "0",
                    files.ToString(CultureInfo.InvariantCulture),
                    endsMain ? Exit : "",
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }
}
