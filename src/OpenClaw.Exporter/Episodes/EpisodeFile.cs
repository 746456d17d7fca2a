using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Episodes;

/// <summary>
/// The file with the episodes in the state directory. Lines are only appended, until the file is rewritten with the
/// newest episodes. Only a single exporter writes it at a time.
/// </summary>
sealed class EpisodeFile : IDisposable
{
    /// <summary>The name of the file in the state directory.</summary>
    public const string Name = "episodes.log";

    /// <summary>The bytes of the file. It is rewritten when it would have more.</summary>
    public const int BytesAtMost = 4 << 20;

    /// <summary>The bytes of the file after it was rewritten, and of the second file while it is.</summary>
    const int RewrittenBytes = BytesAtMost / 2;

    const string NewSuffix = ".new";

    readonly string _path;
    SafeFileHandle _file;
    long _length;

    EpisodeFile(string path, SafeFileHandle file, long length) => (_path, _file, _length) = (path, file, length);

    /// <summary>
    /// Returns the episodes of a state directory. <see cref="Absence.NotPresent"/> where it has no file: no exporter
    /// has run with it.
    /// </summary>
    /// <param name="directory">The state directory.</param>
    public static Reading<ImmutableArray<Episode>> Read(string directory)
    {
        var opened = PrivateFile.OpenToRead(Path.Combine(directory, Name));
        if (!opened.TryGet(out var file))
            return opened.Missing!;
        using (file)
        {
            try
            {
                return EpisodeText.Parse(BytesOf(file));
            }
            catch (IOException error)
            {
                return new Missing(Absence.Failed, $"{directory}/{Name}: {error.Message}");
            }
        }
    }

    /// <summary>Opens the file of a state directory to append to it, and creates it where there is none.</summary>
    /// <param name="directory">The state directory.</param>
    /// <exception cref="IOException">It cannot be opened, or another exporter writes it.</exception>
    public static EpisodeFile Open(string directory)
    {
        var path = Path.Combine(directory, Name);
        var file = OpenLocked(path, isEmptied: false);
        try
        {
            var length = RandomAccess.GetLength(file);
            var opened = new EpisodeFile(path, file, length);

            // The process before may have ended in the middle of a line.
            if (length > 0 && !EndsLine(file, length))
                opened.Append([(byte)'\n']);
            return opened;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends the present states of episodes, and waits until the disk has them.</summary>
    /// <exception cref="IOException">The disk is full or fails. The file is as it was before.</exception>
    public void Append(IEnumerable<Episode> episodes)
    {
        byte[] lines = [.. episodes.SelectMany(EpisodeText.Line)];
        if (!File.Exists(_path))
            Replace(OpenLocked(_path, isEmptied: true), 0);
        if (_length + lines.Length > BytesAtMost)
            Rewrite();
        Append(lines);
        RandomAccess.FlushToDisk(_file);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    void Append(byte[] bytes)
    {
        try
        {
            RandomAccess.Write(_file, bytes, _length);
            _length += bytes.Length;
        }
        catch (IOException)
        {
            RandomAccess.SetLength(_file, _length);
            throw;
        }
    }

    /// <summary>Replaces the file by one with the newest episodes. A crash meanwhile leaves the present one.</summary>
    void Rewrite()
    {
        var lines = new List<byte[]>();
        var length = 0;
        foreach (var line in EpisodeText.Parse(BytesOf(_file)).Reverse().Select(EpisodeText.Line))
        {
            if (lines.Count == EpisodeHistory.AtMost || length + line.Length > RewrittenBytes)
                break;
            lines.Add(line);
            length += line.Length;
        }

        lines.Reverse();
        var file = OpenLocked(_path + NewSuffix, isEmptied: true);
        try
        {
            RandomAccess.Write(file, lines.SelectMany(static line => line).ToArray(), 0);
            RandomAccess.FlushToDisk(file);
            File.Move(_path + NewSuffix, _path, overwrite: true);
        }
        catch
        {
            file.Dispose();
            File.Delete(_path + NewSuffix);
            throw;
        }

        Replace(file, length);
    }

    void Replace(SafeFileHandle file, long length)
    {
        _file.Dispose();
        (_file, _length) = (file, length);
    }

    static SafeFileHandle OpenLocked(string path, bool isEmptied)
    {
        var opened = PrivateFile.OpenToWrite(path, isEmptied);
        if (!opened.TryGet(out var file))
            throw new IOException(opened.Missing!.Detail);
        if (PrivateFile.TryLock(file))
            return file;
        file.Dispose();
        throw new IOException($"{path}: another exporter writes it");
    }

    static bool EndsLine(SafeFileHandle file, long length)
    {
        Span<byte> last = [0];
        return RandomAccess.Read(file, last, length - 1) == 1 && last[0] == '\n';
    }

    static byte[] BytesOf(SafeFileHandle file)
    {
        var bytes = new byte[Math.Min(RandomAccess.GetLength(file), BytesAtMost)];
        var read = 0;
        while (read < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(read), read) is > 0 and var count)
            read += count;
        return bytes[..read];
    }
}
