using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Processes;

/// <summary>Walks the processes once and reads descriptors, limits, names and network namespaces.</summary>
/// <param name="proc">The procfs to walk.</param>
/// <param name="watch">Selects the watched processes. It is matched against name and whole command line, as pgrep -f
/// does.</param>
sealed class ProcessTableReader(ProcMount proc, Regex watch)
    : Reader<ProcessTable>("processes", "/proc/PID/{fd,limits,comm,cmdline,ns/net}")
{
    /// <summary>
    /// The start of the names of this program and of its unit. The kernel cuts a name after 15 bytes.
    /// </summary>
    const string Exporter = "openclaw-export";

    protected override Reading<ProcessTable> Read(SamplingPass sampling)
    {
        // The link has the pid in the pid namespace of this procfs. That is not getpid() when the host's procfs is
        // mounted.
        var self = int.TryParse(proc.ReadLink("self"), NumberStyles.None, CultureInfo.InvariantCulture, out var own)
            ? own
            : 0;
        var sizeCounts = SizeCountsDescriptors();
        var processes = ImmutableArray.CreateBuilder<ProcessDescriptors>();
        var namespaces = new ProcessNamespaces(proc);
        var listed = proc.ProcessIds();
        if (!listed.TryGet(out var ids))
            return listed.Missing!;
        Missing? unnamed = null;
        foreach (var pid in ids)
        {
            if (sampling.Deadline.HasPassed)
                return new Missing(Absence.TimedOut, $"{Source}: deadline passed after {processes.Count} processes");
            if (Describe(pid, sizeCounts, namespaces, ref unnamed) is { } process && pid != self)
                processes.Add(process);
        }

        var all = namespaces.ToArray();
        return new ProcessTable(namespaces.Resolve(processes.ToImmutable()))
        {
            NetworkNamespaces = all,
            Unnamed = unnamed,
        };
    }

    /// <summary>Reports a watched process that cannot be counted, which would otherwise be missing silently.</summary>
    protected override Missing? Shortfall(ProcessTable value) =>
        value.Unnamed
        ?? value
            .Processes.FirstOrDefault(static process => process.IsWatched && process.Open.Missing is not null)
            ?.Open.Missing;

    ProcessDescriptors? Describe(int pid, bool sizeCounts, ProcessNamespaces namespaces, ref Missing? unnamed)
    {
        // Each of these reads may find the process gone. Then it is omitted: it holds nothing any more.
        var open = sizeCounts ? proc.SizeOf($"{pid}/fd") : proc.CountEntries($"{pid}/fd");
        var named = ProcessName.Read(proc, pid);
        if (named.Outcome == Outcome.Unseen)
            unnamed ??= named.Missing;
        if (!named.TryGet(out var name) || open.Outcome == Outcome.Gone)
            return null;
        var isWatched = watch.IsMatch(name.Name) || watch.IsMatch(name.CommandLine);
        var holdsNothing = open.TryGet(out var count) && count == 0;

        // Most entries of a quiet machine are kernel threads, and the kernel formats 16 rows of limits for each.
        var netns = holdsNothing && name.CommandLine.Length == 0 ? null : namespaces.Add(pid);
        if (!isWatched && holdsNothing)
            return null;
        var limits = proc.Read($"{pid}/limits", ProcessLimits.Parse);
        return limits.Outcome == Outcome.Gone
            ? null
            : new(pid, name.Name, isWatched, open, limits)
            {
                IsWatchedProgram = isWatched && IsWatchedProgram(pid, name),
                NetworkNamespace = netns,
            };
    }

    bool IsWatchedProgram(int pid, ProcessName name) =>
        !IsExporter(name.Name)
        && !name.Programs.Any(static program => IsExporter(Path.GetFileName(program)))
        && (
            watch.IsMatch(name.Name)
            || name.Programs.Any(watch.IsMatch)
            || (
                proc.Read($"{pid}/cgroup", ProcessOwner.Parse).TryGet(out var owner)
                && owner
                    .Cgroup.Split('/')
                    .Any(part =>
                        part.EndsWith(".service", StringComparison.Ordinal) && !IsExporter(part) && watch.IsMatch(part)
                    )
            )
        );

    static bool IsExporter(string name) => name.StartsWith(Exporter, StringComparison.Ordinal);

    /// <summary>
    /// Returns true where the size of /proc/PID/fd is the number of descriptors, which needs no privilege. That is so
    /// since Linux 6.2 (commit f1f1f2569901).
    /// </summary>
    bool SizeCountsDescriptors() => proc.SizeOf("self/fd").TryGet(out var size) && size > 0;
}
