using System.Collections.Immutable;
using System.Text.Json.Serialization;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Episodes;

/// <summary>
/// A problem from its begin to its end, with the evidence of its worst moment. It is plain data: the address
/// /api/v1/episodes, the state directory and the commands have the same form.
/// </summary>
sealed record Episode
{
    /// <summary>The number, which counts up; it goes on after a restart where there is a state directory.</summary>
    public required long Number { get; init; }

    /// <summary>The time of the first snapshot that showed the problem.</summary>
    public required DateTimeOffset Begin { get; init; }

    /// <summary>The time of the last snapshot that showed it; null while it lasts.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>
    /// False where the end is only the last time at which it was seen: the exporter stopped, or could not look.
    /// </summary>
    public required bool IsEndKnown { get; init; }

    /// <summary>The time of the last snapshot that showed it.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>The name of the pool or symptom.</summary>
    public required string Name { get; init; }

    /// <summary>The pool; null for a failure that no full pool explains.</summary>
    public string? Pool { get; init; }

    /// <summary>The process or service that it is about; empty where it is about the whole pool.</summary>
    public required string Subject { get; init; }

    /// <summary>The resource or failure in plain words, such as "Ephemeral connect ports".</summary>
    public required string Title { get; init; }

    /// <summary>The OpenClaw error codes, the likeliest first.</summary>
    public required ImmutableArray<string> Codes { get; init; }

    /// <summary>The likeliest OpenClaw error code; empty when there is none.</summary>
    [JsonIgnore]
    public string Code => Codes is [var code, ..] ? code : "";

    /// <summary>The worst condition that it reached: warning or critical.</summary>
    public required string Condition { get; init; }

    /// <summary>The worst phase that it reached: close or failing.</summary>
    public required string Phase { get; init; }

    /// <summary>The network namespaces in which it showed; empty for the whole machine.</summary>
    public required ImmutableArray<string> Netns { get; init; }

    /// <summary>The place at the worst moment: a destination or listener. Empty for the whole machine.</summary>
    public required string Place { get; init; }

    /// <summary>The holder of most of it at the worst moment; the place where none is known, or empty.</summary>
    public required string Who { get; init; }

    /// <summary>The fullest moment; null for a failure, and for a pool without a limit.</summary>
    public EpisodePeak? Peak { get; init; }

    /// <summary>The verdict at the worst moment, in one or two sentences.</summary>
    public required string Verdict { get; init; }

    /// <summary>The evidence at the worst moment: used amount and limit, or the failure as a sentence.</summary>
    public required string Evidence { get; init; }

    /// <summary>The failures and full pools that it caused at the worst moment.</summary>
    public required ImmutableArray<string> Effects { get; init; }

    /// <summary>The holders at the worst moment, the worst first.</summary>
    public required ImmutableArray<EpisodeHolder> Holders { get; init; }

    /// <summary>The same holders in words, and what no process holds.</summary>
    public required ImmutableArray<string> HolderLines { get; init; }

    /// <summary>The changes of the phase, oldest first. The phase over marks a break of more than a minute.</summary>
    public required ImmutableArray<EpisodePhase> Phases { get; init; }

    /// <summary>The utilisation in the five minutes before the begin, oldest first.</summary>
    public required ImmutableArray<EpisodeSample> Before { get; init; }

    /// <summary>The actions of the command fix for the problem, oldest first.</summary>
    public ImmutableArray<EpisodeFix> Fixes
    {
        // An earlier version wrote none.
        get => field.IsDefault ? [] : field;
        init;
    }

    /// <summary>True where no element is missing. Files and answers of other programs may lack some.</summary>
    [JsonIgnore]
    public bool IsWhole =>
        !Codes.IsDefault
        && !Codes.Contains(null!)
        && !Netns.IsDefault
        && !Netns.Contains(null!)
        && !Effects.IsDefault
        && !Effects.Contains(null!)
        && !Holders.IsDefault
        && !Holders.Contains(null!)
        && !HolderLines.IsDefault
        && !HolderLines.Contains(null!)
        && !Phases.IsDefault
        && !Phases.Contains(null!)
        && !Before.IsDefault
        && !Before.Contains(null!)
        && !Fixes.Contains(null!);

