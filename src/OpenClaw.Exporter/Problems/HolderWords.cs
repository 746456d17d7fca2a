using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Problems;

/// <summary>Writes the holders of a resource in words.</summary>
static class HolderWords
{
    /// <summary>Growth below this number an hour is none.</summary>
    const double LeastGrowth = 1;

    /// <summary>
    /// Returns the worst holder and its part as a sentence, such as "node (pid 7) holds 198 of 200 ports". Empty where
    /// no holder is known. Where the level is about that process itself, its descriptors are described.
    /// </summary>
    public static string Sentence(Finding finding)
    {
        if (finding.Holders.TimeWait > finding.Holders.Worst.Select(static worst => worst.Count).FirstOrDefault())
            return Waiting(finding);
        if (finding.Holders.Worst is not [var worst, ..] || finding.Level.Pid == worst.Process?.Pid)
            return finding.Holders.Pattern?.Sentence ?? "";
        if (finding.Holders.Unaccounted > worst.Count)
            return "";
        var isAccepting = finding.Pool == PoolCatalogue.AcceptQueueConnections;
        if (isAccepting && worst.Halt is { } state)
            return $"{worst.Name} is {state}";

        // As much as the first one, and together more than there is: the same sockets, in several processes.
        if (finding.Holders.Worst is [_, { Process: not null } other, ..] && IsShared(finding, worst, other))
        {
            return isAccepting
                ? $"{worst.Name} and {other.Name} do not accept them in time"
                : $"{worst.Name} and {other.Name} share {Part(finding, worst)}";
        }

        if (isAccepting)
            return $"{worst.Name} does not accept them in time";
        return $"{worst.Name} {(worst.IsPlural || worst.Processes > 1 ? "hold" : "holds")} {Part(finding, worst)}";
    }

    static bool IsShared(Finding finding, Holder one, Holder other) =>
        one.Process is not null && other.Count == one.Count && one.Count + other.Count > finding.Level.Used;

    /// <summary>
    /// Returns each holder with its part and owner, and last what no process holds or what may not be seen.
    /// </summary>
    public static ImmutableArray<string> Lines(Finding finding) =>
        [.. finding.Holders.Worst.Select(holder => Line(finding, holder)), .. Notes(finding)];

    /// <summary>Returns what no process holds or what may not be seen.</summary>
    public static ImmutableArray<string> Notes(Finding finding) =>
        finding.Holders.Shortfall is { } why
            ? [.. finding.Holders.Notes, $"not all are known: {why.Detail}{Privileges.InWords("socket_holders", why)}"]
            : finding.Holders.Notes;

    /// <summary>Returns the owner: its container by name, else its cgroup; empty when it is unknown.</summary>
    public static string OwnerOf(Holder holder)
    {
        var container = ContainerWords.Describe(holder.Owner.Container, holder.Container);
        if (container.Length > 0)
            return container;
        return holder.Owner.Cgroup is "" or "/" ? "" : $"cgroup {holder.Owner.Cgroup}";
    }

    /// <summary>Returns the ports that no process holds, and the process that holds most of the others.</summary>
    static string Waiting(Finding finding)
    {
        var waiting = new Holder("", finding.Holders.TimeWait);
        var words = $"{Part(finding, waiting)} are in TIME_WAIT, without a process";
        return finding.Holders.Worst is [var worst, ..]
            ? string.Create(CultureInfo.InvariantCulture, $"{words}; {worst.Name} has {worst.Count:N0}")
            : words;
    }

    static string Line(Finding finding, Holder holder)
    {
        var parts = new List<string> { $"{holder.Name}: {Part(finding, holder)}" };
        if (holder.Halt is { } state)
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

    /// <summary>
    /// Returns the growth in a minute, or in an hour where it is slow; empty where it is unknown or none.
    /// </summary>
    public static string Growth(Holder holder) =>
        holder.PerHour switch
        {
            >= 60 and var perHour => string.Create(CultureInfo.InvariantCulture, $"+{perHour / 60:N0} a minute"),
            >= LeastGrowth and var perHour => string.Create(CultureInfo.InvariantCulture, $"+{perHour:N0} an hour"),
            _ => "",
        };

    static string Part(Finding finding, Holder holder) =>
        (finding.Pool.Unit, finding.Level.Limit) switch
        {
            ("bytes", { } limit) => $"{ByteSize.Format(holder.Count)} of {ByteSize.Format(limit)}",
            ("bytes", null) => ByteSize.Format(holder.Count),
            (var unit, { } limit) => string.Create(
                CultureInfo.InvariantCulture,
                $"{holder.Count:N0} of {Math.Max(limit, holder.Count):N0} {unit}"
            ),
            var (unit, _) => Counted.Format((long)holder.Count, unit),
        };
}
