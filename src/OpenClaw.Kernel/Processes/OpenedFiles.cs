using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Interop;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// The files that a process has open and the TCP addresses it listens at. A process may overwrite its command line, and
/// these remain.
/// </summary>
/// <param name="Paths">The paths of the files, as the process sees them.</param>
/// <param name="Listeners">The addresses it listens at.</param>
public sealed record OpenedFiles(ImmutableArray<string> Paths, ImmutableArray<IPEndPoint> Listeners)
{
    /// <summary>The limit on descriptors that are read. A server opens its listeners and files first.</summary>
    const int DescriptorsAtMost = 2_000;

    /// <summary>PATH_MAX of linux/limits.h, the longest path that the kernel returns.</summary>
    const int PathAtMost = 4096;

    /// <summary>Reads the descriptors of a process. It takes about 0.1 ms for a hundred of them.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="pid">The process.</param>
    /// <param name="deadline">The deadline.</param>
    public static Reading<OpenedFiles> Read(ProcMount proc, int pid, Deadline deadline)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"{pid}/fd");
        List<string> links;
        try
        {
            links = [.. Directory.EnumerateFileSystemEntries(proc.PathOf(folder)).Take(DescriptorsAtMost)];
        }
        catch (UnauthorizedAccessException)
        {
            return new Missing(Absence.NotPermitted, $"{proc.PathOf(folder)}: not permitted");
        }
        catch (IOException error)
        {
            return new Missing(Absence.Gone, $"{proc.PathOf(folder)}: {error.Message}");
        }

        var paths = new HashSet<string>(StringComparer.Ordinal);
        var sockets = new HashSet<ulong>();
        Span<byte> target = new byte[PathAtMost];
        foreach (var link in links)
        {
            var length = (int)Unistd.readlink(link, target, PathAtMost);
            if (length < 0 && Marshal.GetLastPInvokeError() is Errno.EACCES or Errno.EPERM)
                return new Missing(Absence.NotPermitted, $"{link}: not permitted");
            if (length > 0 && target[0] == (byte)'/')
                paths.Add(Encoding.UTF8.GetString(target[..length]));
            else if (length > 0 && DescriptorLinks.TryReadSocket(target[..length], out var inode))
                sockets.Add(inode);
        }

        var listeners = ImmutableArray.CreateBuilder<IPEndPoint>();
        var seen = proc.AsSeenBy(pid);
        foreach (var table in (ReadOnlySpan<string>)["thread-self/net/tcp", "thread-self/net/tcp6"])
            AddListeners(seen, table, sockets, listeners, deadline);
        return new OpenedFiles([.. paths.Order(StringComparer.Ordinal)], listeners.ToImmutable());
    }

    /// <summary>
    /// Returns true where a process is in the network namespace of the calling process. Missing where its namespace may
    /// not be read.
    /// </summary>
    public static Reading<bool> SharesNetwork(ProcMount proc, int pid) =>
        FileIdentity
            .Read(proc.PathOf("self/ns/net"))
            .Then(own =>
                FileIdentity
                    .Read(proc.PathOf(string.Create(CultureInfo.InvariantCulture, $"{pid}/ns/net")))
                    .Select(other => own == other)
            );

    /// <summary>
    /// Returns a path by which this process reaches a file of another process. It is the path itself where both see the
    /// same file, else the path below the root of the other process. There it may be absent, but the file of this
    /// process is another one. Missing where the root of the other process may not be read.
    /// </summary>
    public static Reading<string> PathFromHere(ProcMount proc, int pid, string path)
    {
        var root = proc.PathOf(string.Create(CultureInfo.InvariantCulture, $"{pid}/root"));
        var reading = FileIdentity.Read(root);
        if (!reading.TryGet(out var theirRoot))
            return reading.Missing!.Reason == Absence.NotPermitted ? reading.Missing : path;
        var below = RootedPath.Resolve(root, path);
        var (theirs, ours) = (FileIdentity.Read(below), FileIdentity.Read(path));
        if (theirs.TryGet(out var there))
            return ours.TryGet(out var here) && here == there ? path : below;
        var isSameRoot = FileIdentity.Read("/").TryGet(out var ourRoot) && ourRoot == theirRoot;
        return isSameRoot && ours.Missing is not null ? path : below;
    }

    /// <summary>
    /// Adds the listeners among the sockets. The kernel prints all listeners before other sockets (tcp_get_idx in
    /// net/ipv4/tcp_ipv4.c), so a long table is not read to its end.
    /// </summary>
    static void AddListeners(
        ProcMount proc,
        string table,
        HashSet<ulong> sockets,
        ImmutableArray<IPEndPoint>.Builder listeners,
        Deadline deadline
    )
    {
        if (sockets.Count == 0)
            return;

        // A machine without IPv6 lacks its table.
        _ = KernelLines.Read(proc, table, deadline, (number, line) =>
        {
            if (number == 1)
                return true;
            if (!SocketRow.TryRead(line, out var socket) || socket.idiag_state != (byte)TcpState.Listen)
                return false;
            if (sockets.Contains(socket.idiag_inode))
                listeners.Add(EndPointOf(socket));
            return true;
        });
    }

    static IPEndPoint EndPointOf(in LinuxInetDiag.inet_diag_msg socket)
    {
        var id = socket.id;
        ReadOnlySpan<byte> source = id.idiag_src;
        var address =
            socket.idiag_family == SysSocket.AF_INET
                ? InetDiag.SocketAddress.FromIPv4(source)
                : InetDiag.SocketAddress.FromIPv6(source);
        return new(address.ToIPAddress(), System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(id.idiag_sport));
    }
}
