using System.Buffers.Text;
using System.Collections.Immutable;
using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>
/// The sockets that a process holds, as far as the tables of its network namespace show them. A socket of another
/// family, or without a port, is in none.
/// </summary>
/// <param name="TcpStates">The number of TCP sockets by state, in the order of <see cref="TcpState"/> less
/// one.</param>
/// <param name="Unix">The number of UNIX sockets.</param>
/// <param name="UnixPath">The path that more than half of the UNIX sockets have, after an @ where it is abstract; empty
/// when there is none. A server's connections have its path, and a client has none.</param>
public sealed record HeldSockets(ImmutableArray<long> TcpStates, long Unix, string UnixPath)
{
    /// <summary>
    /// The limit on rows read in one file. Each takes 2 µs, and a machine may have hundreds of thousands of
    /// connections.
    /// </summary>
    const int RowsAtMost = 50_000;

    /// <summary>The number of words before the path in /proc/net/unix. The last of them is the inode.</summary>
    const int UnixWords = 7;

    const string Tcp = "thread-self/net/tcp";
    const string Tcp6 = "thread-self/net/tcp6";
    const string UdpFile = "thread-self/net/udp";
    const string Udp6File = "thread-self/net/udp6";
    const string UnixFile = "thread-self/net/unix";

    /// <summary>The number of UDP sockets.</summary>
    public long Udp { get; init; }

    /// <summary>The peer that more than half of the TCP sockets have; null when there is none.</summary>
    public TcpPeer? Peer { get; init; }

    /// <summary>Returns the number of TCP sockets in a state.</summary>
    public long this[TcpState state] => TcpStates[(int)state - 1];

    /// <summary>Returns all counts multiplied by a factor, as for a sample.</summary>
    internal HeldSockets Scaled(double factor)
    {
        long Scale(long count) => (long)Math.Round(count * factor);
        return new([.. TcpStates.Select(Scale)], Scale(Unix), UnixPath)
        {
            Udp = Scale(Udp),
            Peer = Peer is { } peer ? peer with { Count = Scale(peer.Count) } : null,
        };
    }

    /// <summary>
    /// Finds sockets in the tables, by their inodes. Missing where a table cannot be read in time or is too long.
    /// </summary>
    /// <param name="proc">The procfs, as seen by the process.</param>
    /// <param name="inodes">The inodes of the sockets. The inodes that are found are removed.</param>
    /// <param name="deadline">The deadline.</param>
    internal static Reading<HeldSockets> Find(ProcMount proc, HashSet<ulong> inodes, Deadline deadline)
    {
        var states = new long[(int)TcpState.Closing];
        var unix = 0L;
        var udp = 0L;
        var peers = new PeerFold();
        var paths = new Dictionary<string, int>();
        var failure = Read(proc, UnixFile, inodes, deadline, TakeUnix)
            ?? Read(proc, Tcp, inodes, deadline, TakeTcp)
            ?? Read(proc, Tcp6, inodes, deadline, TakeTcp)
            ?? Read(proc, UdpFile, inodes, deadline, TakeUdp)
            ?? Read(proc, Udp6File, inodes, deadline, TakeUdp);
        if (failure is not null)
            return failure;
        var path = paths.Where(path => 2 * path.Value > unix).Select(static path => path.Key).FirstOrDefault("");
        return new HeldSockets([.. states], unix, path) { Udp = udp, Peer = peers.ToPeer(states.Sum()) };

        bool TakeUnix(ReadOnlySpan<byte> row)
        {
            if (!TryReadUnix(row, out var inode, out var path))
                return false;
            if (!inodes.Remove(inode))
                return true;
            unix++;
            if (!path.IsEmpty)
            {
                var name = KernelText.Decode(path);
                paths[name] = paths.GetValueOrDefault(name) + 1;
            }

            return true;
        }

        bool TakeTcp(ReadOnlySpan<byte> row)
        {
            if (!SocketRow.TryRead(row, out var socket) || (uint)(socket.idiag_state - 1) >= states.Length)
                return false;
            if (!inodes.Remove(socket.idiag_inode))
                return true;
            states[socket.idiag_state - 1]++;
            peers.Add(socket);
            return true;
        }

        bool TakeUdp(ReadOnlySpan<byte> row)
        {
            if (!SocketRow.TryRead(row, out var socket))
                return false;
            udp += inodes.Remove(socket.idiag_inode) ? 1 : 0;
            return true;
        }
    }

    static Missing? Read(ProcMount proc, string file, HashSet<ulong> inodes, Deadline deadline, RowTaker take)
    {
        if (inodes.Count == 0)
            return null;
        var isTooLong = false;
        var failure = KernelLines.Read(proc, file, deadline, (number, line) =>
        {
            if (number == 1)
                return true;
            isTooLong = number > RowsAtMost;
            if (isTooLong)
                return false;
            return take(line) ? inodes.Count > 0 : KernelText.Malformed(number, "a row of a socket", line);
        });
        if (isTooLong)
            return new(Absence.TimedOut, $"{proc.PathOf(file)}: more than {RowsAtMost} sockets");

        // A machine without IPv6 lacks its table.
        return failure is { Outcome: Outcome.None } ? null : failure;
    }

    /// <summary>Reads a row "Num RefCount Protocol Flags Type St Inode Path" (unix_seq_show in net/unix).</summary>
    static bool TryReadUnix(ReadOnlySpan<byte> row, out ulong inode, out ReadOnlySpan<byte> path)
    {
        inode = 0;
        path = default;
        for (var i = 1; KernelText.TryTakeWord(ref row, out var word); i++)
        {
            if (i < UnixWords)
                continue;
            path = row.TrimStart((byte)' ');
            return Utf8Parser.TryParse(word, out inode, out var digits) && digits == word.Length;
        }

        return false;
    }

    /// <summary>Takes a row. Returns false where it has another form than documented.</summary>
    delegate bool RowTaker(ReadOnlySpan<byte> row);
}
