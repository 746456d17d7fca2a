using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Kernel.Namespaces;

namespace OpenClaw.Exporter.Problems;

/// <summary>Writes the headlines of diagnoses and problems: the holder and the part that it holds.</summary>
static class Headlines
{
    /// <summary>The part of a resource from which its holder is the headline.</summary>
    const double Most = 0.5;

    /// <summary>Returns the headline of a diagnosis, without a full stop.</summary>
    public static string From(Diagnosis diagnosis)
    {
        if (Current(diagnosis) is { } worst)
            return worst.Headline;
        var unread = diagnosis.Pools.Count(static state => state.Unread is not null);
        if (unread > 0)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"Cannot tell: {unread} of {diagnosis.Pools.Length} resources could not be read"
            );
        }

        if (diagnosis.Evaluation.UnreadSymptom is { } counter)
            return $"Cannot tell: {counter.Symptom.Words} could not be read";
        if (diagnosis.RuntimeUnread is not null)
            return "Cannot tell: the state of OpenClaw could not be read";
        return diagnosis.Findings.IsEmpty
            ? "Cannot tell: no network resource could be read"
            : $"No network resource is near its limit{Verdicts.InVisible(diagnosis)}";
    }

    /// <summary>Returns the problem of the headline: the worst that is not over; null where there is none.</summary>
    public static Problem? Current(Diagnosis diagnosis) =>
        diagnosis.Problems.FirstOrDefault(static problem => problem.Phase != Phase.Over);

    /// <summary>Returns the facts beside the headline where there is no problem.</summary>
    public static ImmutableArray<Fact> Calm(Diagnosis diagnosis)
    {
        var facts = ImmutableArray.CreateBuilder<Fact>();
        var unseen = UnseenPart.Collect(diagnosis).Where(static part => part.IsPool).ToList();
        if (unseen is [var first, ..])
        {
            facts.Add(new(string.Join(", ", unseen.Select(static part => part.What)), "not seen"));
            facts.Add(new(first.Why, unseen.Count == 1 ? "the reason" : "the first reason"));
        }

        if (unseen.Select(static part => part.Help).FirstOrDefault(static help => help.Length > 0) is { } help)
            facts.Add(new(help, "would help"));
        if (diagnosis.Findings.FirstOrDefault(static finding => finding.Level.Utilization is not null) is { } fullest)
        {
            var known = diagnosis.Condition == PoolCondition.Ok ? "fullest resource" : "fullest known resource";
            facts.Add(new($"{fullest.Pool.Label}: {Verdicts.Percent(fullest.Level)}", known));
        }

        return facts.ToImmutable();
    }

    /// <summary>
    /// Returns the headline of a full pool, such as "node (pid 7) holds 198 of 200 ports to 10.0.0.5:443".
    /// </summary>
    public static string From(Finding finding)
    {
        var netns = NamespaceOf(finding);
        if (finding.Pool == PoolCatalogue.AcceptQueueConnections)
        {
            var state = HolderWords.Sentence(finding) is { Length: > 0 } words ? $": {words}" : "";
            return $"{Verdicts.Amount(finding)} connections wait at {Verdicts.Place(finding.Level)}{state}";
        }

        var isOfProcess = finding.Level.Pid is not null && finding.Level.Limit > 0;
        if (isOfProcess)
        {
            var place = Verdicts.Place(finding.Level);
            var pattern = finding.Holders.Pattern is { } most ? $", {most.Clause}" : "";
            return $"{place} uses {Verdicts.Amount(finding)} {finding.Pool.Unit}{pattern}";
        }

        var of = About(finding.Level.About);
        var holder =
            finding.Holders.Worst is [var worst, ..] && worst.Count >= Most * finding.Level.Used ? worst : null;
        if (holder is not null && HolderWords.Sentence(finding) is { Length: > 0 } sentence)
            return $"{(holder.Process is null ? Verdicts.Capitalized(sentence) : sentence)}{of}{netns}";
        return of.Length > 0
            ? $"{Verdicts.Amount(finding)} {finding.Pool.Unit}{of}{netns} are in use"
            : Verdicts.Sentence(finding);
    }

    /// <summary>Returns the codes that OpenClaw reports or will report, and how soon.</summary>
    public static string CodesOf(Problem problem)
    {
        var code = problem.Codes[0];
        return problem switch
        {
            { IsReported: true } => $"OpenClaw reports {code}",
            { Phase: Phase.Failing } => $"OpenClaw may report {code}",
            { Worst: { } worst } when Verdicts.More(worst) is { } more => $"{code} after {more}",
            _ => $"{code} if full",
        };
    }

    static string About(Subject about) =>
        about switch
        {
            ConnectSubject { Ports.Destination: { } destination } connect => Udp(connect) + $" to {destination}",
            ConnectSubject connect => Udp(connect) + " to any new destination",
            BindSubject bind => Udp(bind) + $" for bind() on {bind.Ports.Address}",
            _ => "",
        };

    static string Udp(PortSubject about) => about.Protocol == PortProtocol.Udp ? " of UDP" : "";

    static string NamespaceOf(Finding finding) =>
        finding.Level.Netns is "" or NetworkNamespaces.Self or NetworkNamespaces.Host
            ? ""
            : $" in {finding.Level.Netns}";
}
