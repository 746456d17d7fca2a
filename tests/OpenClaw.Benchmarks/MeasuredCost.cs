using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace OpenClaw.Benchmarks;

/// <summary>The table of the README with the measured cost.</summary>
static class MeasuredCost
{
    const string Readme = "README.md";

    /// <summary>Prints the table. Writes it into the README where committed text is to be written anew.</summary>
    public static void Publish(IReadOnlyList<MachineResult> results)
    {
        var rendered =
            Machine()
            + "\n\n"
            + GeneratedFile.Table(
                [
                    "CPU of a scrape, peak memory",
                    "this exporter",
                    "node_exporter",
                    "process-exporter",
                    "`ss -tan`",
                    "CPU, relative to both exporters",
                ],
                results.Select(static result =>
                    new[]
                    {
                        result.Name,
                        Cell(result.Ours),
                        Cell(result.NodeExporter),
                        Cell(result.ProcessExporter),
                        Milliseconds(result.Listing.TotalMilliseconds),
                        result.RatioOfBoth.ToString("F2", CultureInfo.InvariantCulture),
                    }
                )
            );
        Console.WriteLine(rendered);
        if (!GeneratedFile.IsUpdated)
            return;
        var path = Repository.PathOf(Readme);
        File.WriteAllText(path, GeneratedFile.Replaced(Readme, File.ReadAllText(path), "cost", rendered));
    }

    static string Cell(Measures measures) =>
        string.Create(CultureInfo.InvariantCulture, $"{Milliseconds(measures.Cpu)}, {measures.PeakMegabytes:F0} MB");

    static string Milliseconds(double value) =>
        value.ToString(value < 10 ? "F1" : "N0", CultureInfo.InvariantCulture) + " ms";

    static string Machine() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Measured on {Environment.ProcessorCount} virtual cores, {RuntimeInformation.OSArchitecture}, "
                + $"Linux {Kernel()}, with node_exporter {Version(Contestant.NodeExporter)} and "
                + $"process-exporter {Version(Contestant.ProcessExporter)}:"
        );

    static string Kernel() => File.ReadAllText("/proc/sys/kernel/osrelease").Split('-')[0].Trim();

    /// <summary>Returns the version of a Debian package, which has the name of its program.</summary>
    static string Version(string program)
    {
        using var query = Process.Start(
            new ProcessStartInfo("dpkg-query", ["-W", "-f", "${Version}", program]) { RedirectStandardOutput = true }
        )!;
        return query.StandardOutput.ReadToEnd().Split('-')[0];
    }
}
