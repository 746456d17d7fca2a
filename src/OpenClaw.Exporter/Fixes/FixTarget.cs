using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Fixes;

/// <summary>A problem of a diagnosis that a fix is for.</summary>
/// <param name="Title">Its heading, with its place.</param>
/// <param name="Condition">The severity.</param>
/// <param name="Evidence">The used amount and limit, or the failure as a sentence.</param>
/// <param name="Remedy">The remedy.</param>
sealed record FixTarget(string Title, PoolCondition Condition, string Evidence, Remedy Remedy)
{
    /// <summary>The problem, as episodes name it.</summary>
    public required FixProblem About { get; init; }

    /// <summary>The pool and place by which it is found in a later diagnosis; null for a failure.</summary>
    Finding? Level { get; init; }

    /// <summary>Finds a problem.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="problem">Its number from 1, or the name of a pool or failure; null for the first one.</param>
    /// <param name="subject">A part of the place's name, or the network namespace; null for the fullest.</param>
    /// <returns>None where there is no problem; failed where there is none of this name.</returns>
    public static Reading<FixTarget> Find(Diagnosis diagnosis, string? problem, string? subject)
    {
        var problems = diagnosis.Problems.Where(static problem => problem.Phase != Phase.Over).ToList();
        if (problem is null)
        {
            return problems is [var first, ..]
                ? From(first)
                : new Missing(Absence.NotPresent, "no problem that needs a fix");
        }

        if (int.TryParse(problem, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            if (subject is not null)
                return new Missing(Absence.Failed, $"'{subject}' after number {number}: a number has no subject");
            return number >= 1 && number <= problems.Count
                ? From(problems[number - 1])
                : new Missing(Absence.Failed, $"no problem {number}: diagnose shows {problems.Count}");
        }

        if (ShortWays.Find(diagnosis, problem, subject) is { } level)
            return From(level);
        if (subject is null && problems.Find(other => other.Name == problem) is { } named)
            return From(named);
        var names = string.Join(", ", problems.Select(static other => other.Name).Distinct());
        return new Missing(
            Absence.Failed,
            $"no problem '{problem}'{(subject is null ? "" : $" with '{subject}'")}: "
                + $"{(names.Length == 0 ? "diagnose shows none" : $"diagnose shows {names}")}"
        );
    }

    /// <summary>Returns the state of the same resource in a later diagnosis, in words.</summary>
    public string Later(Diagnosis diagnosis)
    {
        if (Level is null)
            return diagnosis.Condition >= PoolCondition.Unknown ? Verdicts.Summarize(diagnosis) : "no problem";
        var later = diagnosis.Findings.FirstOrDefault(finding =>
            finding.Pool == Level.Pool
            && finding.Level.Netns == Level.Level.Netns
            && finding.Level.Subject == Level.Level.Subject
            && finding.Level.Pid == Level.Level.Pid
        );
        if (later is not null)
            return Verdicts.Evidence(later.Pool, later.Level);
        return diagnosis.StateOf(Level.Pool).Unread is { } unread ? $"unknown: {unread.Detail}" : "not in use any more";
    }

    static FixTarget From(Problem problem)
    {
        if (problem.Worst is { } worst)
            return From(worst);
        var netns = problem.Namespaces is [var only] ? only : "";
        return new(problem.Title, problem.Condition, problem.Evidence, problem.Remedy)
        {
            About = new(problem.Name, netns, ""),
        };
    }

    static FixTarget From(Finding finding)
    {
        var place = Verdicts.Place(finding.Level);
        return new(
            place.Length > 0 ? $"{finding.Pool.Title} ({place})" : finding.Pool.Title,
            finding.Condition,
            Verdicts.Evidence(finding.Pool, finding.Level),
            finding.Remedy
        )
        {
            About = new(
                finding.Pool.Name,
                finding.Level.Netns,
                finding.Pool.Scope == PoolScope.Process ? finding.Level.Subject : ""
            ),
            Level = finding,
        };
    }
}
