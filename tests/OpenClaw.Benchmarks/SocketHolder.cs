using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.Benchmarks;

/// <summary>Child processes that hold established loopback connections; each connection is two sockets.</summary>
sealed class SocketHolder : IDisposable
{
    /// <summary>
    /// The most sockets of one child, about half of the usual hard limit of descriptors. A child near its limit would
    /// be a problem, and its descriptors would be read in each scrape.
    /// </summary>
    const int SocketsAtMost = 9_000;

    const int Port = 9000;

    readonly List<Process> _children = [];
    int _held;

    /// <summary>Raises the number of held sockets.</summary>
    public void HoldTotal(int sockets)
    {
        while (_held < sockets)
        {
            var part = Math.Min(SocketsAtMost, sockets - _held);
            var child = Process.Start(
                new ProcessStartInfo(
                    Environment.ProcessPath!,
                    [
                        "hold",
                        _children.Count.ToString(CultureInfo.InvariantCulture),
                        part.ToString(CultureInfo.InvariantCulture),
                    ]
                )
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                }
            )!;
            _children.Add(child);
            if (child.StandardOutput.ReadLine() != "ready")
                throw new InvalidOperationException("a child could not open its sockets");
            _held += part;
        }
    }

    /// <summary>Runs in a child: opens its connections, prints "ready", and keeps them until its input ends.</summary>
    public static void Hold(int index, int sockets)
    {
        // Each child has its own address, so that no two share the ports of a destination.
        var endpoint = new IPEndPoint(new IPAddress([127, 0, 1, (byte)(index + 1)]), Port);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endpoint);
        listener.Listen(512);
        var open = new List<Socket>();
        for (var i = 0; i < sockets / 2; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(endpoint);
            open.Add(client);
            open.Add(listener.Accept());
        }

        Console.WriteLine("ready");
        Console.In.ReadToEnd();
        GC.KeepAlive(open);
    }

    public void Dispose()
    {
        foreach (var child in _children)
        {
            child.Kill();
            child.WaitForExit();
            child.Dispose();
        }
    }
}
