using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Remedies;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Problems;

/// <summary>
/// The commands of this program for a problem. <c>fix</c> makes the changes of its remedy and can undo them.
/// <c>verify</c> tests whether connections work again.
/// </summary>
static class ShortWays
{
    const string Fix = "openclaw-exporter fix ";
    const string Verify = "openclaw-exporter verify";

    /// <summary>
    /// Returns the command that fixes a level; null where no command helps. It names the pool, and a part of the place
    /// where the name alone would find another level.
    /// </summary>
    /// <param name="worst">The level.</param>
    /// <param name="diagnosis">The diagnosis that it belongs to.</param>
    public static string? FixOf(Finding worst, Diagnosis diagnosis)
    {
        if (!CanFix(worst.Remedy))
            return null;
        string?[] subjects = [null, worst.Level.Netns, worst.Level.Subject, Verdicts.Place(worst.Level)];
        foreach (var subject in subjects)
        {
            if (subject?.Length != 0 && Find(diagnosis, worst.Pool.Name, subject) == worst)
                return Fix + worst.Pool.Name + (subject is null ? "" : $" {ShellWord.Quote(subject)}");
        }

        return null;
    }

    /// <summary>Returns the command that fixes a failure; null where no command helps.</summary>
    public static string? FixOf(SymptomFinding failure, Remedy remedy) =>
        CanFix(remedy) ? Fix + failure.Symptom.Name : null;

    /// <summary>Returns the command that tests for connections; null where the pool is not about any.</summary>
    /// <param name="worst">The level.</param>
    /// <param name="diagnosis">The diagnosis that it belongs to.</param>
    public static string? CheckOf(Finding worst, Diagnosis diagnosis)
    {
        if (!worst.Pool.IsOfConnections || worst.Level.About is PortSubject { Protocol: PortProtocol.Udp })
            return null;
        var netns = worst.Level.Netns;
        return netns.Length == 0 || netns == diagnosis.Primary.Name
            ? Verify
            : $"{Verify} --netns={ShellWord.Quote(netns)}";
    }

    /// <summary>Returns the first level at a threshold by its pool and a part of its place; null without one.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="pool">The name of the pool.</param>
    /// <param name="subject">A part of the place's name, or the network namespace; null for the fullest.</param>
    public static Finding? Find(Diagnosis diagnosis, string pool, string? subject) =>
        diagnosis.Findings.FirstOrDefault(finding =>
            finding.Condition >= PoolCondition.Warning && finding.Pool.Name == pool && Matches(finding, subject)
        );

    static bool Matches(Finding finding, string? subject) =>
        subject is null
        || finding.Level.Netns == subject
        || finding.Level.Subject.Contains(subject, StringComparison.OrdinalIgnoreCase)
        || Verdicts.Place(finding.Level).Contains(subject, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns true for a remedy whose changes fix can make. It needs the name of a bridge.</summary>
    public static bool CanFix(Remedy remedy) =>
        !remedy.Changes.IsEmpty && !remedy.Changes.Any(static change => change is BridgePortRemoval { Bridge: null });
}
