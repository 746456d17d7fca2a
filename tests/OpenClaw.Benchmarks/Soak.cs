using System.Diagnostics;
using System.Net;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Scrapes for hours while everything else comes and goes. The descriptors, threads and memory of the exporter before
/// and after show leaks; each request of a scraper has to be answered.
/// </summary>
static class Soak
{
    /// <summary>The memory after is at most this much of the memory before.</summary>
    const double MemoryAtMost = 1.05;

    /// <summary>The part of the time that passes before the first comparison.</summary>
    const double WarmUp = 0.1;

    static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time after which TIME_WAIT is over, the exporter has closed silent connections, and its memory has been
    /// given back.
    /// </summary>
    static readonly TimeSpan Rest = TimeSpan.FromSeconds(100);

    static readonly (string Path, string Accept)[] Requests =
    [
        ("/metrics", "text/plain"),
        ("/metrics", "application/openmetrics-text"),
        ("/metrics?collect[]=tcp_sockets", "text/plain"),
        ("/", "text/html"),
        ("/api/v1/diagnosis", "application/json"),
        ("/api/v1/episodes", "application/json"),
        ("/healthz", "*/*"),
    ];

    /// <summary>Prints the state each minute; returns 1 when a bound is broken.</summary>
    /// <param name="duration">The time of the churn.</param>
    public static async Task<int> RunAsync(TimeSpan duration)
    {
        using var folder = new TemporaryFolder();
        var churn = new Churn(folder, new(IPAddress.Loopback, 9801));
        using var ours = await Contestant.StartOursAsync(
            "--netns=all",
            $"--web.config.file={churn.WebFile}",
            $"--openclaw.config={churn.ServiceFiles}"
        );
        var clients = new SoakClients(ours.Address, Requests);
        Console.WriteLine(
            "            answers  failed  slowest ms  namespaces  processes  connections  clients  settings  "
                + "descriptors  threads   RSS MB  peak MB"
        );
        await RunAsync(duration * WarmUp);
        var before = Look("before");
        await RunAsync(duration * (1 - WarmUp));
        var after = Look("after");
        var isKept =
            clients.Failed == 0
            && after.Descriptors == before.Descriptors
            && after.Threads == before.Threads
            && after.Memory <= before.Memory * MemoryAtMost;
        Console.WriteLine(
            $"\n{(isKept ? "kept" : "BROKEN")}: every request is answered, descriptors and threads are the same, "
                + $"memory at most {MemoryAtMost} times ({after.Memory / before.Memory:F2})"
        );
        return isKept ? 0 : 1;

        async Task RunAsync(TimeSpan time)
        {
            using (var over = new CancellationTokenSource(time))
            {
                var all = Task.WhenAll(churn.RunAsync(over.Token), clients.RunAsync(over.Token));
                for (var start = Stopwatch.GetTimestamp(); await Task.WhenAny(all, Task.Delay(Step)) != all; )
                    Look($"{Stopwatch.GetElapsedTime(start).TotalMinutes:F0} min");
                await all;
            }

            // With one scraper, as on a quiet day.
            for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Rest; )
            {
                await ours.ScrapeAsync();
                await Task.Delay(TimeSpan.FromSeconds(1));
            }
        }

        (int Descriptors, int Threads, double Memory) Look(string name)
        {
            var seen = (ours.Descriptors, ours.Threads, Memory: ours.Megabytes("VmRSS"));
            Console.WriteLine(
                $"{name, -9}  {clients.Answered, 8:N0}  {clients.Failed, 6:N0}  {clients.TakeSlowest(), 10:N0}  "
                    + $"{churn.Namespaces, 10:N0}  {churn.Processes, 9:N0}  {churn.Connections, 11:N0}  "
                    + $"{churn.Clients, 7:N0}  {churn.Settings, 8:N0}  {seen.Descriptors, 11:N0}  "
                    + $"{seen.Threads, 7:N0}  {seen.Memory, 7:F1}  {ours.Megabytes("VmHWM"), 7:F1}"
            );
            return seen;
        }
    }
}
