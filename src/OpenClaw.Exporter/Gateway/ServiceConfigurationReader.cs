using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Reads the configuration files of OpenClaw.</summary>
/// <param name="patterns">The paths; the last part of each may contain stars.</param>
sealed class ServiceConfigurationReader(ImmutableArray<string> patterns)
    : Reader<ServiceConfiguration>("service_configuration", string.Join(", ", patterns))
{
    const int FilesAtMost = 200;

    protected override Reading<ServiceConfiguration> Read(SamplingPass sampling)
    {
        var services = new Dictionary<string, ServiceLimits>();
        Missing? failure = null;
        foreach (
            var reading in patterns
                .SelectMany(Files)
                .Take(FilesAtMost)
                .Select(static file => file.Then(ServiceFile.Read))
        )
        {
            if (reading.TryGet(out var limits))
                services.TryAdd(limits.Service, limits);
            else if (reading.Missing!.IsUnseen)
                failure ??= reading.Missing;
        }

        return services.Count == 0 && failure is null
            ? new Missing(Absence.NotPresent, $"{Source}: no such file")
            : new ServiceConfiguration([.. services.Values], failure);
    }

    protected override Missing? Shortfall(ServiceConfiguration value) => value.Failure;

    /// <summary>Returns the files of a pattern, or the reason why they cannot be listed.</summary>
    static IEnumerable<Reading<string>> Files(string pattern)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(pattern))!;
        if (Folder.IsAbsent(folder))
            return [];
        try
        {
            return
            [
                .. Directory
                    .EnumerateFiles(folder, Path.GetFileName(pattern))
                    .Order(StringComparer.Ordinal)
                    .Select(static file => (Reading<string>)file),
            ];
        }
        catch (UnauthorizedAccessException)
        {
            return [new Missing(Absence.NotPermitted, $"{folder}: no permission to list its files")];
        }
        catch (IOException error)
        {
            return [new Missing(Absence.Failed, $"{folder}: {error.Message}")];
        }
    }
}
