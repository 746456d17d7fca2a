using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Problems;

/// <summary>A holder of a resource in words, one for each column of a table.</summary>
/// <param name="Name">The process, peer or owner.</param>
/// <param name="Pid">The process id; empty where the holder is no process.</param>
/// <param name="Owner">The container or unit; empty where it is unknown or the same as the name.</param>
/// <param name="Amount">The part that it holds.</param>
/// <param name="Share">The part in percent of the limit; empty without a limit.</param>
/// <param name="Oldest">The least age of the oldest part; empty where it is unknown.</param>
/// <param name="Growth">The growth in an hour or a minute; empty where it is unknown.</param>
sealed record HolderRow(
    string Name,
    string Pid,
    string Owner,
    string Amount,
    string Share,
    string Oldest,
    string Growth
)
{
    /// <summary>Returns a row for each holder, the worst first.</summary>
    public static ImmutableArray<HolderRow> From(Finding finding) =>
        [
            .. finding.Holders.Worst.Select(holder => new HolderRow(
                NameOf(holder),
                holder.Process is { } process ? PidOf(process.Pid, process.InnerPid) : "",
                HolderWords.OwnerOf(holder),
                finding.Pool.Unit == "bytes"
                    ? ByteSize.Format(holder.Count)
                    : holder.Count.ToString("N0", CultureInfo.InvariantCulture),
                finding.Level.Limit is > 0 and var limit ? Percentage.Format(Math.Min(holder.Count / limit, 1)) : "",
                holder.Oldest is { } oldest ? Durations.Format(oldest) : "",
                HolderWords.Growth(holder)
            )),
        ];

    /// <summary>Returns the name without the process id, which has a column of its own.</summary>
    static string NameOf(Holder holder)
    {
        if (holder.Process is not { } process)
            return holder.Name;
        var id = string.Create(CultureInfo.InvariantCulture, $" (pid {process.Pid}");
        var at = holder.Name.IndexOf(id, StringComparison.Ordinal);
        if (at < 0)
            return holder.Name;
        var rest = holder.Name[(at + id.Length)..];
        var state = holder.Halt is { } words ? $", {words}" : "";
        var end = rest.IndexOf(')', StringComparison.Ordinal);
        return end < 0 ? holder.Name : holder.Name[..at] + rest[..end] + rest[(end + 1)..] + state;
    }

    static string PidOf(int pid, int inner) =>
        pid == inner
            ? pid.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{pid} ({inner} inside)");
}
