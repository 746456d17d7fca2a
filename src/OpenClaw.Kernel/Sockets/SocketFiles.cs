using OpenClaw.Kernel.InetDiag;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Sockets;

/// <summary>
/// Reads the sockets of one protocol from its files below /proc/net, row by row. A file may have hundreds of thousands
/// of rows.
/// </summary>
static class SocketFiles
{
    const string Tcp = "thread-self/net/tcp";
    const string Tcp6 = "thread-self/net/tcp6";
    const string Udp = "thread-self/net/udp";
    const string Udp6 = "thread-self/net/udp6";

    /// <summary>Passes every socket to the fold. Returns null, or the reason why the result is invalid.</summary>
    public static Missing? Read(ProcMount proc, SocketFold fold, Deadline deadline)
    {
        if (!fold.IsTcp)
            return ReadBoth(proc, Udp, Udp6, fold, null, deadline);

        // The fold of ports needs the listeners of both families before any connection. Each file starts with its
        // listeners (tcp_seq_start).
        return ReadBoth(proc, Tcp, Tcp6, fold, listeners: true, deadline)
            ?? ReadBoth(proc, Tcp, Tcp6, fold, listeners: false, deadline);
    }

    static Missing? ReadBoth(
        ProcMount proc,
        string ipv4,
        string ipv6,
        SocketFold fold,
        bool? listeners,
        Deadline deadline
    )
    {
        // Every kernel with IPv4 has the first file. Without it, the sockets are unknown, not absent.
        if (Read(proc, ipv4, fold, listeners, deadline) is { } failure)
            return failure.Outcome == Outcome.None ? failure with { Reason = Absence.Failed } : failure;

        // A machine without IPv6 has no IPv6 sockets. This is no failure.
        return Read(proc, ipv6, fold, listeners, deadline) is { Outcome: not Outcome.None } other ? other : null;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="file">The file.</param>
    /// <param name="fold">Takes the sockets.</param>
    /// <param name="listeners">True for only the listeners at its start, false for only the rest; null for all.</param>
    /// <param name="deadline">The deadline.</param>
    static Missing? Read(ProcMount proc, string file, SocketFold fold, bool? listeners, Deadline deadline)
    {
        var hasHeader = false;
        var isAtStart = true;
        var failure = KernelLines.Read(proc, file, deadline, (number, line) =>
        {
            if (number == 1)
            {
                hasHeader = KernelText.TryTakeWord(ref line, out var first) && first.SequenceEqual("sl"u8);
                return hasHeader ? true : KernelText.Malformed(1, "a header that starts with 'sl'", first);
            }

            if (!SocketRow.TryRead(line, out var socket))
                return KernelText.Malformed(number, SocketRow.Form, line);
            isAtStart &= socket.idiag_state == (byte)TcpState.Listen;
            if (listeners is true && !isAtStart)
                return false;
            if (listeners is false && isAtStart)
                return true;
            return fold.TryAdd(SocketRecord.FromRow(socket))
                ? true
                : KernelText.Malformed(number, $"a state from 1 to {(int)TcpState.Closing} in hexadecimal", line);
        });
        return failure
            ?? (
                hasHeader ? null : new(Absence.Malformed, $"{proc.PathOf(file)}: line 1: expected a header, found none")
            );
    }
}
