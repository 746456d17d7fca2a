using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Scrapes with many scrapers for minutes, beside clients that send nothing, half a request, or read no answer. The
/// descriptors, threads and memory of the exporter before and after show leaks.
/// </summary>
static class Crowd
{
    const int Scrapers = 64;
    const int Others = 2_000;

    /// <summary>The memory after is at most this much of the memory before.</summary>
    const double MemoryAtMost = 1.05;

    /// <summary>
    /// The addresses of these clients. Each takes more places than the scrapers, and so has to leave first.
    /// </summary>
    const int Addresses = 5;

    /// <summary>The time between two looks, in which the other clients come and go once.</summary>
    static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    /// <summary>The time after which the exporter has ended all connections of the crowd.</summary>
    static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time in which the exporter gives back, once, what it does not need. Its memory is the least of that time.
    /// Pages of the program come back one by one afterwards, so looks at other moments differ by a fifth.
    /// </summary>
    static readonly TimeSpan Trim = TimeSpan.FromSeconds(65);

    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    static readonly string[] Requests =
    [
        "",
        "GET /metrics HTTP/1.1\r\nHost: x\r\n",
        string.Concat(Enumerable.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 20)),
    ];

    /// <summary>
    /// Prints the use of the exporter before, during and after the crowd; returns 1 when a bound is broken. A first
    /// crowd comes before all of that: from 4,000 sockets on, the exporter counts them by a program in the kernel.
    /// </summary>
    /// <param name="duration">The time of the crowd.</param>
    public static async Task<int> RunAsync(TimeSpan duration)
    {
        using var ours = await Contestant.StartOursAsync();
        Console.WriteLine("             scrapes  failed  descriptors  threads   RSS MB  peak MB");
        var (scrapes, failed) = (0, 0);
        var before = Look("before", await ComeAndGoAsync(Round));
        var after = Look("after", await ComeAndGoAsync(duration));
        var isKept =
            after.Descriptors == before.Descriptors
            && after.Threads == before.Threads
            && after.Memory <= before.Memory * MemoryAtMost;
        Console.WriteLine(
            $"\n{(isKept ? "kept" : "BROKEN")}: descriptors and threads are the same, memory at most "
                + $"{MemoryAtMost} times ({after.Memory / before.Memory:F2})"
        );
        return isKept ? 0 : 1;

        (int Descriptors, int Threads, double Memory) Look(string name, double? memory = null)
        {
            var seen = (ours.Descriptors, ours.Threads, Memory: memory ?? ours.Megabytes("VmRSS"));
            Console.WriteLine(
                $"{name, -10}  {scrapes, 8:N0}  {failed, 6:N0}  {seen.Descriptors, 11:N0}  {seen.Threads, 7:N0}  "
                    + $"{seen.Memory, 7:F1}  {ours.Megabytes("VmHWM"), 7:F1}"
            );
            return seen;
        }

        async Task<double> ComeAndGoAsync(TimeSpan time)
        {
            using (var over = new CancellationTokenSource(time))
            {
                var scrapers = Enumerable.Range(0, Scrapers).Select(_ => ScrapeAsync(over.Token)).ToArray();
                for (var round = 1; !over.IsCancellationRequested; round++)
                {
                    await CrowdAsync(over.Token);
                    Look(string.Create(CultureInfo.InvariantCulture, $"{round * Round.TotalSeconds:F0} s"));
                }

                await Task.WhenAll(scrapers);
            }

            await Task.Delay(Rest);
            for (var i = 0; i < 1_000; i++)
                await ours.ScrapeAsync();
            var (least, start) = (double.MaxValue, Stopwatch.GetTimestamp());
            while (Stopwatch.GetElapsedTime(start) < Trim)
            {
                least = Math.Min(least, ours.Megabytes("VmRSS"));
                await Task.Delay(BetweenLooks);
            }

            return least;
        }

        async Task ScrapeAsync(CancellationToken over)
        {
            using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
            while (!over.IsCancellationRequested)
            {
                try
                {
                    _ = await client.GetByteArrayAsync(ours.Address, CancellationToken.None);
                    Interlocked.Increment(ref scrapes);
                }
                catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
                {
                    Interlocked.Increment(ref failed);
                }

                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
            }
        }

        async Task CrowdAsync(CancellationToken over)
        {
            var sockets = new List<Socket>();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < Others && !over.IsCancellationRequested; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
                {
                    ReceiveBufferSize = 1024,
                    Blocking = false,
                };
                sockets.Add(socket);
                socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.0.{2 + (i % Addresses)}"), 0));
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, ours.Address.Port);
                    _ = socket.Send(System.Text.Encoding.ASCII.GetBytes(Requests[i % Requests.Length]));
                }
                catch (SocketException)
                {
                    // The exporter needed the place for another client.
                }

                await Task.Delay(1, CancellationToken.None);
            }

            var left = Round - Stopwatch.GetElapsedTime(start);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, CancellationToken.None);
            sockets.ForEach(static socket => socket.Dispose());
        }
    }
}
