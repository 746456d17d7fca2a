namespace OpenClaw.Exporter;

/// <summary>
/// The threads of the pool, all started before the first request. On a machine that can start no further thread, the
/// runtime would end the process when it needs one.
/// </summary>
static class StandingThreads
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Starts the threads and waits until all run. The project file fixes their number; without it, none is started.
    /// </summary>
    public static void Start()
    {
        if (!int.TryParse(AppContext.GetData("System.Threading.ThreadPool.MaxThreads")?.ToString(), out var count))
            return;

        // It is never disposed of: a worker may still wait after the caller has gone on.
        var allRun = new CountdownEvent(count);
        for (var i = 0; i < count; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static allRun =>
                {
                    // A worker that waits for the others takes no second item.
                    allRun.Signal();
                    allRun.Wait(Patience);
                },
                allRun,
                preferLocal: false
            );
        }

        allRun.Wait(Patience);
    }
}
