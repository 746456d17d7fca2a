using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Episodes;

/// <summary>
/// Writes episodes to the state directory on a thread of its own. So a disk that is full or hangs costs no snapshot.
/// Episodes that could not be written are tried again with the next ones.
/// </summary>
/// <param name="directory">The state directory.</param>
/// <param name="clock">The clock.</param>
sealed class EpisodeWriter(string directory, TimeProvider clock) : IDisposable
{
    /// <summary>The least time between two lines of an episode whose phase is the same.</summary>
    static readonly TimeSpan Spacing = TimeSpan.FromSeconds(10);

    /// <summary>The least time between two lines of an episode that only lasts.</summary>
    static readonly TimeSpan Lasting = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    List<Episode> _waiting = [];
    List<Taken> _taken = [];
    readonly SemaphoreSlim _ready = new(0);
    Thread? _thread;
    EpisodeFile? _file;
    volatile bool _isStopping;
    volatile string? _failure;

    /// <summary>The reason why the last episodes could not be written; null when they were.</summary>
    public string? Failure => _failure;

    /// <summary>Starts the thread. It opens the file, so that a failure shows at once.</summary>
    public void Start()
    {
        _thread = new(Run) { IsBackground = true, Name = "episodes" };
        _thread.Start();
        _ready.Release();
    }

    /// <summary>Takes the episodes that changed enough to be written, and returns at once.</summary>
    public void Write(EpisodeHistory history)
    {
        lock (_lock)
        {
            // Episodes that the history forgot are no longer waited for.
            _waiting = [.. history.All.Where(episode => IsDue(episode) || IsWaiting(episode))];
            _taken = [.. history.All.Select(TakenNow)];
            if (_waiting.Count == 0)
                return;
        }

        _ready.Release();
    }

    /// <summary>Regards episodes as written: those that were read from the file.</summary>
    public void Skip(EpisodeHistory history)
    {
        _taken = [.. history.All.Select(TakenNow)];
    }

    /// <summary>Writes the last episodes and ends the thread. A disk that hangs is not waited for.</summary>
    public void Stop(TimeSpan patience)
    {
        _isStopping = true;
        _ready.Release();
        _ = _thread?.Join(patience);
    }

    /// <inheritdoc/>
    public void Dispose() => _ready.Dispose();

    bool IsWaiting(Episode episode) => _waiting.Exists(one => one.Number == episode.Number);

    /// <summary>Returns the state of an episode that was last taken; the present one where that is due.</summary>
    Taken TakenNow(Episode episode) =>
        IsWaiting(episode) || _taken.Find(one => one.Episode.Number == episode.Number) is not { } before
            ? new(episode, clock.GetTimestamp())
            : before;

    bool IsDue(Episode episode)
    {
        if (_taken.Find(one => one.Episode.Number == episode.Number) is not { } taken)
            return true;
        var (before, at) = taken;
        if (ReferenceEquals(before, episode))
            return false;
        if (before.End != episode.End || before.Phase != episode.Phase || before.Fixes != episode.Fixes)
            return true;
        if (before.Holders.IsEmpty && !episode.Holders.IsEmpty)
            return true;
        var age = clock.GetElapsedTime(at);
        return before.Peak != episode.Peak || before.Phases != episode.Phases ? age >= Spacing : age >= Lasting;
    }

    void Run()
    {
        while (!_isStopping)
        {
            _ready.Wait();
            WriteWaiting();
        }

        // The last ones may have come while the thread wrote others.
        WriteWaiting();
        _file?.Dispose();
    }

    void WriteWaiting()
    {
        Episode[] episodes;
        lock (_lock)
        {
            episodes = [.. _waiting];
            _waiting = [];
        }

        try
        {
            _file ??= EpisodeFile.Open(directory);
            if (episodes.Length > 0)
                _file.Append(episodes);
            _failure = null;
        }
#pragma warning disable CA1031 // Any failure here must end neither this thread nor the process.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _failure = $"{directory}: {OneLine.From(error)}";
            _file?.Dispose();
            _file = null;
            lock (_lock)
            {
                _waiting.AddRange(episodes.Where(episode => !IsWaiting(episode)));
            }
        }
    }

    /// <summary>A state of an episode that was taken to be written.</summary>
    /// <param name="Episode">The state.</param>
    /// <param name="At">The time, as the clock's timestamp.</param>
    sealed record Taken(Episode Episode, long At);
}
