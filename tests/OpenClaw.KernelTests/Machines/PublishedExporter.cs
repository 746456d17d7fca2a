using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>The published Native AOT binary, serving in a namespace on a port outside every ephemeral range.</summary>
sealed class PublishedExporter : IDisposable
{
    public const int Port = 10087;

    PublishedExporter(Process process, HttpClient client, Task<string> log) =>
        (Process, Client, Log) = (process, client, log);

    public Process Process { get; }

    public HttpClient Client { get; }

    /// <summary>Its log from the second line, complete once it has ended.</summary>
    public Task<string> Log { get; }

    /// <summary>Starts the exporter and waits until it answers.</summary>
    public static Task<PublishedExporter> StartAsync(PrivateNamespace netns, params string[] flags) =>
        StartBehindAsync(netns, [], flags);

    /// <summary>Starts the exporter through another program.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="before">The program and its arguments; may be empty.</param>
    /// <param name="flags">The flags of the exporter.</param>
    public static async Task<PublishedExporter> StartBehindAsync(
        PrivateNamespace netns,
        IReadOnlyList<string> before,
        params string[] flags
    )
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");
        string[] command =
        [
            .. before,
            Repository.PublishedExporter,
            $"--web.listen-address={address}",
            .. PublishedDiagnosis.OfThisNamespace(flags),
        ];
        var process = netns.Start(new(command[0], command[1..]) { RedirectStandardError = true });
        var log = process.StandardError;

        // It may have undone a fix before.
        var line = await log.ReadLineAsync();
        while (line?.Contains(" INF Undid ", StringComparison.Ordinal) == true)
            line = await log.ReadLineAsync();
        Assert.Contains("Listening", line, StringComparison.Ordinal);
        var client = netns.HttpClient();
        client.BaseAddress = new("http://" + address);

        // Without it, the page is answered as text.
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return new(process, client, log.ReadToEndAsync());
    }

    /// <summary>The metrics page in its oldest format.</summary>
    public Task<string> ScrapeAsync() => Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    /// <summary>
    /// Lowers the exporter's soft limit until so many descriptors below it are free. Disposing of the result raises it.
    /// Descriptors that a snapshot has open for a moment count as free.
    /// </summary>
    public Reversal SpareDescriptors(PrivateNamespace netns, int spare)
    {
        var pid = Process.Id.ToString(CultureInfo.InvariantCulture);
        var open = Open();
        for (var look = 0; look < 40; look++)
        {
            Thread.Sleep(20);
            open.IntersectWith(Open());
        }

        var limit = Enumerable
            .Range(0, 1 << 16)
            .First(limit => limit - open.Count(descriptor => descriptor < limit) > spare);
        Limit(limit - 1);
        return new(() => Limit(1024));

        HashSet<int> Open() =>
            [
                .. Directory
                    .EnumerateFiles($"/proc/{pid}/fd")
                    .Select(static file => int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture)),
            ];

        void Limit(int limit)
        {
            if (!Process.HasExited)
                netns.Command(InstalledProgram.Find("prlimit"), "--pid", pid, $"--nofile={limit}:");
        }
    }

    public void Dispose() => Client.Dispose();
}
