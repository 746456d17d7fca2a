using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// Notifies systemd of readiness, stopping and the watchdog (sd_notify(3), sd_watchdog_enabled(3)). Does nothing where
/// systemd does not request it.
/// </summary>
sealed partial class SystemdNotifications(ILogger<SystemdNotifications> logger) : IHostedLifecycleService, IDisposable
{
    readonly string? _address = Taken("NOTIFY_SOCKET");
    readonly TimeSpan? _interval = WatchdogInterval(Taken("WATCHDOG_PID"), Taken("WATCHDOG_USEC"));
    Timer? _watchdog;

    /// <summary>Reports readiness. The server is a hosted part, too, and listens by now.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Send("READY=1");

        // The notification comes from the thread pool, which also serves requests. If the pool hangs, so does the
        // notification.
        if (_address is not null && _interval is { } interval)
            _watchdog = new(_ => Send("WATCHDOG=1"), null, TimeSpan.Zero, interval);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        Send("STOPPING=1");
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _watchdog?.Dispose();

    /// <summary>
    /// Returns half of systemd's time limit, as systemd recommends; null when it does not watch this process.
    /// </summary>
    internal static TimeSpan? WatchdogInterval(string? process, string? microseconds) =>
        (process is null || process == Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
        && long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var allowed)
        && allowed is > 1 and <= 86_400_000_000
            ? TimeSpan.FromMicroseconds(allowed / 2.0)
            : null;

    /// <summary>
    /// Takes an environment variable so that child processes do not inherit it. Their notifications would not be the
    /// exporter's.
    /// </summary>
    static string? Taken(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value is { Length: > 0 } ? value : null;
    }

    void Send(string state)
    {
        if (_address is null)
            return;
        try
        {
            // An @ represents the byte 0 at the start of an abstract socket's name.
            var endpoint = new UnixDomainSocketEndPoint(_address.StartsWith('@') ? "\0" + _address[1..] : _address);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), endpoint);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            CannotNotify(_address, state, error.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Cannot notify systemd of {State} at {Address}: {Reason}")]
    partial void CannotNotify(string address, string state, string reason);
}
