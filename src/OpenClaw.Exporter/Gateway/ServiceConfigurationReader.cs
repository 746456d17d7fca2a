using System.Collections.Immutable;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Reads the configuration files of OpenClaw.</summary>
/// <param name="patterns">The paths; the last part of each may contain stars.</param>
sealed class ServiceConfigurationReader(ImmutableArray<string> patterns)
    : Reader<ServiceConfiguration>("service_configuration", string.Join(", ", patterns))
{
    Dictionary<string, ParsedFile<ServiceLimits>> _files = [];

    protected override Reading<ServiceConfiguration> Read(SamplingPass sampling)
    {
        var services = new Dictionary<string, ServiceLimits>();
        var files = new Dictionary<string, ParsedFile<ServiceLimits>>();
        Missing? failure = null;
        foreach (
            var reading in patterns
                .SelectMany(Files)
                .Take(ExporterBounds.ServiceFiles)
                .Select(file => file.Then(path => At(path).Read()))
        )
        {
            if (reading.TryGet(out var limits))
                services.TryAdd(limits.Service, limits);
            else if (reading.Missing!.IsUnseen)
                failure ??= reading.Missing;
        }

        _files = files;

        return services.Count == 0 && failure is null
            ? new Missing(Absence.NotPresent, $"{Source}: no such file")
            : new ServiceConfiguration([.. services.Values], failure);

        ParsedFile<ServiceLimits> At(string path) =>
            files[path] = _files.TryGetValue(path, out var known) ? known : ServiceFile.At(path);
    }

    protected override Missing? Shortfall(ServiceConfiguration value) => value.Failure;

    /// <summary>Returns the files of a pattern, or the reason why they cannot be listed.</summary>
    static IEnumerable<Reading<string>> Files(string pattern)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(pattern)) is not { } folder || pattern.EndsWith('/'))
            return [new Missing(Absence.Malformed, $"{pattern}: is a directory; expected a file, or a pattern")];
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
