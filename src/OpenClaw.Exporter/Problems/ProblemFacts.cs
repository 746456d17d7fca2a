using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Wording;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Problems;

/// <summary>Writes the facts that an operator needs first: the owner, the rest, the begin and the kind.</summary>
static class ProblemFacts
{
    /// <summary>Returns the facts that are known; unknown ones are left out.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="timeline">The utilisations until now.</param>
    /// <param name="now">The time of the snapshot.</param>
    public static ImmutableArray<Fact> Collect(Problem problem, Timeline timeline, DateTimeOffset now) =>
        [
            .. new[]
            {
                OwnerOf(problem),
                LeftOf(problem, timeline),
                SinceOf(problem.Since, now),
                problem.Kind,
                problem.Worst is { } worst ? PathOf(worst) : null,
            }.OfType<Fact>(),
        ];

    /// <summary>Returns what the connections of a destination do; null for other resources.</summary>
    public static Fact? KindOf(Finding finding)
    {
        if (finding.Level.About is not ConnectSubject { Protocol: PortProtocol.Tcp, Ports: { Own: > 0 } use })
            return null;
        var text = $"{Count(use.IdleWithoutKeepalive)} idle, {Count(use.TimeWait)} in TIME_WAIT";
        if (2 * use.IdleWithoutKeepalive > use.Own)
            return new(text, "without keepalive: a leak, or no connection pool");
        return new(text, 2 * use.TimeWait > use.Own ? "a new connection for each request" : "");
    }

    /// <summary>Returns the round trip and retransmits to a destination; null where they are unknown.</summary>
    public static Fact? PathOf(Finding finding)
    {
        if (finding.Level.About is not ConnectSubject { Ports.Path: { RoundTrip: { } time } path })
            return null;
        var again = path.Retransmits == 0 ? "no retransmits" : Counted.Format(path.Retransmits, "retransmits");
        return new($"round trip {ShortTime(time)}", $"{again} of open sockets");
    }

    /// <summary>Returns microseconds, or milliseconds with a digit below ten: 40 µs, 3.2 ms, 180 ms.</summary>
    static string ShortTime(TimeSpan time) =>
        time.TotalMilliseconds switch
        {
            < 1 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMicroseconds:0} µs"),
            < 10 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:#,0} ms"),
        };

    static Fact? OwnerOf(Problem problem)
    {
        var netns = NamespaceOf(problem);
        if (problem.Holders is [var worst, ..] && HolderWords.OwnerOf(worst) is { Length: > 0 } owner)
            return Split(owner, netns);
        if (problem.Owner.StartsWith(Unknown, StringComparison.Ordinal))
            return new("owner unknown", problem.Owner[Unknown.Length..]);
        if (problem.Owner.Length > 0)
            return Split(problem.Owner, netns);
        return netns.Length > 0 ? new(netns, "") : null;
    }

    const string Unknown = "unknown: ";
    const string Cgroup = "cgroup ";

    /// <summary>Returns the pod, container or unit, and as details the path and the network namespace.</summary>
    static Fact Split(string owner, string netns)
    {
        var (first, rest) = owner.IndexOf(", ", StringComparison.Ordinal) is > 0 and var comma
            ? (owner[..comma], owner[(comma + 2)..])
            : (owner, "");
        if (first.StartsWith(Cgroup, StringComparison.Ordinal) && first.LastIndexOf('/') is > 0 and var slash)
            (first, rest) = (first[(slash + 1)..], rest.Length > 0 ? $"{rest}, {first}" : first);
        return new(first, string.Join(", ", new[] { rest, netns }.Where(static part => part.Length > 0)));
    }

    static string NamespaceOf(Problem problem) =>
        problem.Namespaces switch
        {
            [] or [NetworkNamespaces.Self or NetworkNamespaces.Host] => "",
            [var only] => $"network namespace {only}",
            var several => string.Create(CultureInfo.InvariantCulture, $"{several.Length} network namespaces"),
        };

    static Fact? LeftOf(Problem problem, Timeline timeline)
    {
        if (problem.Worst is not { } worst)
            return null;
        var growth = problem.Holders is [var first, ..] ? HolderWords.Growth(first) : "";
        var trend = problem.When(timeline);
        return new(
            Verdicts.Left(worst) is { } left ? $"{left} left" : $"{Verdicts.Amount(worst)} used",
            growth.Length > 0 ? $"{trend}, {growth}" : trend
        );
    }

    static Fact? SinceOf(Since? since, DateTimeOffset now)
    {
        if (since is null)
            return null;
        var time = now - since.Time < TimeSpan.FromSeconds(1) ? "just now" : Durations.Format(now - since.Time);
        return new($"since {Moments.Clock(since.Time)}", since.IsBegin ? time : $"{time} or longer");
    }

    static string Count(int number) => number == 0 ? "none" : number.ToString("N0", CultureInfo.InvariantCulture);
}
