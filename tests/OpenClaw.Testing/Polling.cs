using System.Diagnostics;

namespace OpenClaw.Testing;

/// <summary>Waits for something that will be so, and not for longer than that may take.</summary>
static class Polling
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until it is so; fails with what was waited for.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="isSo">Whether it is so; a client that cannot connect means not yet.</param>
    /// <param name="timeout">How long it may take; 30 seconds when not given.</param>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo, TimeSpan? timeout = null)
    {
        var limit = timeout ?? TimeSpan.FromSeconds(30);
        var waiting = Stopwatch.StartNew();
        string? last = null;
        while (true)
        {
            try
            {
                if (await isSo())
                    return;
            }
            catch (HttpRequestException error)
            {
                last = error.ToString();
            }

            Assert.True(waiting.Elapsed < limit, $"not within {limit}: {what}\n{last}");
            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
