using System.Collections.Immutable;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>A server searches holders beside its snapshots, so that none waits.</summary>
public sealed class HolderLaneTests : IDisposable
{
    const int Server = 9000;

    readonly PrivateNamespace _netns = new();
    readonly HolderLane _lane = new();
    readonly ManualResetEventSlim _mayAnswer = new(initialState: true);
    int _searches;

    public HolderLaneTests()
    {
        _netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        HolderProgram.Start(_netns, "server", [$"serve {Server} {Server}"]);
        HolderProgram.Start(_netns, "bystander", [$"connect {Server} 20"]);
    }

    public void Dispose()
    {
        _mayAnswer.Set();
        _netns.Dispose();
        _lane.Dispose();
        _mayAnswer.Dispose();
    }

    [Fact]
    public void A_snapshot_does_not_wait_for_the_search()
    {
        HolderProgram.Start(_netns, "culprit", [$"connect {Server} 170"]);
        var readers = Readers();
        _mayAnswer.Reset();

        List<TimeSpan> times = [];
        for (var snapshots = 0; snapshots < 5; snapshots++)
        {
            var snapshot = _netns.Run(() => readers.SnapshotHere());
            Assert.Empty(WorstOf(snapshot));
            Assert.True(snapshot.Get<NamespaceHolders>().Value.IsIncomplete);
            times.Add(snapshot.Runs.First(static run => run.Reader is NamespaceHoldersReader).Duration);
        }

        Assert.InRange(times.Min(), TimeSpan.Zero, TimeSpan.FromMilliseconds(100));

        _mayAnswer.Set();
        Assert.Equal("culprit", Answer(readers)[0].Process!.Name);
        Assert.False(_netns.Run(() => readers.SnapshotHere()).Get<NamespaceHolders>().Value.IsIncomplete);
        Assert.Equal(1, _searches);
    }

    [Fact]
    public void An_answer_is_used_for_fifteen_seconds()
    {
        HolderProgram.Start(_netns, "culprit", [$"connect {Server} 170"]);
        var readers = Readers();
        _ = Answer(readers);

        Thread.Sleep(TimeSpan.FromSeconds(2.5));
        Assert.Equal(170, WorstOf(readers)[0].Count);

        Assert.Equal(1, _searches);
    }

    [Fact]
    public void A_process_that_ended_is_not_in_the_next_snapshot()
    {
        var culprit = HolderProgram.Start(_netns, "culprit", [$"connect {Server} 170"]);
        var readers = Readers();
        Assert.Equal(culprit.Id, Answer(readers)[0].Process!.Pid);

        // Its ports stay taken until the server has closed its ends.
        _mayAnswer.Reset();
        culprit.Kill();
        culprit.WaitForExit();

        Assert.DoesNotContain(WorstOf(readers), holder => holder.Process?.Pid == culprit.Id);
    }

    static ImmutableArray<Holder> WorstOf(Snapshot snapshot) =>
        Diagnosis
            .Judge(snapshot)
            .Findings.First(static finding => finding.Pool == PoolCatalogue.EphemeralConnectPorts)
            .Holders.Worst;

    ImmutableArray<Holder> WorstOf(ImmutableArray<Reader> readers) => WorstOf(_netns.Run(() => readers.SnapshotHere()));

    /// <summary>Takes snapshots until one has the answer of the search.</summary>
    ImmutableArray<Holder> Answer(ImmutableArray<Reader> readers)
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            if (WorstOf(readers) is { IsEmpty: false } worst)
                return worst;
            Thread.Sleep(50);
        }

        throw new InvalidOperationException("the search has not ended");
    }

    ImmutableArray<Reader> Readers() =>
        [
            .. KernelReaders
                .All(new ProcMount(), new("no such process"), worst: 10)
                .Where(static reader =>
                    reader.Name is "ephemeral_port_settings" or "tcp_sockets" or "udp_sockets" or "processes"
                ),
            new NamespaceHoldersReader(
                new ProcMount(),
                timeout =>
                {
                    _searches++;
                    return NetlinkSocket
                        .OpenSockDiag(timeout)
                        .Select<INetlinkTransport>(socket => new Held(socket, _mayAnswer));
                },
                nearlyFull: 0.75,
                new(() => TaskFileProgram.Attach(Path.Combine("/sys", Btf.File))),
                _lane,
                TimeProvider.System
            ),
        ];

    /// <summary>A socket that answers when it may.</summary>
    sealed class Held(NetlinkSocket socket, ManualResetEventSlim mayAnswer) : INetlinkTransport, IDisposable
    {
        public Missing? Send(ReadOnlySpan<byte> message) => socket.Send(message);

        public Reading<int> Receive(Span<byte> buffer)
        {
            mayAnswer.Wait();
            return socket.Receive(buffer);
        }

        public void Dispose() => socket.Dispose();
    }
}
