using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// The order of readers. A reader that hangs or throws affects only itself and the readers that need its value.
/// </summary>
public class SamplerTests
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    [Fact]
    public void Readers_that_need_each_other_in_a_circle_are_refused_by_name()
    {
        var error = Assert.Throws<InvalidOperationException>(() =>
            new Sampler(
                [Giving("a", 1, typeof(string)), Giving("b", "", typeof(int)), Giving("c", 1.0)],
                TimeProvider.System
            )
        );

        Assert.Contains("a, b", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_reader_of_the_kernel_needs_a_value_that_none_has()
    {
        using var proc = new FixtureProc();
        var readers = KernelReaders.All(
            new ProcMount(proc.Root),
            new Regex("openclaw"),
            10,
            proc.Root,
            new Kernel.Namespaces.NamespaceSelection()
        );

        Assert.Empty(new ReaderOrder([.. readers, KernelReaders.AllocationProbe()]).Gaps);
        Assert.Equal([typeof(int)], new ReaderOrder([Giving("b", "", typeof(int))]).Gaps);
    }

    [Fact]
    public async Task A_need_that_is_not_declared_fails_that_reader()
    {
        using var sampler = new Sampler(
            [
                new FunctionReader<string>("hasty", "", static sampling => $"{sampling.Get<int>().Value}"),
                new FunctionReader<int>("slow", "", static _ => 1) { Cost = ReaderCost.Large },
            ],
            TimeProvider.System
        );

        var snapshot = await sampler.SampleAsync(Timeout);

        Assert.Contains("not declared as needed", snapshot.Get<string>().Missing?.Detail, StringComparison.Ordinal);
        Assert.Equal(1, snapshot.Get<int>().Value);
    }

    /// <summary>A FIFO without a writer replaces a kernel file that hangs.</summary>
    [Fact]
    public async Task A_file_that_hangs_costs_its_reader_once()
    {
        using var proc = new FixtureProc { ["sys/net/ipv4/ip_local_port_range"] = null };
        var fifo = Path.Combine(proc.Root, "sys/net/ipv4/ip_local_port_range");
        await InstalledProgram.SucceedsAsync(InstalledProgram.Find("mkfifo"), "", fifo);
        using var sampler = new Sampler(
            KernelReaders
                .All(new ProcMount(proc.Root), new Regex("openclaw"), 10, proc.Root, static _ => new FakeKernel(
                    (type, _) =>
                        [
                            .. type == LinuxInetDiag.TCPDIAG_GETSOCK
                                ? [FakeKernel.Socket(TcpState(), "10.0.0.1:40000", "192.0.2.1:443")]
                                : ImmutableArray<Reading<byte[]>>.Empty,
                            FakeKernel.Done(),
                        ]
                ))
                .RemoveAll(static reader => reader.Name == "kernel_log"),
            TimeProvider.System
        );

        for (var look = 1; look <= 2; look++)
        {
            var waiting = Stopwatch.StartNew();
            var snapshot = await sampler.SampleAsync(TimeSpan.FromSeconds(10));

            // Both readers read the file; readers that need only the settings do not.
            Assert.Equal(
                ["ephemeral_port_settings", "persisted_sysctls"],
                snapshot
                    .Runs.Where(static run => run.Failure?.Reason == Absence.TimedOut)
                    .Select(static run => run.Reader.Name)
            );
            Assert.Equal(1, snapshot.Get<TcpSockets>().Value[TcpState()]);
            Assert.Equal(Absence.TimedOut, snapshot.Get<TcpSockets>().Value.Ports.Missing?.Reason);
            Assert.Equal(5, snapshot.Get<Sockstat>().Value.TcpInUse);
            if (look == 2)
                Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(1), $"it was waited for again: {waiting.Elapsed}");
        }

        // With both ends of the FIFO open, the blocked reader returns and its thread ends.
        await using (File.Open(fifo, FileMode.Open, FileAccess.ReadWrite))
        {
            var waiting = Stopwatch.StartNew();
            while (
                (await sampler.SampleAsync(Timeout)).Get<EphemeralPortSettings>().Missing?.Reason == Absence.TimedOut
            )
            {
                Assert.True(waiting.Elapsed < Timeout, "it is never read again");
            }
        }

        static Kernel.InetDiag.TcpState TcpState() => Kernel.InetDiag.TcpState.Established;
    }

    /// <summary>The slow reader ends only after the other has run.</summary>
    [Fact]
    public async Task Others_do_not_wait_for_a_slow_reader_and_its_value_still_counts()
    {
        using var ran = new ManualResetEventSlim();
        using var sampler = new Sampler(
            [
                new FunctionReader<bool>("slow", "", _ => ran.Wait(TimeSpan.FromSeconds(1))),
                new FunctionReader<int>("other", "", _ =>
                {
                    ran.Set();
                    return 1;
                }),
                new FunctionReader<string>("needs", "", static sampling => $"{sampling.Get<bool>().Value}")
                {
                    Needs = [typeof(bool)],
                },
            ],
            TimeProvider.System
        );

        for (var pass = 0; pass < 2; pass++)
        {
            ran.Reset();
            var snapshot = await sampler.SampleAsync(Timeout);

            Assert.Equal("True", snapshot.Get<string>().Value);
            Assert.Equal(1, snapshot.Get<int>().Value);
        }
    }

    [Fact]
    public async Task A_duration_is_the_readers_own()
    {
        using var sampler = new Sampler(
            [Giving("quick", "", typeof(int)), new FunctionReader<int>("slow", "", static _ =>
                {
                    Thread.Sleep(300);
                    return 1;
                })],
            TimeProvider.System
        );

        var runs = (await sampler.SampleAsync(Timeout)).Runs;

        Assert.True(runs[1].Duration >= TimeSpan.FromMilliseconds(299), $"{runs[1].Duration}");
        Assert.True(runs[0].Duration < TimeSpan.FromMilliseconds(200), $"{runs[0].Duration}");
    }

    [Fact]
    public async Task Readers_share_one_thread_and_one_that_may_wait_has_its_own()
    {
        var threads = new ConcurrentQueue<(string Name, int Thread)>();
        using var sampler = new Sampler(
            [
                new ThreadReader<int>("a", threads, 1),
                new ThreadReader<string>("b", threads, ""),
                new ThreadReader<char>("waits", threads, 'c', hasOwnThread: true),
            ],
            TimeProvider.System
        );

        for (var i = 0; i < 5; i++)
            _ = await sampler.SampleAsync(Timeout);

        var shared = Assert.Single(
            threads.Where(static run => run.Name != "waits").Select(static run => run.Thread).Distinct()
        );
        var own = Assert.Single(
            threads.Where(static run => run.Name == "waits").Select(static run => run.Thread).Distinct()
        );
        Assert.NotEqual(shared, own);
    }

    [Fact]
    public async Task Cheap_readers_run_first_and_what_runs_alone_before_all()
    {
        var ran = new ConcurrentQueue<string>();
        FunctionReader<T> Noting<T>(string name, T value, ReaderCost cost, bool runsFirst = false) => new(name, "", _ =>
            {
                ran.Enqueue(name);
                return value;
            }) { Cost = cost, RunsFirst = runsFirst };
        using var sampler = new Sampler(
            [
                Noting("large", 1, ReaderCost.Large),
                Noting("small", "", ReaderCost.Small),
                Noting("constant", 'c', ReaderCost.Constant),
                Noting("first", 1.0, ReaderCost.Large, true),
            ],
            TimeProvider.System
        );

        _ = await sampler.SampleAsync(Timeout);

        Assert.Equal(["first", "constant", "small", "large"], ran);
    }

    static FunctionReader<T> Giving<T>(string name, T value, params ImmutableArray<Type> needs) =>
        new(name, "", _ => value) { Needs = needs };

    sealed class ThreadReader<T>(
        string name,
        ConcurrentQueue<(string, int)> threads,
        T value,
        bool hasOwnThread = false
    ) : Reader<T>(name, "")
    {
        public override bool HasOwnThread => hasOwnThread;

        protected override Reading<T> Read(SamplingPass sampling)
        {
            threads.Enqueue((Name, Environment.CurrentManagedThreadId));
            return value;
        }
    }
}
