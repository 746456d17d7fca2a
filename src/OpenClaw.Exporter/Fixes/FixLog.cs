using System.Globalization;
using System.Net.Sockets;
using System.Text;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Fixes;

/// <summary>Writes a line about each fix to the system log, so that the journal shows who made it.</summary>
/// <param name="root">The mount point of the machine's root file system.</param>
sealed class FixLog(string root)
{
    /// <summary>LOG_USER | LOG_NOTICE of syslog.h.</summary>
    const int Priority = 13;

    /// <summary>Writes a line. A machine without a system log has no line.</summary>
    public void Write(string text)
    {
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"<{Priority}>openclaw-exporter[{Environment.ProcessId}]: {VisibleText.Escape(OneLine.From(text))}"
        );
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Blocking = false;
            socket.Connect(new UnixDomainSocketEndPoint(Path.Join(root, "dev/log")));
            _ = socket.Send(Encoding.UTF8.GetBytes(line));
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            // No system log, or a full one. The line is on standard error, too.
        }
    }
}
