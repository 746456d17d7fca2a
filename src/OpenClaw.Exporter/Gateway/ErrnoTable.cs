using System.Collections.Immutable;
using System.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>The kinds of calls that fail in a line of the Gateway.</summary>
enum LogCall
{
    /// <summary>A call that the line does not name, or of no other kind.</summary>
    Other,

    /// <summary>The opening of a file or folder, and calls that open one for a moment.</summary>
    Open,

    /// <summary>The watch of a file or folder, which is inotify on Linux.</summary>
    Watch,

    /// <summary>The start of a child process.</summary>
    Spawn,

    /// <summary>An outgoing connection.</summary>
    Connect,

    /// <summary>The start of a listener.</summary>
    Listen,

    /// <summary>The address of a UDP socket.</summary>
    Bind,

    /// <summary>An incoming connection.</summary>
    Accept,

    /// <summary>The reading from an open file or connection.</summary>
    Read,

    /// <summary>The writing to an open file or connection.</summary>
    Write,

    /// <summary>The resolution of a name.</summary>
    Resolve,
}

/// <summary>A kind of error of the Gateway.</summary>
/// <param name="Errno">The errno as Node writes it.</param>
/// <param name="Call">The kind of call.</param>
/// <param name="Code">The OpenClaw error code of the same cause.</param>
/// <param name="IsDefault">True for the row of a line that names no call.</param>
sealed record ErrnoRow(string Errno, LogCall Call, string Code, bool IsDefault = false)
{
    /// <summary>The errno in ASCII.</summary>
    public byte[] Word { get; } = Encoding.ASCII.GetBytes(Errno);
}

/// <summary>
/// The errors of the Gateway that are about network resources. Node writes them as errno texts, such as "connect
/// EADDRNOTAVAIL 10.0.0.5:443". An errno of another call is not counted. EBADF of a read is a bug, and ENOSPC of a
/// write is a full disk. EADDRNOTAVAIL of a bind is an address of another machine.
/// </summary>
static class ErrnoTable
{
    /// <summary>The text of a Gateway that found the port of its listener taken.</summary>
    public static ReadOnlySpan<byte> AnotherGateway => "another gateway instance is already listening"u8;

    /// <summary>The rows. Each is a series of openclaw_network_log_errors_total.</summary>
    public static ImmutableArray<ErrnoRow> Rows { get; } =
    [
        new("EMFILE", LogCall.Open, ClwCodes.ResourceLimit),
        new("EMFILE", LogCall.Watch, ClwCodes.ResourceLimit),
        new("EMFILE", LogCall.Spawn, ClwCodes.ResourceLimit),
        new("EMFILE", LogCall.Connect, ClwCodes.ResourceLimit),
        new("EMFILE", LogCall.Accept, ClwCodes.ResourceLimit),
        new("EMFILE", LogCall.Other, ClwCodes.ResourceLimit, IsDefault: true),
        new("ENFILE", LogCall.Open, ClwCodes.ResourceLimit),
        new("ENFILE", LogCall.Spawn, ClwCodes.ResourceLimit),
        new("ENFILE", LogCall.Other, ClwCodes.ResourceLimit, IsDefault: true),
        new("EBADF", LogCall.Spawn, ClwCodes.ResourceLimit),
        new("EAGAIN", LogCall.Spawn, ClwCodes.ResourceLimit),
        new("ENOSPC", LogCall.Watch, ClwCodes.ResourceLimit),
        new("EADDRNOTAVAIL", LogCall.Connect, ClwCodes.NetworkExhausted, IsDefault: true),
        new("EADDRINUSE", LogCall.Listen, ClwCodes.PortConflict, IsDefault: true),
        new("EADDRINUSE", LogCall.Bind, ClwCodes.PortConflict),
        new("EADDRINUSE", LogCall.Connect, ClwCodes.PortConflict),
        new("ETIMEDOUT", LogCall.Connect, ClwCodes.ConnectionTimeout),
        new("ETIMEDOUT", LogCall.Other, ClwCodes.ConnectionTimeout, IsDefault: true),
        new("ECONNRESET", LogCall.Read, ClwCodes.ConnectionTimeout),
        new("ECONNRESET", LogCall.Other, ClwCodes.ConnectionTimeout, IsDefault: true),
        new("EAI_AGAIN", LogCall.Resolve, ClwCodes.ConnectionTimeout, IsDefault: true),
    ];

    /// <summary>Each errno once, in ASCII.</summary>
    public static ImmutableArray<byte[]> Words { get; } =
    [.. Rows.DistinctBy(static row => row.Errno).Select(static row => row.Word)];

    /// <summary>The row of <see cref="AnotherGateway"/>.</summary>
    public static ErrnoRow ListenRow { get; } =
        Rows.Single(static row => row is { Errno: "EADDRINUSE", Call: LogCall.Listen });

    /// <summary>
    /// Returns the row of an errno and a call; null for an error that is not counted. A call without a row of its own
    /// belongs to the row of other calls where the errno has one.
    /// </summary>
    public static ErrnoRow? Find(ReadOnlySpan<byte> errno, LogCall call)
    {
        ErrnoRow? found = null;
        foreach (var row in Rows)
        {
            if (!errno.SequenceEqual(row.Word))
                continue;
            if (row.Call == call)
                return row;
            if (row.Call == LogCall.Other || (row.IsDefault && call == LogCall.Other))
                found = row;
        }

        return found;
    }
}
