using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Resources that the whole machine shares. Their limits are out of reach, so the tests give lower ones to the readers;
/// the sockets, their data and their processes are the kernel's.
/// </summary>
public sealed class MachineHolderTests : IDisposable
{
    const int Server = 9000;

    readonly PrivateNamespace _netns = new();

    public void Dispose() => _netns.Dispose();

    [Fact]
    public void TCP_data_that_nobody_reads_is_of_its_sender_and_of_its_reader()
    {
        HolderProgram.Start(_netns, "server", [$"serve {Server} {Server + 1}"]);
        HolderProgram.Start(_netns, "bystander", [$"connect {Server} 100"]);
        var culprit = HolderProgram.Start(_netns, "culprit", [$"connect {Server + 1} 2", "fill 2 1000000"]);

        var worst = Look(PoolCatalogue.TcpMemoryBytes).Worst;

        Assert.Equal(("culprit", culprit.Id), (worst[0].Process!.Name, worst[0].Process!.Pid));
        Assert.InRange(worst[0].Count, 200_000, 4_000_000);
        Assert.DoesNotContain(worst, static holder => holder.Process?.Name == "bystander");
    }

    /// <summary>The kernel reserves up to 1 MiB of socket memory for each CPU, so less data may not show.</summary>
    [Fact]
    public void UDP_data_that_nobody_reads_is_of_its_reader()
    {
        var culprit = HolderProgram.Start(_netns, "culprit", ["udp 7000"]);
        HolderProgram.Start(_netns, "bystander", ["bind udp 50", "send 7000 3000"]);

        var worst = Look(PoolCatalogue.UdpMemoryBytes).Worst;

        var holder = Assert.Single(worst);
        Assert.Equal(("culprit", culprit.Id), (holder.Process!.Name, holder.Process.Pid));
        var queue = _netns
            .Command("ss", "-uanH", "sport", "=", ":7000")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(queue[1], holder.Count.ToString(CultureInfo.InvariantCulture));
        Assert.InRange(holder.Count, 3000 * 1000, double.MaxValue);
    }

    /// <summary>The process has ended, so the peer that does not answer is named.</summary>
    [Fact]
    public void Orphans_have_the_peers_that_do_not_acknowledge()
    {
        _netns.Command(
            InstalledProgram.Find("nft"),
            $"add table ip t; add chain ip t i {{ type filter hook input priority 0; }}; "
                + $"add rule ip t i tcp dport {Server} tcp flags & fin == fin drop"
        );
        HolderProgram.Start(_netns, "server", [$"serve {Server} {Server}"]);
        HolderProgram.Start(_netns, "bystander", [$"connect {Server} 50"]);
        var culprit = HolderProgram.Start(_netns, "culprit", [$"connect {Server} 30"]);
        culprit.StandardInput.Close();
        culprit.WaitForExit();

        var holders = Look(PoolCatalogue.OrphanSockets);

        var holder = Assert.Single(holders.Worst);
        Assert.Equal(("closed connections to 127.0.0.1:9000", 30), (holder.Name, (int)holder.Count));
        Assert.Null(holder.Process);
    }

    /// <summary>The reader runs in another namespace, and enters that of the sockets.</summary>
    [Fact]
    public void Holders_in_other_namespaces_are_found()
    {
        using var home = new PrivateNamespace();
        var culprit = HolderProgram.Start(_netns, "culprit", ["udp 7000"]);
        HolderProgram.Start(_netns, "bystander", ["send 7000 3000"]);
        var inode = _netns.Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);

        var holder = Assert.Single(Look(PoolCatalogue.UdpMemoryBytes, home, new($"{inode}")).Worst);

        Assert.Equal(("culprit", culprit.Id), (holder.Process!.Name, holder.Process.Pid));
    }

    LevelHolders Look(Pool pool, PrivateNamespace? from = null, NamespaceSelection? selection = null)
    {
        // A page of data, and an orphan, are more than these limits allow.
        var limits = new SocketLimits(1000, 4, 1, 1);
        var readers = KernelReaders.All(new ProcMount(), new("openclaw"), worst: 10, namespaces: selection);
        var snapshot = (from ?? _netns).Run(() => readers.SnapshotHere(known: limits));
        Assert.Null(snapshot.FailureOf<Kernel.Holders.NamespaceHolders>());
        return pool.HoldersOf(snapshot.WholeMachine, new(1, 1, WholeSubject.Only));
    }
}
