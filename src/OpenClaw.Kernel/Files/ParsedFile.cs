using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>A small regular file that is read and parsed again only after it changed.</summary>
/// <param name="path">The path; links are followed.</param>
/// <param name="parse">Parses the whole text.</param>
public sealed class ParsedFile<T>(string path, Func<ReadOnlyMemory<byte>, Reading<T>> parse)
{
    FolderState? _seen;
    DateTimeOffset _readAt;
    Reading<T> _value = new Missing(Absence.NotAsked, path);

    /// <summary>The number of times that the file was parsed.</summary>
    public int Count { get; private set; }

    /// <summary>Returns the value of the file as it is now, or why there is none.</summary>
    public Reading<T> Read()
    {
        // The file is looked at before it is read, so that a change in between is seen the next time.
        var now = DateTimeOffset.UtcNow;
        var state = FolderState.Read(path);
        if (!state.Exists)
            return new Missing(Absence.NotPresent, $"{path}: no such file");
        if (state == _seen && state.IsSettledAt(_readAt))
            return _value;

        var read = RegularFile.Read(path);
        if (!read.TryGet(out var bytes))
            return read.Missing!;
        var parsed = parse(bytes);
        (_seen, _readAt) = (state, now);
        Count++;
        return _value = parsed.Missing is { } missing ? missing with { Detail = $"{path}: {missing.Detail}" } : parsed;
    }
}
