using System.Globalization;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;

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
        var thread = process.Thread is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"Its thread {id} has a descriptor table of its own. ")
            : "";
        if (!view.Get<WatchedDescriptors>().TryGet(out var watched) || watched.Find(process.Pid) is not { } kinds)
            return $"{thread}List its open files: {list}. ";

        var most = kinds.ByName.MaxBy(static kind => kind.Count);
        var (kind, bug) = most.Name switch
        {
            "socket" => Sockets(kinds),
            "file" => ("files, not sockets: the network is not the cause", ""),
            "pipe" => ("pipes, not sockets: look at its child processes", ""),
            _ => ("neither sockets nor files", ""),
        };
        var all = kinds.ByName.Sum(static kind => kind.Count);
        return kinds.IsEstimate
            ? $"{thread}About {most.Count} of its {all} descriptors are {kind}, by a sample of them ({list}). {bug}"
            : $"{thread}{most.Count} of its {all} descriptors are {kind} ({list}). {bug}";
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

        var state = Enum.GetValues<TcpState>().MaxBy(state => held[state]);
        if (2 * held[state] <= kinds.Sockets)
            return ("sockets: look at its connections", "");
        var name = SnakeCase.Convert(state).ToUpperInvariant();
        var those = string.Create(CultureInfo.InvariantCulture, $"sockets, {held[state]} of them in {name}");
        return state == TcpState.CloseWait
            ? (
                $"{those}: closed by the peer, not by this program",
                "That is a bug of the program: it does not call close(). "
            )
            : ($"{those}: look at its connections", "");
    }
}
