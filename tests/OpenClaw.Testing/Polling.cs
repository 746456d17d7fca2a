using System.Diagnostics;

namespace OpenClaw.Testing;

/// <summary>Waits for a condition, within a time limit.</summary>
static class Polling
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Polls until the condition is true; fails with its description at the time limit.</summary>
    /// <param name="what">The description of the condition.</param>
    /// <param name="isSo">The condition; a client that cannot connect means not yet.</param>
    /// <param name="timeout">The time limit; null for 30 seconds.</param>
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
