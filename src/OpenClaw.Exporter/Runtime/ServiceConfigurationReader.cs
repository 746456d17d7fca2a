using System.Collections.Immutable;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Runtime;

/// <summary>Reads the configuration files of OpenClaw.</summary>
/// <param name="patterns">Paths; the last part of each may have stars.</param>
sealed class ServiceConfigurationReader(ImmutableArray<string> patterns)
    : Reader<ServiceConfiguration>("service_configuration", string.Join(", ", patterns))
{
    const int FilesAtMost = 200;

    protected override Reading<ServiceConfiguration> Read(Sampling sampling)
    {
        var services = new Dictionary<string, ServiceLimits>();
        Missing? failure = null;
        foreach (var file in patterns.SelectMany(Files).Take(FilesAtMost))
        {
            var reading = ServiceFile.Read(file);
            if (reading.TryGet(out var limits))
                services.TryAdd(limits.Service, limits);
            else if (reading.Missing!.Reason != Absence.NotPresent)
                failure ??= reading.Missing;
        }

        return services.Count == 0 && failure is null
            ? new Missing(Absence.NotPresent, $"{Source}: no such file")
            : new ServiceConfiguration([.. services.Values], failure);
    }

    protected override Missing? Shortfall(ServiceConfiguration value) => value.Failure;

    static IEnumerable<string> Files(string pattern)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(pattern))!;
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder, Path.GetFileName(pattern)).Order(StringComparer.Ordinal) : [];
    }
}
