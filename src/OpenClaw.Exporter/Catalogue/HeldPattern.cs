using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>The property that more than half of the descriptors, or connections, of a process share.</summary>
/// <param name="Count">The number of these.</param>
/// <param name="All">The number of all.</param>
/// <param name="What">The kind in the plural, with the folder or the peer where most share it.</param>
sealed record HeldPattern(long Count, long All, string What)
{
    /// <summary>True where the numbers are from a sample.</summary>
    bool IsEstimate { get; init; }

    /// <summary>The noun for what is counted.</summary>
    string Unit { get; init; } = "descriptors";

    /// <summary>
    /// The sentence without its full stop, such as "12,591 of its 12,761 descriptors are files below /data/memory/
    /// (*.md)".
    /// </summary>
    public string Sentence =>
        string.Create(CultureInfo.InvariantCulture, $"{About}{Count:N0} of its {All:N0} {Unit} are {What}");

    /// <summary>The end of a sentence about all descriptors, such as "12,591 of them files below /data/".</summary>
    public string Clause => string.Create(CultureInfo.InvariantCulture, $"{About}{Count:N0} of them {What}");

    string About => IsEstimate ? "about " : "";

    /// <summary>Finds the peer of most connections; null where none has more than half.</summary>
    /// <param name="holders">The holders of the connections of a service.</param>
    public static HeldPattern? Find(SocketHolders holders) =>
        holders.Peers.MaxBy(static peer => peer.Weight) is { } most && 2 * most.Weight > holders.Total
            ? new(most.Weight, holders.Total, $"with {PoolHolders.WordsOf(most.Peer)}") { Unit = "connections" }
            : null;

    /// <summary>
    /// Finds the pattern; null where the descriptors are of many kinds, or were not looked at.
    /// </summary>
    public static HeldPattern? Find(NamespaceView view, ProcessDescriptors process) =>
        view.Get<WatchedDescriptors>().TryGet(out var watched) && watched.Find(process.Pid) is { } kinds
            ? From(kinds)
            : null;

    static HeldPattern? From(DescriptorKinds kinds)
    {
        var all = kinds.ByName.Sum(static kind => kind.Count);
        var most = kinds.ByName.MaxBy(static kind => kind.Count);
        if (2 * most.Count <= all)
            return null;
        var (count, what) = most.Name switch
        {
            "socket" => Sockets(kinds),
            "file" => Files(kinds),
            "pipe" => (kinds.Pipes, "pipes"),
            "epoll" => (kinds.Epolls, "epoll descriptors"),
            _ when kinds.MostWithoutPath.Length > 0 => (kinds.Others, $"{kinds.MostWithoutPath} descriptors"),
            _ => (kinds.Others, "neither sockets nor files"),
        };
        return new(count, all, what) { IsEstimate = kinds.IsEstimate };
    }

    static (long Count, string What) Sockets(DescriptorKinds kinds)
    {
        if (kinds.Held is not { } held)
            return (kinds.Sockets, "sockets");
        if (2 * held.Unix > kinds.Sockets)
        {
            var path = held.UnixPath.Length > 0 ? $" at {VisibleText.Escape(held.UnixPath)}" : "";
            return (held.Unix, $"UNIX sockets{path}");
        }

        if (2 * held.Udp > kinds.Sockets)
            return (held.Udp, "UDP sockets");
        var state = Enum.GetValues<TcpState>().MaxBy(state => held[state]);
        var peer = held.Peer is { } most ? PeerOf(most) : "";
        if (2 * held[state] <= kinds.Sockets)
            return (kinds.Sockets, $"sockets{peer}");
        var name = SnakeCase.Convert(state).ToUpperInvariant();
        var meaning = state == TcpState.CloseWait ? ": the peer has closed, this program has not" : "";
        return (held[state], $"sockets in {name}{peer}{meaning}");
    }

    static (long Count, string What) Files(DescriptorKinds kinds)
    {
        if (kinds.HeldFiles is not { } files)
            return (kinds.Files, "files");
        var isDeleted = 2 * files.Deleted > kinds.Files;
        var deleted = isDeleted ? "deleted " : "";
        if (files.Path == "/")
            return (isDeleted ? files.Deleted : kinds.Files, $"{deleted}files in different folders");
        var path = VisibleText.Escape(files.Path);
        var named = files.Suffix.Length > 0 ? $" (*{VisibleText.Escape(files.Suffix)})" : "";
        return (files.Count, files.IsOneFile ? $"the {deleted}file {path}" : $"{deleted}files below {path}{named}");
    }

    static string PeerOf(TcpPeer peer) =>
        peer.Port > 0
            ? $" to {new Destination(peer.Address, (ushort)peer.Port)}"
            : string.Create(CultureInfo.InvariantCulture, $" from {peer.Address} to its port {peer.OwnPort}");
}
