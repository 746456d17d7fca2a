using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OpenClaw.Exporter.Web;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Demo;

/// <summary>
/// The processes of a demonstration. The first one opens the listening sockets in the network namespace of the caller,
/// and starts the server in namespaces of its own. The server starts the process that makes the troubles.
/// </summary>
/// <param name="output">The output for people.</param>
sealed class DemoRun(TextWriter output)
{
    /// <summary>The text above the page and the plain text.</summary>
    public const string Banner = "DEMO: a network namespace of its own, with troubles made on purpose";

    /// <summary>The name of the process that makes the troubles.</summary>
    const string ProcessName = "openclaw-demo";

    /// <summary>The time without trouble between two of them.</summary>
    static readonly TimeSpan Calm = TimeSpan.FromSeconds(3);

    /// <summary>The least time of a slow trouble: a trend needs more than a minute.</summary>
    static readonly TimeSpan Slow = TimeSpan.FromSeconds(90);

    /// <summary>The time between two parts of a slow trouble.</summary>
    static readonly TimeSpan Step = TimeSpan.FromSeconds(0.5);

    /// <summary>The path of this program.</summary>
    static string Program => Environment.ProcessPath ?? "/proc/self/exe";

    /// <summary>
    /// Starts the server and waits for its end. Returns its exit code, or the reason why it cannot start.
    /// </summary>
    /// <param name="addresses">The addresses to serve on.</param>
    /// <param name="arguments">The arguments of the server.</param>
    public (int Code, string? Refusal) Serve(IReadOnlyList<IPEndPoint> addresses, IReadOnlyList<string> arguments)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (var address in addresses)
            {
                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                sockets.Add(socket);
                if (address.AddressFamily == AddressFamily.InterNetworkV6)
                    socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);

                // With the library's ReuseAddress (SO_REUSEPORT), two demonstrations would share a port.
                socket.Bind(address);
                socket.Listen();
            }

            var urls = sockets.Select(static socket => Url((IPEndPoint)socket.LocalEndPoint!)).ToList();
            var ports = sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port).Distinct().ToList();
            sockets.AddRange(ports.Select(InheritedSockets.TryListenLocally).OfType<Socket>());
            InheritedSockets.Announce(sockets.Count);
            int[] descriptors = [.. sockets.Select(static socket => (int)socket.Handle)];
            var started = ForkedProcess.Start(
                Program,
                ["openclaw-exporter", .. arguments],
                isolated: true,
                descriptors
            );
            if (!started.TryGet(out var server))
                return (0, $"demo needs a user namespace of its own, which is refused here: {started.Missing!.Detail}");
            Introduce(urls, addresses[0]);
            sockets.ForEach(static socket => socket.Dispose());
            using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
            using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
            return (server.Wait(), null);

            void Stop(PosixSignalContext context)
            {
                context.Cancel = true;
                server.Stop();
            }
        }
        catch (SocketException error)
        {
            return (
                0,
                $"cannot listen on {string.Join(", ", addresses)}: {error.Message}; "
                    + "--web.listen-address sets another address"
            );
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    /// <summary>
    /// Prepares the namespace in the server, and starts the process of the troubles. Returns it, or the reason why it
    /// cannot start.
    /// </summary>
    /// <param name="arguments">The arguments of that process.</param>
    public static (ForkedProcess? Troubles, string? Refusal) Prepare(IReadOnlyList<string> arguments)
    {
        if (OwnNamespace.SetLoopbackUp() is { } failure)
            return (null, $"cannot prepare the network namespace: {failure.Detail}");
        var started = ForkedProcess.Start(Program, [ProcessName, .. arguments], isolated: false);
        return started.TryGet(out var troubles)
            ? (troubles, null)
            : (null, $"cannot start the troubles: {started.Missing!.Detail}");
    }

    /// <summary>Brings one trouble after another about, until a signal ends the process.</summary>
    /// <param name="each">The time of each trouble.</param>
    /// <param name="only">The only trouble, which does not end; null for all.</param>
    public async Task TroubleAsync(TimeSpan each, DemoTrouble? only)
    {
        // The kernel names a process after its file, which is that of the exporter.
        await File.WriteAllTextAsync("/proc/self/comm", ProcessName);
        while (true)
        {
            foreach (var trouble in DemoTrouble.All.Where(trouble => only is null || trouble == only))
            {
                var time = trouble.IsSlow && each < Slow ? Slow : each;
                await TroubleAsync(trouble, only is null ? time : TimeSpan.MaxValue);
                await Task.Delay(each < Calm ? each : Calm);
            }
        }
    }

    async Task TroubleAsync(DemoTrouble trouble, TimeSpan time)
    {
        using var sockets = new DemoSockets();
        Say($"{trouble.Name}: {trouble.Words}");
        var begin = TimeProvider.System.GetTimestamp();
        try
        {
            trouble.Begin(sockets);
            while (TimeProvider.System.GetElapsedTime(begin) < time)
            {
                await Task.Delay(Step);
                trouble.Continue(sockets);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SocketException)
        {
            Say($"{trouble.Name}: not possible here: {OneLine.From(error.Message)}");
        }
        finally
        {
            sockets.Dispose();
            DemoTrouble.Restore();
        }
    }

    /// <summary>Prints the banner, and what to type while the demonstration runs.</summary>
    void Introduce(List<string> urls, IPEndPoint address)
    {
        var asked = $" --web.listen-address={address}";
        output.WriteLine(Banner);
        foreach (var url in urls)
            output.WriteLine($"  page       {url}");
        output.WriteLine($"  text       curl {urls[0]}");
        output.WriteLine($"  live view  openclaw-exporter top{asked}");
        output.WriteLine($"  look back  openclaw-exporter history{asked}");
        output.WriteLine("  cost       3 processes, 60 MB of memory, less than 1% of a core");
        output.WriteLine("  end        Ctrl+C; nothing stays behind");
        output.Flush();
    }

    void Say(string text)
    {
        var time = DateTimeOffset.UtcNow.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        output.WriteLine($"DEMO {time} {text}");
        output.Flush();
    }

    static string Url(IPEndPoint address)
    {
        var isAny = address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"http://{(isAny ? "localhost" : new IPEndPoint(address.Address, 0).ToString()[..^2])}:{address.Port}/"
        );
    }
}
