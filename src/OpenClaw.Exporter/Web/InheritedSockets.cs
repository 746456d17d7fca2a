using System.Globalization;
using System.Net.Sockets;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Web;

/// <summary>The sockets that this process inherits from systemd, or from the start of a demonstration.</summary>
static class InheritedSockets
{
    /// <summary>SD_LISTEN_FDS_START of sd-daemon.h.</summary>
    public const int First = 3;

    const string ByVariable = "LISTEN_PID";
    const string CountVariable = "LISTEN_FDS";

    /// <summary>
    /// Returns the number of descriptors that systemd passed (sd_listen_fds(3)). Child processes inherit neither the
    /// descriptors nor the variables.
    /// </summary>
    /// <exception cref="SettingException">systemd passed no descriptor.</exception>
    public static int Take()
    {
        var process = Environment.GetEnvironmentVariable(ByVariable);
        var count = Environment.GetEnvironmentVariable(CountVariable);
        Environment.SetEnvironmentVariable(ByVariable, null);
        Environment.SetEnvironmentVariable(CountVariable, null);
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", null);
        return
            process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var inherited)
            && inherited > 0
            && Enumerable.Range(First, inherited).All(InheritedDescriptor.CloseOnExec)
            ? inherited
            : throw new SettingException(
                $"--web.systemd-socket: expected sockets from systemd, found {CountVariable}='{count}' for "
                    + $"process '{process}'"
            );
    }

    /// <summary>Sets the number of descriptors that the next child process inherits for <see cref="Pass"/>.</summary>
    public static void Announce(int count) =>
        Environment.SetEnvironmentVariable(CountVariable, count.ToString(CultureInfo.InvariantCulture));

    /// <summary>Passes announced descriptors to this process itself, as systemd does to a service.</summary>
    public static void Pass()
    {
        _ = int.TryParse(
            Environment.GetEnvironmentVariable(CountVariable),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var count
        );
        for (var descriptor = First; descriptor < First + count; descriptor++)
            _ = InheritedDescriptor.CloseOnExec(descriptor);
        Environment.SetEnvironmentVariable(ByVariable, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Listens on the Unix socket of a port, for a server in another network namespace. Returns null where another
    /// process has its name, or a filter forbids such sockets.
    /// </summary>
    /// <param name="port">The TCP port of the server.</param>
    public static Socket? TryListenLocally(int port)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Bind(LocalSocket.EndPoint(port));
            socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            socket?.Dispose();
            return null;
        }
    }
}
