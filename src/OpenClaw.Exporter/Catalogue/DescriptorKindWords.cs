using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Ports;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Catalogue;

/// <summary>Writes in words what a process holds open.</summary>
static class DescriptorKindWords
{
    /// <summary>
    /// Names the most frequent kind of descriptor, so that a leak of files is not taken for a leak of connections.
    /// </summary>
    public static string WhatItHolds(NamespaceView view, ProcessDescriptors process)
    {
        var list = $"ls -l /proc/{process.Folder}";
        var thread = process switch
        {
            { IsMainThreadGone: true } => "Its main thread has ended, and its other threads hold them. ",
            { Thread: { } id } => string.Create(
                CultureInfo.InvariantCulture,
                $"Its thread {id} has a descriptor table of its own. "
            ),
            _ => "",
        };
        if (!view.Get<WatchedDescriptors>().TryGet(out var watched) || watched.Find(process.Pid) is not { } kinds)
            return $"{thread}List its open files: {list}. ";

        var most = kinds.ByName.MaxBy(static kind => kind.Count);
        var (kind, bug) = most.Name switch
        {
            "socket" => Sockets(kinds),
            "file" => ("files, not sockets: the network is not the cause", Files(kinds)),
            "pipe" => ("pipes, not sockets: look at its child processes", ""),
            "other" when kinds.MostWithoutPath is { Length: > 0 } name => ($"{name} descriptors, not sockets", ""),
            "epoll" => ("epoll descriptors, not sockets", ""),
            _ => ("neither sockets nor files", ""),
        };
        var count = most.Name == "other" && kinds.CountWithoutPath > 0 ? kinds.CountWithoutPath : most.Count;
        var all = kinds.ByName.Sum(static kind => kind.Count);
        return kinds.IsEstimate
            ? $"{thread}About {count} of its {all} descriptors are {kind}, by a sample of them ({list}). {bug}"
            : $"{thread}{count} of its {all} descriptors are {kind} ({list}). {bug}";
    }

    /// <summary>Names what more than half of the sockets are, and the bug that this shows.</summary>
    static (string Kind, string Bug) Sockets(DescriptorKinds kinds)
    {
        if (kinds.Held is not { } held)
            return ("sockets: look at its connections", "");
        if (2 * held.Unix > kinds.Sockets)
        {
            var path = held.UnixPath.Length > 0 ? $" at {VisibleText.Escape(held.UnixPath)}" : "";
            return (string.Create(CultureInfo.InvariantCulture, $"sockets, {held.Unix} UNIX sockets{path}"), "");
        }

        if (2 * held.Udp > kinds.Sockets)
            return (string.Create(CultureInfo.InvariantCulture, $"sockets, {held.Udp} of them UDP"), "");
        var peer = held.Peer is { } most ? $"Most are {PeerOf(most)}. " : "";
        var state = Enum.GetValues<TcpState>().MaxBy(state => held[state]);
        var portless = kinds.Sockets - held.Unix - held.Udp - Enum.GetValues<TcpState>().Sum(state => held[state]);
        if (2 * portless > kinds.Sockets)
        {
            return (
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"sockets, {portless} of them without a port: netlink, packet or raw sockets, or not connected yet"
                ),
                ""
            );
        }

        if (2 * held[state] <= kinds.Sockets)
            return ("sockets: look at its connections", peer);
        var name = SnakeCase.Convert(state).ToUpperInvariant();
        var those = string.Create(CultureInfo.InvariantCulture, $"sockets, {held[state]} of them in {name}");
        return state == TcpState.CloseWait
            ? (
                $"{those}: closed by the peer, not by this program",
                $"That is a bug of the program: it does not call close(). {peer}"
            )
            : ($"{those}: look at its connections", peer);
    }

    static string PeerOf(TcpPeer peer) =>
        peer.Port > 0
            ? $"{Counted.Format(peer.Count, "connections")} to {new Destination(peer.Address, (ushort)peer.Port)}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{Counted.Format(peer.Count, "connections")} from {peer.Address} to its port {peer.OwnPort}"
            );

    /// <summary>Names what most of the files have in common, as sentences with a space at their end.</summary>
    static string Files(DescriptorKinds kinds)
    {
        if (kinds.HeldFiles is not { } files)
            return "";
        var deleted =
            2 * files.Deleted > kinds.Files
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{files.Deleted:N0} of them were deleted, and take space until they are closed. "
                )
                : "";
        if (files.Path == "/")
            return $"They are in different folders. {deleted}";
        var path = VisibleText.Escape(files.Path);
        var named = files.Suffix.Length > 0 ? $" (*{VisibleText.Escape(files.Suffix)})" : "";
        return files.IsOneFile
            ? string.Create(CultureInfo.InvariantCulture, $"{files.Count:N0} of them are the file {path}. {deleted}")
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{files.Count:N0} of them are below {path}{named}. {deleted}"
            );
    }
}
