using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>The records of fixes on the disk.</summary>
/// <param name="root">The mount point of the machine's root file system.</param>
/// <param name="writes">The system calls.</param>
sealed class FixRecords(string root, SystemWrites writes)
{
    /// <summary>Others may open the diary by its name, and list nothing.</summary>
    const uint OnlyOwnerLists = 0b111_001_001;

    const uint OnlyOwnersFile = 0b110_000_000;
    const string Extension = ".json";

    /// <summary>The records of fixes that stay. A further one forgets the oldest.</summary>
    public const int AtMost = 100;

    /// <summary>The folder below the root.</summary>
    public const string FolderName = "var/lib/openclaw-fixes";

    /// <summary>The folder.</summary>
    public string Folder { get; } = Path.Join(root, FolderName);

    /// <summary>
    /// Takes the lock of the folder, which one fix at a time has; null where another one has it. The folder is created
    /// where it does not exist.
    /// </summary>
    public WriteFailure? Lock(out IDisposable? held)
    {
        held = null;
        var path = root;
        foreach (var name in FolderName.Split('/'))
        {
            path = Path.Join(path, name);
            var mode = name == Path.GetFileName(Folder) ? OnlyOwnerLists : 0b111_101_101;
            if (writes.CreateFolder(path, mode) is { } failure)
                return failure;
        }

        return SystemWrites.IsPrivate(Folder) ? writes.Lock(Folder, out held) : new(Foreign);
    }

    /// <summary>The reason why records are not read: another user could let root make any change.</summary>
    string Foreign => $"{Folder}: expected a folder that only its owner, the user of this command, can write";

    /// <summary>Takes the lock of a new trial, which marks the trial as alive until its process ends.</summary>
    public WriteFailure? LockNew(FixRecord trial, out IDisposable? held)
    {
        held = null;
        return writes.Replace(LockOf(trial), [], OnlyOwnersFile) ?? writes.Lock(LockOf(trial), out held);
    }

    /// <summary>
    /// Returns true where the process of a fix has ended. The caller has the lock of the folder, so that no fix is at
    /// work.
    /// </summary>
    public bool IsInterrupted(FixRecord record)
    {
        if (!File.Exists(LockOf(record)))
            return true;
        var failure = writes.Lock(LockOf(record), out var held);
        using (held)
            return failure is null && held is not null;
    }

    /// <summary>True where there is a folder of this user, so that there may be records.</summary>
    public bool Exist => SystemWrites.IsPrivate(Folder);

    /// <summary>Reads all records, the oldest first.</summary>
    public Reading<ImmutableArray<FixRecord>> Read()
    {
        string[] files;
        if (Directory.Exists(Folder) && !Exist)
            return new Missing(Absence.NotPermitted, Foreign);
        try
        {
            files = Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*" + Extension) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Missing(
                error is UnauthorizedAccessException ? Absence.NotPermitted : Absence.Failed,
                $"{Folder}: {error.Message}"
            );
        }

        var records = ImmutableArray.CreateBuilder<FixRecord>();
        foreach (var file in files)
        {
            var read = RegularFile.Read(file, int.MaxValue / 2).Then(content => Parse(file, content));
            if (!read.TryGet(out var record))
                return read.Missing!;
            records.Add(record);
        }

        return records.OrderBy(static record => record.Id).ToImmutableArray();
    }

    /// <summary>Writes a record.</summary>
    public WriteFailure? Save(FixRecord record) =>
        writes.Replace(PathOf(record.Id), FixJson.Write(record), OnlyOwnersFile);

    /// <summary>Removes a record.</summary>
    public WriteFailure? Remove(FixRecord record) =>
        (File.Exists(LockOf(record)) ? writes.Remove(LockOf(record)) : null)
        ?? (File.Exists(PathOf(record.Id)) ? writes.Remove(PathOf(record.Id)) : null);

    string LockOf(FixRecord record) => PathOf(record.Id) + ".lock";

    string PathOf(int id) => Path.Join(Folder, id.ToString(CultureInfo.InvariantCulture) + Extension);

    static Reading<FixRecord> Parse(string file, byte[] content)
    {
        try
        {
            return FixJson.Parse(content);
        }
        catch (JsonException error)
        {
            return new Missing(
                Absence.Malformed,
                $"{file}: expected the record of a fix: {error.Message}; remove the file to forget the fix"
            );
        }
    }
}
