using System.Globalization;
using System.Net;

namespace OpenClaw.KernelTests;

/// <summary>A procfs with one FIFO that has no writer: a read blocks until the scrape's deadline.</summary>
sealed class SlowProc : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public SlowProc()
    {
        var file = _folder.Write("thread-self/net/netstat", "");
        File.Delete(file);
        using var made = ChildProcess.Start(new("mkfifo", file));
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
    }

    /// <summary>The path of the tree.</summary>
    public string Root => _folder.PathOf("");

    /// <summary>
    /// The page of a scrape that takes most of a timeout in seconds. It is repeated while the exporter refuses it for
    /// too many requests.
    /// </summary>
    public static async Task<string> ScrapeAsync(HttpClient client, int timeout = 3)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
            request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", timeout.ToString(CultureInfo.InvariantCulture));
            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable)
            {
                return await response
                    .EnsureSuccessStatusCode()
                    .Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            }
        }
    }

    public void Dispose() => _folder.Dispose();
}
