using System.Collections.Immutable;
using System.Text;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>The changes of a remedy with the values that they replace, ready to be made.</summary>
sealed record FixPlan
{
    /// <summary>The problem that it is for, in words.</summary>
    public required string Problem { get; init; }

    /// <summary>The same problem, as episodes name it.</summary>
    public FixProblem About { get; init; } = FixProblem.None;

    /// <summary>The remedy.</summary>
    public required Remedy Remedy { get; init; }

    /// <summary>The network namespace of changes with that scope; null where none has it.</summary>
    public NamespacePlace? Place { get; init; }

    /// <summary>The changes of the running system, or of the file of a service.</summary>
    public required ImmutableArray<Change> Changes { get; init; }

    /// <summary>The changes of files that make them permanent; none where another place has to be changed.</summary>
    public ImmutableArray<Change> Permanent { get; init; } = [];

    /// <summary>The reason why the plan cannot be carried out; null where it can.</summary>
    public WriteFailure? Obstacle { get; init; }

    /// <summary>Makes the plan of a remedy.</summary>
    /// <param name="problem">The problem in words.</param>
    /// <param name="remedy">The remedy.</param>
    /// <param name="proc">The mounted procfs.</param>
    /// <param name="root">The mount point of the machine's root file system.</param>
    /// <param name="writer">Reads the present values.</param>
    public static FixPlan Create(string problem, Remedy remedy, ProcMount proc, string root, ChangeWriter writer)
    {
        WriteFailure? obstacle = null;
        NamespacePlace? place = null;
        if (remedy.Changes.Any(static change => change.Scope == ChangeScope.Namespace))
            place = Take(NamespacePlace.Find(proc, remedy.Netns).Select<NamespacePlace?>(static found => found), null);
        ImmutableArray<Change> changes = [.. remedy.Changes.Select(change => Take(Present(change), change))];
        var permanent = remedy.OtherFile is null ? Take(PermanentFiles(changes, root), []) : [];
        return new()
        {
            Problem = problem,
            Remedy = remedy,
            Place = place,
            Changes = changes,
            Permanent = permanent,
            Obstacle = obstacle,
        };

        T Take<T>(Reading<T> reading, T otherwise)
        {
            if (reading.TryGet(out var value))
                return value;
            obstacle ??= ChangeWriter.Explain(reading.Missing!);
            return otherwise;
        }

        Reading<Change> Present(Change change) =>
            change switch
            {
                SysctlChange { Old: null } sysctl => writer
                    .Read(sysctl, place)
                    .Select<Change>(value => sysctl with { Old = value }),
                ProcessLimitChange limit => OpenFileLimits
                    .ReadStart(proc, limit.Pid)
                    .Then(start =>
                        OpenFileLimits
                            .Read(limit.Pid)
                            .Select<Change>(old => limit with { Old = limit.Old ?? old, Started = start })
                    ),
                LineEdit edit => Edited(edit),
                BridgePortRemoval { Bridge: null } => new Missing(
                    Absence.Failed,
                    "the name of the bridge has unusual bytes: run the command of the remedy"
                ),
                _ => change,
            };
    }

    static Reading<Change> Edited(LineEdit edit) =>
        ChangeWriter
            .ReadFile(Target(edit.Path))
            .Then<Change>(content =>
                content is not null && edit.Edit(content) is { } changed
                    ? new FileChange(Target(edit.Path), content, changed)
                    : new Missing(Absence.Malformed, $"{edit.Target}: '{edit.Old}' is not there any more")
            );

    /// <summary>Returns the changes of the files of this program.</summary>
    static Reading<ImmutableArray<Change>> PermanentFiles(ImmutableArray<Change> changes, string root)
    {
        var files = ImmutableArray.CreateBuilder<Change>();
        var sysctls = changes.OfType<SysctlChange>().ToList();
        if (sysctls.Count > 0)
        {
            var read = File(Below(root, SysctlChange.PersistenceFile), text =>
                sysctls.Aggregate(text, PermanentLines.WithSysctl)
            );
            if (!read.TryGet(out var file))
                return read.Missing!;
            files.Add(file);
        }

        foreach (var limit in changes.OfType<ProcessLimitChange>())
        {
            if (limit.Unit is null)
                continue;
            var read = File(Below(root, $"/etc/systemd/system/{limit.Unit}.d/90-openclaw.conf"), text =>
                PermanentLines.WithLimit(text, limit)
            );
            if (!read.TryGet(out var file))
                return read.Missing!;
            files.Add(file);
        }

        return files.ToImmutable();
    }

    /// <summary>Returns a path below the machine's root, with one slash between them.</summary>
    static string Below(string root, string path) => Path.Join(root, path.AsSpan(1));

    static Reading<FileChange> File(string path, Func<string, string> change)
    {
        path = Target(path);
        return ChangeWriter
            .ReadFile(path)
            .Select(content => new FileChange(
                path,
                content,
                Encoding.Latin1.GetBytes(change(Encoding.Latin1.GetString(content ?? [])))
            )
            {
                OwnsFolder = !Directory.Exists(Path.GetDirectoryName(path)),
            });
    }

    /// <summary>Returns the file that a link leads to: a rename would replace the link.</summary>
    static string Target(string path)
    {
        try
        {
            return System.IO.File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }
}
