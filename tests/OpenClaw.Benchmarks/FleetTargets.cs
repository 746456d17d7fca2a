using System.Globalization;
using System.Net;
using System.Text;

namespace OpenClaw.Benchmarks;

/// <summary>The exporters of a fleet behind one port. Their pages continue their history to the present.</summary>
sealed class FleetTargets : IDisposable
{
    const int Port = 9811;

    readonly HttpListener _listener = new();
    readonly FleetHistory _history;

    /// <param name="history">The history of the machines.</param>
    public FleetTargets(FleetHistory history)
    {
        _history = history;
        _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        _listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>The part of Prometheus' configuration that scrapes the fleet.</summary>
    /// <param name="machines">The number of machines.</param>
    /// <param name="every">The scrape interval.</param>
    public static string ScrapeConfiguration(int machines, TimeSpan every) =>
        $"""
            scrape_configs:
              - job_name: openclaw-exporter
                scrape_interval: {every.TotalSeconds}s
                static_configs:

            """
        + string.Concat(
            Enumerable
                .Range(0, machines)
                .Select(static machine =>
                    $"      - {{targets: ['127.0.0.1:{Port}'], labels: {{__metrics_path__: /{machine}, "
                    + $"instance: '{FleetHistory.InstanceOf(machine)}'}}}}\n"
                )
        );

    public void Dispose() => _listener.Close();

    async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var machine = int.Parse(context.Request.Url!.AbsolutePath[1..], CultureInfo.InvariantCulture);
                context.Response.ContentType = "text/plain; version=0.0.4";
                context.Response.Close(
                    Encoding.UTF8.GetBytes(_history.PageAt(machine, DateTimeOffset.UtcNow.ToUnixTimeSeconds())),
                    willBlock: false
                );
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException) { }
    }
}
