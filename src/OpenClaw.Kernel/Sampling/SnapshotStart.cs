using System.Diagnostics;

namespace OpenClaw.Kernel.Sampling;

/// <summary>The begin of a snapshot, for the readers of its other namespaces.</summary>
/// <param name="time">The time, as a <see cref="Stopwatch"/> has it.</param>
sealed class SnapshotStart(long time)
{
    public long Time => time;
}
