using System.Diagnostics;

namespace OpenClaw.ContainerTests;

/// <summary>Waits for what happens in its own time, and no longer than it may take.</summary>
static class Polling
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks again until it is so; fails when the time is over.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, TimeSpan timeout, string what)
    {
        var waiting = Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(waiting.Elapsed < timeout, $"not within {timeout}: {what}");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
