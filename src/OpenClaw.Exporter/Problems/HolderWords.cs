using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Problems;

/// <summary>Writes the holders of a resource in words.</summary>
static class HolderWords
{
    /// <summary>Growth below this number an hour is none.</summary>
    const double LeastGrowth = 1;

    /// <summary>
    /// Returns the worst holder and its part as a sentence, such as "node (pid 7) holds 198 of 200 ports". Empty where
    /// no holder is known, or where the level is about that process itself.
    /// </summary>
    public static string Sentence(Finding finding)
    {
        if (finding.Holders.Worst is not [var worst, ..] || finding.Level.Pid == worst.Process?.Pid)
            return "";
        if (finding.Pool == PoolCatalogue.AcceptQueueConnections)
            return $"{worst.Name} {(StateOf(worst) is { } state ? $"is {state}" : "does not accept them in time")}";
        return $"{worst.Name} {(worst.Processes > 1 ? "hold" : "holds")} {Part(finding, worst)}";
    }

    /// <summary>
    /// Returns each holder with its part and owner, and last what no process holds or what may not be seen.
    /// </summary>
    public static ImmutableArray<string> Lines(Finding finding)
    {
        var holders = finding.Holders;
        var lines = holders.Worst.Select(holder => Line(finding, holder));
        if (holders.WithoutProcess.Length > 0)
            lines = lines.Append(holders.WithoutProcess);
        if (holders.Shortfall is { } why)
            lines = lines.Append($"not all are known: {why.Detail}{Needed(why)}");
        return [.. lines];
    }

    /// <summary>Returns the owner: its container by name, else its cgroup; empty when it is unknown.</summary>
    static string OwnerOf(Holder holder)
    {
        var container = ContainerWords.Describe(holder.Owner.Container, holder.Container);
        if (container.Length > 0)
            return container;
        return holder.Owner.Cgroup is "" or "/" ? "" : $"cgroup {holder.Owner.Cgroup}";
    }

    static string Line(Finding finding, Holder holder)
    {
        var parts = new List<string> { $"{holder.Name}: {Part(finding, holder)}" };
        if (StateOf(holder) is { } state)
            parts.Add(state);
        if (holder.Process is { } process && process.InnerPid != process.Pid)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"pid {process.InnerPid} inside"));
        if (holder.Process is not null && OwnerOf(holder) is { Length: > 0 } owner)
            parts.Add(owner);
        if (holder.Oldest is { } oldest)
            parts.Add($"the oldest for at least {Durations.Format(oldest)}");
        if (holder.PerHour is { } perHour and >= LeastGrowth)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{perHour:N0} more an hour"));
        return string.Join(", ", parts);
    }

    static string Part(Finding finding, Holder holder) =>
        finding.Level.Limit is { } limit
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{holder.Count:N0} of {Math.Max(limit, holder.Count):N0} {finding.Pool.Unit}"
            )
            : string.Create(CultureInfo.InvariantCulture, $"{holder.Count:N0} {finding.Pool.Unit}");

    /// <summary>Returns the state of a process that does not run; null for one that does.</summary>
    static string? StateOf(Holder holder) =>
        holder.Process?.State switch
        {
            'T' or 't' => "stopped",
            'D' => "blocked in the kernel",
            _ => null,
        };

    static string Needed(Missing why) =>
        why.Reason == Absence.NotPermitted && Privileges.CapabilityOf("socket_holders") is { Length: > 0 } capability
            ? $" (needs {capability})"
            : "";
}
