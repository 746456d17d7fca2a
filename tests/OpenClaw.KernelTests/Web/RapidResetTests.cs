using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace OpenClaw.KernelTests;

/// <summary>Clients that open HTTP/2 streams over TLS and reset each at once, for as long as they are let.</summary>
public class RapidResetTests(ITestOutputHelper output)
{
    const int Clients = 4;
    const int Streams = 500;

    static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    /// <summary>The address of the clients. Places are given by address.</summary>
    static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.66");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Resets_cost_others_no_answer_and_a_log_line_a_minute()
    {
        TestAuthority authority = null!;
        using var exporter = await GuardedExporter.StartAsync(folder =>
        {
            authority = new(folder);
            authority.SignServer("server");
            return "tls_server_config: {cert_file: server.crt, key_file: server.key}\n";
        });
        using var client = exporter.Client(authority);
        using var over = new CancellationTokenSource();
        var attackers = Enumerable
            .Range(0, Clients)
            .Select(_ => Task.Run(() => AttackAsync(exporter, over.Token)))
            .ToArray();

        var slowest = TimeSpan.Zero;
        var answers = 0;
        for (var running = Stopwatch.StartNew(); running.Elapsed < Duration; answers++)
        {
            var asking = Stopwatch.StartNew();
            foreach (var path in (string[])["/metrics", "/healthz"])
                Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, path));
            slowest = asking.Elapsed > slowest ? asking.Elapsed : slowest;
            await Task.Delay(50, Cancellation);
        }

        await over.CancelAsync();
        var resets = (await Task.WhenAll(attackers)).Sum();
        var lines = exporter.Log.Split('\n');
        output.WriteLine($"{resets} streams, {answers} answers, the slowest pair in {slowest.TotalMilliseconds:F0} ms");
        output.WriteLine(exporter.Log);
        Assert.InRange(resets, Clients * Streams, int.MaxValue);
        Assert.InRange(slowest, TimeSpan.Zero, Soon);

        // The first line says that it listens; each kind of trouble has one line.
        Assert.InRange(lines.Length, 2, 10);
        Assert.Equal(lines.Length, lines.Select(static line => line[Math.Min(line.Length, 34)..]).Distinct().Count());
        authority.Dispose();
    }

    /// <summary>Opens and resets streams over one connection after another. Returns their number.</summary>
    static async Task<int> AttackAsync(GuardedExporter exporter, CancellationToken over)
    {
        var streams = 0;
        while (!over.IsCancellationRequested)
        {
            try
            {
                using var socket = exporter.Netns.Run(static () =>
                    new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                );
                socket.Bind(new IPEndPoint(Attacker, 0));
                await socket.ConnectAsync(GuardedExporter.Endpoint, over);
                await using var tls = new SslStream(new NetworkStream(socket));
                await tls.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "127.0.0.1",
                        ApplicationProtocols = [SslApplicationProtocol.Http2],
#pragma warning disable CA5359 // The attacker trusts everybody.
                        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
                    },
                    over
                );

                // The preface, and settings without any (RFC 9113, 3.4).
                await tls.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray(), over);
                await tls.WriteAsync(Frame(type: 4, flags: 0, stream: 0, []), over);
                for (var stream = 1; ; stream += 2 * Streams)
                {
                    await tls.WriteAsync(Resets(stream), over);
                    streams += Streams;
                }
            }
            catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
            {
                // The exporter closed the connection, or the time is over.
            }
        }

        return streams;
    }

    /// <summary>Returns streams that ask for the metrics (RFC 7541, appendix A), each with its reset.</summary>
    static byte[] Resets(int first)
    {
        const byte get = 0x82,
            https = 0x87,
            path = 0x44,
            authority = 0x41;
        byte[] headers = [get, https, path, 8, .. "/metrics"u8, authority, 9, .. Encoding.ASCII.GetBytes("localhost")];
        return
        [
            .. Enumerable
                .Range(0, Streams)
                .SelectMany(i =>
                    (byte[])
                        [
                            .. Frame(type: 1, flags: 0x5, first + (2 * i), headers),
                            .. Frame(type: 3, flags: 0, first + (2 * i), [0, 0, 0, 8]),
                        ]
                ),
        ];
    }

    static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        byte[] frame = [0, 0, 0, type, flags, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }
}
