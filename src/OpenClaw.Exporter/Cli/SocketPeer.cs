using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OpenClaw.Exporter.Cli;

/// <summary>The process at the other end of a Unix socket, as the kernel knows it (unix(7), SO_PEERCRED).</summary>
/// <param name="Pid">The process id; 0 where it is in another PID namespace.</param>
/// <param name="User">The user id.</param>
readonly record struct SocketPeer(int Pid, uint User)
{
    /// <summary>SOL_SOCKET of asm-generic/socket.h.</summary>
    const int SocketLevel = 1;

    /// <summary>SO_PEERCRED of asm-generic/socket.h.</summary>
    const int PeerCredentials = 17;

    /// <summary>The user that the package and the unit create.</summary>
    const string ExporterUser = "openclaw-exporter";

    /// <summary>
    /// True where its commands may be shown to be run: it is root, this user or the exporter's own user. Any other user
    /// can open the socket too, where no exporter runs. The same program is no sign of trust: its user can change what
    /// it does (LD_PRELOAD, a mount over its path).
    /// </summary>
    public bool IsTrusted => User == 0 || User == OwnUser() || User == ExporterUserId();

    /// <summary>Returns the process that listens at the other end.</summary>
    public static SocketPeer Read(Socket socket)
    {
        // struct ucred: pid, uid, gid.
        Span<int> credentials = stackalloc int[3];
        _ = socket.GetRawSocketOption(SocketLevel, PeerCredentials, MemoryMarshal.AsBytes(credentials));
        return new(credentials[0], (uint)credentials[1]);
    }

    static uint? OwnUser() => Number(Lines("/proc/self/status"), "Uid:", '\t', 1);

    static uint? ExporterUserId() => Number(Lines("/etc/passwd"), ExporterUser + ":", ':', 2);

    static uint? Number(IEnumerable<string> lines, string begin, char separator, int part) =>
        lines.FirstOrDefault(line => line.StartsWith(begin, StringComparison.Ordinal))?.Split(separator) is { } parts
        && parts.Length > part
        && uint.TryParse(parts[part], CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
