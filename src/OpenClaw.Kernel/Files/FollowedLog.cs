using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Kernel.Files;

/// <summary>Follows a log: one file or FIFO, or the files that a pattern matches.</summary>
public sealed class FollowedLog : IDisposable
{
    readonly FollowedFile? _file;
    readonly IFileReceiver? _lines;
    readonly FollowedFiles? _files;

    /// <summary>Creates the follower, which has not read yet.</summary>
    /// <param name="path">The path, or a pattern with * and ? in its names.</param>
    /// <param name="receiver">Creates the receiver of one file.</param>
    public FollowedLog(string path, Func<IFileReceiver> receiver)
    {
        if (PathPattern.HasWildcards(path))
            _files = new(path, receiver);
        else
            (_file, _lines) = (new(path), receiver());
    }

    /// <summary>True once the log, or a file of it, could be read.</summary>
    public bool WasOpened { get; private set; }

    /// <summary>
    /// Passes new bytes to the receivers. Returns null, or the reason why the log, or a file of it, cannot be read now.
    /// </summary>
    public Missing? Follow()
    {
        var failure = _files is null ? _file!.Follow(_lines!) : _files.Follow();
        WasOpened |= _files?.WasOpened ?? failure is null;
        return failure;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _files?.Dispose();
    }
}
