using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Refusals;

/// <summary>
/// Counts connect() without a free port, for all network namespaces of the machine at once. The first reading attaches
/// a program to the kernel, which needs CAP_BPF and CAP_PERFMON. A later one costs a system call while nothing is
/// refused.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="worst">The number of destinations that are named in each namespace.</param>
/// <param name="time">The clock.</param>
/// <param name="attach">Attaches the program.</param>
sealed class RefusedConnectsReader(
    ProcMount proc,
    int worst,
    TimeProvider time,
    Func<Reading<RefusedConnectProgram>> attach
) : Reader<ByNamespace<RefusedConnects>>("refused_connects", RefusedConnects.Source), IDisposable
{
    /// <summary>The time between two attempts to attach a program that a lack of memory may have refused.</summary>
    static readonly TimeSpan BetweenAttempts = TimeSpan.FromMinutes(5);

    /// <summary>The time after which the counts of a namespace that is not listed are forgotten.</summary>
    static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(5);

    readonly Dictionary<ulong, Tally> _tallies = [];
    Dictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    Task<Reading<RefusedConnectProgram>>? _attaching;
    RefusedConnectProgram? _program;
    Missing? _refusal;
    ClockReading _clock;
    long _refusedAt;
    ulong _total;
    ulong _counted;
    ulong _lost;
    bool? _arePidsSame;

    public override ImmutableArray<Type> Needs { get; init; } = [typeof(NetworkNamespaces), typeof(ProcessTable)];

    internal override void Prepare() => _attaching = Task.Run(attach);

    public void Dispose()
    {
        if (_attaching?.Result is { } attached && attached.TryGet(out var unused))
            unused.Dispose();
        _program?.Dispose();
    }

    protected override Reading<ByNamespace<RefusedConnects>> Read(SamplingPass sampling)
    {
        // Nothing could be assigned to a namespace without its inode, as with a procfs of files.
        if (proc.ReadLink("thread-self/ns/net").Missing is not null)
            return new Missing(Absence.NotAsked, "this procfs shows no network namespaces");
        if (!sampling.Get<NetworkNamespaces>().TryGet(out var namespaces))
            return new Missing(Absence.NotAsked, "network namespaces could not be listed");
        var now = ClockReading.Now(time);
        if (now.StepSince(_clock) is var step && step != TimeSpan.Zero)
        {
            foreach (var tally in _tallies.Values)
                tally.Refused.Shift(step);
        }

        _clock = now;
        if (Attached() is { } refusal)
            return refusal;
        var total = _program!.ReadTotal();
        if (!total.TryGet(out var count))
            return total.Missing!;
        _lost = 0;
        if (count != _total && Update(sampling.Get<ProcessTable>()) is { } failure)
            return failure;

        // The program adds to the total last, so every call that it has was in the map.
        _total = count;
        _lost = count > _counted ? count - _counted : 0;
        _counted += _lost;
        return new ByNamespace<RefusedConnects>(Values(namespaces));
    }

    protected override Missing? FailureFrom(Missing missing) => missing.Reason == Absence.NotAsked ? null : missing;

    /// <summary>Reports refused calls that the kernel forgot before they were read.</summary>
    protected override Missing? Shortfall(ByNamespace<RefusedConnects> value) =>
        _lost > 0
            ? new(
                Absence.Interrupted,
                $"{Source}: not counted: {Counted.Format((long)_lost, "refused calls")}, because more than "
                    + $"{RefusedConnectProgram.ElementsAtMost} destinations were refused between two readings"
            )
            : null;

    Missing? Attached()
    {
        if (_program is not null)
            return null;
        var isFinal = _refusal is { Reason: Absence.NotPermitted or Absence.NotPresent };
        if (_refusal is not null && (isFinal || time.GetElapsedTime(_refusedAt) < BetweenAttempts))
            return _refusal;
        var attached = _attaching?.Result ?? attach();
        _attaching = null;
        _refusal = attached.TryGet(out _program) ? null : attached.Missing;
        _refusedAt = time.GetTimestamp();
        return _refusal;
    }

    /// <summary>Adds what was refused since the last reading.</summary>
    Missing? Update(Reading<ProcessTable> processes)
    {
        // CLOCK_MONOTONIC, as the kernel takes it.
        var boot = time.GetUtcNow() - Stopwatch.GetElapsedTime(0);
        var seen = new Dictionary<string, Seen>(StringComparer.Ordinal);
        var failure = _program!.ReadAll(
            (key, value) =>
            {
                var record = new RefusedConnectRecord(key, value);
                var name = record.Name;
                var before =
                    _seen.TryGetValue(name, out var known) && known.First == record.First
                        ? known
                        : new(record.First, 0, NameOf(record, processes));
                seen[name] = before with { Count = record.Count };
                if (record.Count > before.Count)
                    Add(record, record.Count - before.Count, before.Process, boot);
            }
        );
        if (failure is null)
            _seen = seen;
        return failure;
    }

    void Add(in RefusedConnectRecord record, long count, string process, DateTimeOffset boot)
    {
        _counted += (ulong)count;
        if (!_tallies.TryGetValue(record.NetworkNamespace, out var tally))
            _tallies[record.NetworkNamespace] = tally = new(worst) { ListedAt = time.GetTimestamp() };
        tally.Refused.Add(
            new()
            {
                Process = process,
                Pid = record.Pid,
                IsPidLocal = ArePidsSame,
                Destination = new IPEndPoint(record.Address.ToIPAddress(), record.Port),
                CgroupId = record.CgroupId,
                Count = count,
                Last = boot + TimeSpan.FromTicks(record.Last / TimeSpan.NanosecondsPerTick),
            }
        );
    }

    Dictionary<FileIdentity, Reading<RefusedConnects>> Values(NetworkNamespaces namespaces)
    {
        var values = new Dictionary<FileIdentity, Reading<RefusedConnects>>();
        foreach (var netns in namespaces.All)
        {
            if (netns.Inode is not { } inode)
                continue;
            var refused = RefusedConnects.None;
            if (_tallies.TryGetValue(inode, out var tally))
            {
                tally.ListedAt = time.GetTimestamp();

                // The kernel gives the inode of a namespace that ended to the next new one.
                if (tally.Refused.Last + NetworkNamespaces.Precision < netns.Since)
                    _ = _tallies.Remove(inode);
                else
                    refused = tally.Refused.ToRefusedConnects();
            }

            values[netns.Identity] = refused;
        }

        foreach (var (inode, tally) in _tallies)
        {
            if (time.GetElapsedTime(tally.ListedAt) > Forgotten)
                _ = _tallies.Remove(inode);
        }

        return values;
    }

    /// <summary>
    /// The kernel counts processes in its first pid namespace, so its ids are those of the procfs only where that shows
    /// the same one.
    /// </summary>
    bool ArePidsSame => _arePidsSame ??= PidNamespace.IsFirst(proc);

    /// <summary>Returns the name of a process as other metrics have it.</summary>
    string NameOf(in RefusedConnectRecord record, Reading<ProcessTable> processes)
    {
        if (ArePidsSame && processes.TryGet(out var table))
        {
            foreach (var process in table.Processes)
            {
                if (process.Pid == record.Pid)
                    return process.Name;
            }
        }

        return record.Comm;
    }

    /// <summary>An element of the kernel's map at the last reading.</summary>
    sealed record Seen(long First, long Count, string Process);

    sealed class Tally(int worst)
    {
        public RefusalTally Refused { get; } = new(worst);

        public long ListedAt { get; set; }
    }
}
