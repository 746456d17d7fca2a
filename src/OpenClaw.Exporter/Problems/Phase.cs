namespace OpenClaw.Exporter.Problems;

/// <summary>The phase of a problem.</summary>
enum Phase
{
    /// <summary>It failed within the last five minutes, and nothing fails any more.</summary>
    Over,

    /// <summary>It is at a threshold, and nothing fails yet.</summary>
    Close,

    /// <summary>Calls are refused or packets are dropped now, or nothing is left.</summary>
    Failing,
}
