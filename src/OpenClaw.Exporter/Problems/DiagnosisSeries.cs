using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.History;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Problems;

/// <summary>Diagnoses one after the other, each compared with the earlier ones.</summary>
/// <param name="sampler">Reads the kernel; disposed of with the series.</param>
/// <param name="readers">The readers of the sampler; disposed of with the series.</param>
/// <param name="namespacesShown">The number of network namespaces that are shown one by one.</param>
/// <param name="patience">The time limit of a reading.</param>
sealed class DiagnosisSeries(Sampler sampler, IDisposable readers, int namespacesShown, TimeSpan patience) : IDisposable
{
    Timeline _timeline = Timeline.Empty;

    /// <summary>The thresholds of the flags; null for those of the pools.</summary>
    public PoolThresholds? Thresholds { get; init; }

    /// <summary>Reads the kernel and makes the next diagnosis.</summary>
    public async Task<Diagnosis> NextAsync()
    {
        var diagnosis = Diagnosis.Judge(await sampler.SampleAsync(patience), namespacesShown, _timeline, Thresholds);
        _timeline = diagnosis.Timeline;
        return diagnosis;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        sampler.Dispose();
        readers.Dispose();
    }
}
