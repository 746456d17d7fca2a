using System.Diagnostics;

namespace OpenClaw.Benchmarks;

/// <summary>Clients that ask an exporter for everything in turn and read each answer.</summary>
/// <param name="address">The address of its metrics.</param>
/// <param name="requests">The paths, each with the format that the client accepts.</param>
sealed class SoakClients(Uri address, (string Path, string Accept)[] requests)
{
    const int AtOnce = 4;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    TimeSpan _slowest;

    /// <summary>The number of requests that were answered.</summary>
    public int Answered { get; private set; }

    /// <summary>The number of requests that were refused, cut off or too late.</summary>
    public int Failed { get; private set; }

    /// <summary>Returns the time of the slowest answer since the last call, in milliseconds.</summary>
    public double TakeSlowest()
    {
        lock (_lock)
        {
            var slowest = _slowest;
            _slowest = TimeSpan.Zero;
            return slowest.TotalMilliseconds;
        }
    }

    /// <summary>Sends requests until then.</summary>
    public Task RunAsync(CancellationToken over) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(first => RunAsync(first, over)));

    async Task RunAsync(int first, CancellationToken over)
    {
        using var client = new HttpClient { Timeout = Timeout };
        for (var i = first; !over.IsCancellationRequested; i++)
        {
            var (path, accept) = requests[i % requests.Length];
            var start = Stopwatch.GetTimestamp();
            var failure = await AskAsync(client, path, accept);
            lock (_lock)
            {
                var took = Stopwatch.GetElapsedTime(start);
                _slowest = took > _slowest ? took : _slowest;
                (Answered, Failed) = (Answered + 1, Failed + (failure is null ? 0 : 1));
            }

            if (failure is not null)
                Console.WriteLine($"{path}: {failure}");
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Returns null where the answer is whole.</summary>
    async Task<string?> AskAsync(HttpClient client, string path, string accept)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, path));
            request.Headers.Accept.ParseAdd(accept);
            request.Headers.AcceptEncoding.ParseAdd("gzip");
            using var answer = await client.SendAsync(request);
            _ = await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
            return null;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException or IOException)
        {
            return error.Message;
        }
    }
}