    /// <summary>True while it lasts.</summary>
    [JsonIgnore]
    public bool IsLasting => End is null;

    /// <summary>The time from its begin to its end, or to a time while it lasts.</summary>
    public TimeSpan Duration(DateTimeOffset now) => (End ?? now) is var end && end > Begin ? end - Begin : default;

    /// <summary>Returns the same episode after the wall clock was set.</summary>
    public Episode Shift(TimeSpan by) =>
        this with
        {
            Begin = Begin + by,
            End = End + by,
            LastSeen = LastSeen + by,
            Peak = Peak is { } peak ? peak with { Time = peak.Time + by } : null,
            Phases = [.. Phases.Select(change => change with { Time = change.Time + by })],
        };

    /// <summary>
    /// Returns true where it was failing at a time, within a tolerance on both sides. A problem that is only close to a
    /// limit explains no error.
    /// </summary>
    public bool WasFailing(DateTimeOffset time, TimeSpan tolerance)
    {
        for (var i = 0; i < Phases.Length; i++)
        {
            var until = i + 1 < Phases.Length ? Phases[i + 1].Time : End ?? LastSeen;
            if (Phases[i].Phase == "failing" && Phases[i].Time - tolerance <= time && time <= until + tolerance)
                return true;
        }

        return false;
    }
}

/// <summary>The fullest moment of a pool.</summary>
/// <param name="Time">The time of the snapshot that showed it.</param>
/// <param name="Used">The used amount, in the unit.</param>
/// <param name="Limit">The limit, in the unit.</param>
/// <param name="Utilization">The used amount divided by the limit, from 0 to 1.</param>
/// <param name="Left">The amount that was left until exhaustion, in the unit.</param>
/// <param name="Unit">The thing that is counted, as a plural.</param>
sealed record EpisodePeak(DateTimeOffset Time, double Used, double Limit, double Utilization, double Left, string Unit);

/// <summary>A holder of part of the resource.</summary>
/// <param name="Name">The holder in words: a process, a cgroup, a user or a destination.</param>
/// <param name="Process">The name of the process; null where it is none or may not be seen.</param>
/// <param name="Pid">The process id; null without a process.</param>
/// <param name="Count">The part that it held, in the unit of the pool.</param>
/// <param name="Cgroup">Its cgroup; empty when it is unknown.</param>
/// <param name="Container">The name or id of its container; empty outside a container.</param>
/// <param name="Pod">The name or UID of its pod; empty outside a pod.</param>
/// <param name="Unit">Its systemd unit; empty outside one.</param>
sealed record EpisodeHolder(
    string Name,
    string? Process,
    int? Pid,
    double Count,
    string Cgroup,
    string Container,
    string Pod,
    string Unit
)
{
    public static EpisodeHolder From(Holder holder) =>
        new(
            Bounded.Text(holder.Name),
            holder.Process is { } process ? Bounded.Text(process.Name) : null,
            holder.Process?.Pid,
            holder.Count,
            Bounded.Text(holder.Owner.Cgroup),
            Bounded.Text(holder.ContainerName),
            Bounded.Text(holder.PodName),
            Bounded.Text(holder.Owner.Unit)
        );
}

/// <summary>A change of the phase.</summary>
/// <param name="Time">The time of the snapshot that showed it.</param>
/// <param name="Phase">The phase from then on: over, close or failing.</param>
sealed record EpisodePhase(DateTimeOffset Time, string Phase);

/// <summary>An action of the command fix.</summary>
/// <param name="Time">The time.</param>
/// <param name="Fix">The number of the fix, for its undo.</param>
/// <param name="Action">The action: applied, kept or undone.</param>
/// <param name="Changes">The changes in words.</param>
sealed record EpisodeFix(DateTimeOffset Time, int Fix, string Action, string Changes);

/// <summary>A utilisation before the begin.</summary>
/// <param name="Seconds">The seconds before the begin.</param>
/// <param name="Utilization">The utilisation of the pool's fullest level, from 0 to 1.</param>
sealed record EpisodeSample(double Seconds, double Utilization);
