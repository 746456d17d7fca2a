using System.Collections.Immutable;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Netlink;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>Runs the exporter's own readers on the thread of a namespace.</summary>
static class KernelSampling
{
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>All readers, with a limit on names that is high enough to include all.</summary>
    /// <param name="watch">A regular expression for the watched processes. Processes of other tests run at the same
    /// time.</param>
    public static ImmutableArray<Reader> Readers(string watch = "openclaw") =>
        KernelReaders.All(new ProcMount(), new Regex(watch), worst: 1000);

    /// <summary>All readers, without the program in the kernel that counts TCP sockets.</summary>
    public static ImmutableArray<Reader> WithoutPrograms() =>
        KernelReaders.All(new ProcMount(), new Regex("openclaw"), worst: 1000, "/", static timeout =>
            NetlinkSocket.OpenSockDiag(timeout).Select<INetlinkTransport>(static socket => socket)
        );

    /// <summary>
    /// All readers where socket(AF_NETLINK, …, NETLINK_SOCK_DIAG) fails, as in a kernel without inet_diag and in a
    /// sandbox without AF_NETLINK.
    /// </summary>
    public static ImmutableArray<Reader> WithoutInetDiag(Absence reason = Absence.NotPresent) =>
        KernelReaders.All(new ProcMount(), new Regex("openclaw"), worst: 1000, "/", _ =>
            (Reading<INetlinkTransport>)new Missing(reason, "netlink sock_diag: refused by the test")
        );

    /// <summary>Reads one value now in the namespace.</summary>
    public static Reading<T> Read<T>(this PrivateNamespace netns, ImmutableArray<Reader> readers) =>
        netns.Run(() => SamplingPass.Read<T>(readers, Deadline.After(Timeout)));

    /// <summary>A snapshot by the named readers on the calling thread.</summary>
    public static Snapshot SnapshotOf(params string[] readers) => SnapshotOf(Readers(), readers);

    /// <inheritdoc cref="SnapshotOf(string[])"/>
    public static Snapshot SnapshotOf(ImmutableArray<Reader> all, params string[] readers)
    {
        var chosen = all.Where(reader => readers.Contains(reader.Name)).ToImmutableArray();
        Assert.Equal(readers.Length, chosen.Length);
        return chosen.SnapshotHere();
    }
}
