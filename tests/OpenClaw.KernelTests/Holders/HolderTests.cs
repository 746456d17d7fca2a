using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// The process that holds a full resource is named first, with its count, beside a bystander that has more of something
/// else.
/// </summary>
public sealed class HolderTests : IDisposable
{
    const string Culprit = "culprit";
    const string Bystander = "bystander";
    const int Server = 9000;
    const int Ports = 200;
    const int LooksAtMost = 5;

    readonly PrivateNamespace _netns = new();

    public HolderTests() => _netns.Sysctl("net.ipv4.ip_local_port_range", $"40000 {40000 + Ports - 1}");

    public void Dispose() => _netns.Dispose();

    [Fact]
    public void Ports_to_one_destination()
    {
        Run("server", $"serve {Server} {Server + 10}");
        Run(Bystander, [.. Enumerable.Range(1, 10).Select(static i => $"connect {Server + i} 100")]);
        var culprit = Run(Culprit, $"connect {Server} 199");

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        AssertFirst(worst, culprit, 199);
        Assert.Single(worst.Holders.Worst);
        Assert.Contains(
            $"{Culprit} (pid {culprit.Id}) holds 199 of 200 ports.",
            Verdicts.Headline(
                Diagnosis
                    .Judge(_netns.Run(static () => Readers.SnapshotHere()))
                    .Problems.First(static problem => problem.Worst?.Pool != PoolCatalogue.ProcessFileDescriptors)
            ),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("udp")]
    public void Ports_that_are_only_bound(string protocol)
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 30", $"bind {(protocol == "tcp" ? "udp" : "tcp")} 100");
        var culprit = Run(Culprit, $"bind {protocol} 165");

        var worst = Worst(PoolCatalogue.EphemeralBindPorts, protocol);

        AssertFirst(worst, culprit, 165);
        Assert.Equal(protocol == "tcp" ? 2 : 1, worst.Holders.Worst.Length);
    }

    [Fact]
    public void A_listener_whose_process_is_stopped()
    {
        var culprit = Run(Culprit, "listen 9100 9");
        Run(Bystander, $"serve {Server} {Server}", $"connect {Server} 150", "connect 9100 10");
        using var stop = ChildProcess.Start(new("kill", ["-STOP", culprit.Id.ToString(CultureInfo.InvariantCulture)]));
        stop.WaitForExit();

        var worst = Worst(PoolCatalogue.AcceptQueueConnections);

        AssertFirst(worst, culprit, 10);
        Assert.Equal('T', worst.Holders.Worst[0].Process!.State);
        Assert.Equal($"{Culprit} (pid {culprit.Id}) is stopped", HolderWords.Sentence(worst));
    }

    [Fact]
    public void The_full_one_of_four_listeners_that_share_a_port()
    {
        // The kernel spreads connections by their hash, so that each gets some; the culprit has room for the fewest.
        var culprit = Run(Culprit, "listen 9100 1 1");
        Run(Bystander, "listen 9100 4000 1", "listen 9100 4000 1", "listen 9100 4000 1");
        Run("client", "try 9100 60");

        var worst = Worst(PoolCatalogue.AcceptQueueConnections);

        Assert.StartsWith("1 of 4 listeners on 127.0.0.1:9100", worst.Level.About.Words, StringComparison.Ordinal);
        AssertFirst(worst, culprit, 2);
    }

