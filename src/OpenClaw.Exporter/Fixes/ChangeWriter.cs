using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;
using OpenClaw.Kernel.Writes;

namespace OpenClaw.Exporter.Fixes;

/// <summary>Makes changes on the machine, and reads the present values that they replace.</summary>
/// <param name="proc">The mounted procfs.</param>
/// <param name="writes">The system calls.</param>
sealed class ChangeWriter(ProcMount proc, SystemWrites writes)
{
    /// <summary>
    /// Reads the present value that a change replaces, in a form that only this class compares.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="place">The network namespace of changes with that scope; null for the caller's.</param>
    public Reading<string> Read(Change change, NamespacePlace? place) => Inside(change, place, () => ReadHere(change));

    /// <summary>Makes a change, and reads the new value back. Returns null, or the reason why it failed.</summary>
    /// <inheritdoc cref="Read"/>
    public WriteFailure? Write(Change change, NamespacePlace? place)
    {
        var written = Inside<WriteFailure?>(change, place, () => WriteHere(change));
        if (!written.TryGet(out var failure) && written.Missing is { } missing)
            return Explain(missing);
        if (failure is not null)
            return failure;
        var after = Read(change, place);
        if (!after.TryGet(out var value))
            return Explain(after.Missing!);
        return value == StateAfter(change)
            ? null
            : new($"{change.Target}: after the write the value is '{value}', not '{change.After}'");
    }

    /// <summary>Returns the value that a change expects before it; null when that is unknown.</summary>
    public static string? StateBefore(Change change) => change.Inverse is { } inverse ? StateAfter(inverse) : null;

    /// <summary>Returns the value that a change leaves.</summary>
    public static string StateAfter(Change change) =>
        change switch
        {
            SysctlChange sysctl => Words(sysctl.New),
            ProcessLimitChange { New: { } limits } => StateOf(limits),
            BridgePortRemoval => "",
            BridgePortAddition bridge => string.Join(' ', bridge.Ports),
            FileChange file => StateOf(file.New),
            _ => "",
        };

    /// <summary>Removes the files and folders that a killed process left besides the change itself.</summary>
    public static void RemoveTraces(Change change)
    {
        if (change is not FileChange file)
            return;
        SystemWrites.RemoveTemporary(file.Path);
        if (file is { OwnsFolder: true, Old: null } && !File.Exists(file.Path))
            SystemWrites.RemoveEmptyFolder(Path.GetDirectoryName(file.Path)!);
    }

    /// <summary>Converts a missing value to the reason of a failure.</summary>
    public static WriteFailure Explain(Missing missing) => new(missing.Detail, missing.Reason == Absence.NotPermitted);

    Reading<T> Inside<T>(Change change, NamespacePlace? place, Func<Reading<T>> work) =>
        change.Scope == ChangeScope.Namespace && place is not null
            ? place.Run(proc, work).Then(static result => result)
            : work();

    Reading<string> ReadHere(Change change) =>
        change switch
        {
            SysctlChange sysctl => proc.ReadText(PathOf(sysctl)).Select(Words),
            ProcessLimitChange limit => ReadLimit(limit),
            BridgePortRemoval removal => ReadMembers(removal.Bridge, removal.Ports),
            BridgePortAddition addition => ReadMembers(addition.Bridge, addition.Ports),
            FileChange file => ReadFile(file.Path).Select(StateOf),
            _ => new Missing(Absence.Failed, $"{change.Target}: cannot be changed by this program"),
        };

    Reading<string> ReadLimit(ProcessLimitChange limit)
    {
        var start = OpenFileLimits.ReadStart(proc, limit.Pid);
        if (limit.Started is not null && start.TryGet(out var started) && started != limit.Started)
            return new Missing(Absence.Gone, $"process {limit.Pid} has ended: its id belongs to another one");
        return start.Then(_ => OpenFileLimits.Read(limit.Pid)).Select(StateOf);
    }

    static Reading<string> ReadMembers(string? bridge, ImmutableArray<string> ports) =>
        BridgeMembership
            .Read()
            .Select(all =>
                string.Join(
                    ' ',
                    ports.Where(port =>
                        all.TryGetValue(port, out var link) && bridge is not null && link.Bridge == bridge
                    )
                )
            );

    Reading<WriteFailure?> WriteHere(Change change) =>
        change switch
        {
            SysctlChange sysctl => writes.WriteValue(proc.PathOf(PathOf(sysctl)), sysctl.New),
            ProcessLimitChange { New: { } limits } limit => writes.SetOpenFiles(limit.Pid, limits),
            BridgePortRemoval { Bridge: { } bridge } removal => SetPorts(bridge, removal.Ports, isMember: false),
            BridgePortAddition addition => SetPorts(addition.Bridge, addition.Ports, isMember: true),
            FileChange file => WriteFile(file),
            _ => new WriteFailure($"{change.Target}: the present value is unknown"),
        };

    WriteFailure? SetPorts(string bridge, ImmutableArray<string> ports, bool isMember)
    {
        var read = BridgeMembership.Read();
        if (!read.TryGet(out var all))
            return Explain(read.Missing!);
        foreach (var port in ports)
        {
            if (!all.TryGetValue(port, out var link))
            {
                // A container that ended took its interface along.
                if (!isMember)
                    continue;
                return new($"{port}: the interface does not exist any more");
            }

            if (
                link.Bridge == bridge != isMember
                && writes.SetBridgePort(bridge, port, link.Index, isMember) is { } failure
            )
            {
                return failure;
            }
        }

        return null;
    }

    WriteFailure? WriteFile(FileChange file)
    {
        if (file.New is { } content)
        {
            return (file.OwnsFolder ? writes.CreateFolder(Path.GetDirectoryName(file.Path)!, 0b111_101_101) : null)
                ?? writes.Replace(file.Path, content);
        }

        if (writes.Remove(file.Path) is { } failure)
            return failure;
        if (file.OwnsFolder)
            SystemWrites.RemoveEmptyFolder(Path.GetDirectoryName(file.Path)!);
        return null;
    }

    /// <summary>Reads a file; null where it does not exist.</summary>
    public static Reading<byte[]?> ReadFile(string path)
    {
        var read = RegularFile.Read(path);
        if (read.TryGet(out var content))
            return content;
        return read.Outcome == Outcome.None ? (byte[]?)null : read.Missing!;
    }

    static string PathOf(SysctlChange sysctl) => $"sys/{sysctl.Key.Replace('.', '/')}";

    /// <summary>Returns the words of a value. The kernel separates them with tabs, and people with spaces.</summary>
    static string Words(string value) =>
        string.Join(' ', value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static string StateOf(OpenFileLimits limits) =>
        string.Create(CultureInfo.InvariantCulture, $"{limits.Soft}:{limits.Hard}");

    static string StateOf(byte[]? content) => content is null ? "no file" : Convert.ToBase64String(content);
}
