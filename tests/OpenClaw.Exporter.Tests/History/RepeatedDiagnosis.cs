using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Tests;

/// <summary>Repeats a diagnosis, for a timeline of more than one point.</summary>
static class RepeatedDiagnosis
{
    /// <summary>Judges the same readings again at later times.</summary>
    public static Diagnosis Repeat(this Diagnosis diagnosis, int times, TimeSpan apart)
    {
        for (var i = 0; i < times; i++)
        {
            var again = new Snapshot(diagnosis.Snapshot.Time + apart, diagnosis.Snapshot.Runs);
            diagnosis = Diagnosis.Judge(again, earlier: diagnosis.Timeline);
        }

        return diagnosis;
    }
}