    [Fact]
    public void Fifty_workers_of_one_program_are_one_holder()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 20");
        var culprit = Run(Culprit, $"fork 50 {Server} 3");

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        var holder = worst.Holders.Worst[0];
        Assert.Equal((150, 50), (holder.Count, holder.Processes));
        Assert.StartsWith(Culprit, holder.Process!.Name, StringComparison.Ordinal);
        Assert.NotEqual(culprit.Id, holder.Process.Pid);
        Assert.EndsWith("and 49 more processes)", holder.Name, StringComparison.Ordinal);
    }

    /// <summary>/proc/PID/fd is empty then, although the process lives and holds its sockets.</summary>
    [Fact]
    public void A_process_whose_main_thread_has_ended_is_named()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 20");
        var culprit = Run(Culprit, $"connect {Server} 160", "leavemain");
        Assert.True(
            SpinWait.SpinUntil(() => Directory.GetFiles($"/proc/{culprit.Id}/fd").Length == 0, TimeSpan.FromSeconds(5)),
            "the main thread has not ended"
        );

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        AssertFirst(worst, culprit, 160);
        Assert.Empty(worst.Holders.Notes);
    }

    [Fact]
    public void Two_processes_that_share_their_sockets_are_one_holder()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 20");
        Run(Culprit, $"connect {Server} 160", "fork 1 0 0");

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        var holder = worst.Holders.Worst[0];
        Assert.Equal((160, 2), (holder.Count, holder.Processes));
        Assert.Equal(20, worst.Holders.Worst[1].Count);
    }

    [Fact]
    public void A_holder_in_another_pid_namespace_has_both_its_ids()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 20");
        HolderProgram.Start(_netns, Culprit, [$"connect {Server} 160"], PrivateProcesses.First);

        var holder = Worst(PoolCatalogue.EphemeralConnectPorts).Holders.Worst[0];

        Assert.Equal((Culprit, 160), (holder.Process!.Name, holder.Count));
        Assert.Equal(1, holder.Process.InnerPid);
        Assert.NotEqual(1, holder.Process.Pid);
    }

    [Fact]
    public void A_holder_that_left_the_network_namespace_is_found_too()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 20");
        var culprit = Run(Culprit, $"connect {Server} 160", "leave");

        AssertFirst(Worst(PoolCatalogue.EphemeralConnectPorts), culprit, 160);
    }

    [Fact]
    public void Ports_in_TIME_WAIT_belong_to_nobody()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Bystander, $"connect {Server} 20");
        Run(Culprit, "listen 9100 200", "close 9100 170");

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        Assert.Empty(worst.Holders.Worst);
        Assert.Equal(["170 without a process, all in TIME_WAIT"], worst.Holders.Notes);
        Assert.Equal("170 of 200 ports are in TIME_WAIT, without a process", HolderWords.Sentence(worst));
    }

    /// <summary>
    /// Nobody can close them on this side, so advice to close or share connections does not help. The peer keeps them
    /// open, or has not read all, and so does not know that they are closed: tcp_fin_timeout frees none of the latter.
    /// </summary>
    [Theory]
    [InlineData(
        "half 9100 170",
        "closed here, and not by the peer",
        "Most of these connections are closed here, and not by the peer"
    )]
    [InlineData(
        "half 9100 170 1000000",
        "not acknowledged by the peer",
        "Most of these connections are closed here, and the peer does not acknowledge that"
    )]
    public void Ports_that_wait_for_the_peer_belong_to_nobody(string order, string state, string advice)
    {
        Run(Culprit, "listen 9100 200", order);

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        Assert.Empty(worst.Holders.Worst);
        Assert.Equal([$"170 without a process, all {state}"], worst.Holders.Notes);
        Assert.StartsWith(advice, worst.Remedy.Advice, StringComparison.Ordinal);
    }

    /// <summary>A process with the few other ports is not the cause.</summary>
    [Fact]
    public void Beside_ports_in_TIME_WAIT_a_process_is_no_cause()
    {
        Run("server", $"serve {Server} {Server}");
        Run(Culprit, "listen 9100 200", "close 9100 170");
        var bystander = Run(Bystander, "connect 9100 5");

        var worst = Worst(PoolCatalogue.EphemeralConnectPorts);

        Assert.Equal(
            $"170 of 200 ports are in TIME_WAIT, without a process; {Bystander} (pid {bystander.Id}) has 5",
            HolderWords.Sentence(worst)
        );
    }

    /// <summary>An unprivileged exporter sees sockets, and not whose they are.</summary>
    [Theory]
    [InlineData(false, 180)]
    [InlineData(true, 160)]
    public async Task Without_the_right_the_user_is_named_and_the_capability(bool seesBystander, double count)
    {
        string[] nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        Run("server", $"serve {Server} {Server}");
        HolderProgram.Start(_netns, Bystander, [$"connect {Server} 20"], seesBystander ? nobody : []);
        Run(Culprit, $"connect {Server} 160");

        var diagnosis = await PublishedDiagnosis.DiagnoseByAsync(_netns, nobody[0], nobody[1..]);

        var problem = diagnosis
            .GetProperty("problems")
            .EnumerateArray()
            .First(static one => PublishedDiagnosis.Text(one, "name") == "ephemeral_connect_ports");
        var holder = problem.GetProperty("holders")[0];
        Assert.Equal(JsonValueKind.Null, holder.GetProperty("process").ValueKind);
        Assert.Equal(count, holder.GetProperty("count").GetDouble());
        var missing = diagnosis
            .GetProperty("missing")
            .EnumerateArray()
            .Single(static one => PublishedDiagnosis.Text(one, "reader") == "socket_holders");
        Assert.Equal("not_permitted", PublishedDiagnosis.Text(missing, "reason"));
        Assert.Equal("CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH", PublishedDiagnosis.Text(missing, "capability"));
    }

    /// <summary>The search is repeated every 15 seconds; its result is checked in each snapshot.</summary>
    [Fact]
    public void After_the_culprit_ended_its_successor_is_named_within_seconds()
    {
        var readers = Readers;
        var first = Run(Culprit, "bind udp 160");
        AssertFirst(WorstOf(readers), first, 160);

        first.Kill();
        first.WaitForExit();
        var second = Run(Culprit, "bind udp 155");

        Assert.DoesNotContain(Findings(readers).SelectMany(static finding => finding.Holders.Worst), holder =>
            holder.Process?.Pid == first.Id
        );
        Thread.Sleep(TimeSpan.FromSeconds(2.1));
        AssertFirst(WorstOf(readers), second, 155);

        Finding WorstOf(ImmutableArray<Reader> same) =>
            Findings(same).First(static finding => finding.Pool == PoolCatalogue.EphemeralBindPorts);
    }

    [Fact]
    public void After_the_culprit_ended_it_is_named_no_more()
    {
        Run("server", $"serve {Server} {Server + 1}");
        Run(Bystander, $"connect {Server + 1} 20");
        var culprit = Run(Culprit, $"connect {Server} 160");
        AssertFirst(Worst(PoolCatalogue.EphemeralConnectPorts), culprit, 160);

        culprit.Kill();
        culprit.WaitForExit();

        Assert.DoesNotContain(Findings().SelectMany(static finding => finding.Holders.Worst), holder =>
            holder.Process?.Pid == culprit.Id
        );
    }

    static ImmutableArray<Reader> Readers =>
        [
            .. KernelReaders
                .All(new ProcMount(), new("no such process"), worst: 10)
                .Where(static reader =>
                    reader.Name
                        is "ephemeral_port_settings"
                            or "tcp_sockets"
                            or "udp_sockets"
                            or "processes"
                            or "socket_holders"
                ),
        ];

    Process Run(string name, params IEnumerable<string> orders) => HolderProgram.Start(_netns, name, orders);

    ImmutableArray<Finding> Findings() => Findings(Readers);

    /// <summary>Looks again where a busy machine took longer than the search for processes may take.</summary>
    ImmutableArray<Finding> Findings(ImmutableArray<Reader> readers)
    {
        for (var look = 1; ; look++)
        {
            var findings = Diagnosis.Judge(_netns.Run(() => readers.SnapshotHere())).Findings;
            if (look == LooksAtMost || findings.All(static finding => !IsCut(finding)))
                return findings;
        }

        static bool IsCut(Finding finding) => finding.Holders.Shortfall?.Reason == Absence.TimedOut;
    }

    Finding Worst(Pool pool, string protocol = "") =>
        Findings()
            .First(finding => finding.Pool == pool && (protocol.Length == 0 || finding.Level.Labels[0] == protocol));

    static void AssertFirst(Finding worst, Process process, double count)
    {
        Assert.NotEmpty(worst.Holders.Worst);
        var holder = worst.Holders.Worst[0];
        Assert.Equal((Culprit, process.Id, count), (holder.Process!.Name, holder.Process.Pid, holder.Count));
    }
}
