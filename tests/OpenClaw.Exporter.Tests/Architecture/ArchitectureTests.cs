using System.Collections.Immutable;
using System.Reflection;
using System.Text.RegularExpressions;
using OpenClaw.Exporter.Cli;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

/// <summary>The permitted dependencies between projects and folders.</summary>
public partial class ArchitectureTests(ITestOutputHelper output)
{
    const int LinesAtMost = 250;

    static readonly Assembly Kernel = typeof(Reader).Assembly;

    /// <summary>The files above the limit, with the reason that they stay whole.</summary>
    static readonly ImmutableDictionary<string, string> LongFiles = new Dictionary<string, string>
    {
        ["OpenClaw.Exporter/Catalogue/PoolCatalogue.cs"] = "one list: every pool with its texts",
        ["OpenClaw.Exporter/Catalogue/SymptomCatalogue.cs"] = "one list: every symptom with its texts",
        ["OpenClaw.Exporter/Catalogue/Alert.cs"] = "one list: every alert of a symptom with its texts",
        ["OpenClaw.Exporter/Metrics/MetricCatalogue.cs"] = "one list: the metrics over all pools with their texts",
        ["OpenClaw.Exporter/Configuration/ExporterFlags.cs"] = "one list: every flag with its help",
    }.ToImmutableDictionary();

    /// <summary>The name prefixes of packages and frameworks for HTTP, Prometheus and logging.</summary>
    static readonly ImmutableArray<string> NotOfKernel =
    [
        "Prometheus",
        "Microsoft.AspNetCore",
        "Microsoft.Extensions",
        "Serilog",
        "System.Net.Http",
        "OpenTelemetry",
        "YamlDotNet",
        "System.CommandLine",
        "openclaw-exporter",
    ];

    [Theory]
    [InlineData("OpenClaw.Kernel")]
    [InlineData("OpenClaw.Exporter")]
    public void No_folder_needs_one_that_needs_it(string project)
    {
        var graph = GraphOf(project);
        var cycles = graph.Cycles().ToList();
        foreach (var (edge, uses) in graph.Edges.Where(edge => cycles.Exists(edge.Edge.IsIn)))
            output.WriteLine($"{edge}: {string.Join("; ", uses)}");

        Assert.Empty(cycles.Select(static cycle => string.Join(" ↔ ", cycle)));
    }

    /// <summary>The code in the root of a project connects its folders, so no folder depends on it.</summary>
    [Theory]
    [InlineData("OpenClaw.Kernel")]
    [InlineData("OpenClaw.Exporter")]
    public void No_folder_needs_the_root_of_its_project(string project) =>
        Assert.Empty(
            GraphOf(project)
                .Edges.Where(static edge => edge.Edge.To.Length == 0)
                .Select(static edge => $"{edge.Edge}: {string.Join("; ", edge.Uses)}")
        );

    [Fact]
    public void The_kernel_library_knows_of_nothing_but_the_kernel() =>
        Assert.DoesNotContain(Kernel.GetReferencedAssemblies(), static assembly =>
            NotOfKernel.Any(name => assembly.Name!.StartsWith(name, StringComparison.Ordinal))
        );

    [Fact]
    public void Files_are_short()
    {
        var files = Sources()
            .ToDictionary(static file => file, static file => File.ReadLines(Repository.PathOf("src/" + file)).Count());

        Assert.Empty(
            files
                .Where(static file => file.Value > LinesAtMost && !LongFiles.ContainsKey(file.Key))
                .Select(static file => $"{file.Key}: {file.Value} lines")
        );
        Assert.Empty(
            LongFiles
                .Keys.Where(file => files.GetValueOrDefault(file) <= LinesAtMost)
                .Select(static file => $"{file} is no exception any more")
        );
    }

    [Fact]
    public void System_calls_and_pointers_are_in_Interop_only() =>
        Assert.DoesNotContain(
            Sources().Where(static file => !file.StartsWith("OpenClaw.Kernel/Interop/", StringComparison.Ordinal)),
            static file => Foreign().IsMatch(File.ReadAllText(Repository.PathOf("src/" + file)))
        );

    static FolderGraph GraphOf(string project) =>
        FolderGraph.Read(
            project == "OpenClaw.Kernel" ? Kernel : typeof(ExporterCommand).Assembly,
            project,
            Repository.PathOf("src/" + project)
        );

    static IEnumerable<string> Sources() =>
        Directory
            .EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .Select(static file => Path.GetRelativePath(Repository.PathOf("src"), file));

    [GeneratedRegex(@"^[^/""]*(\bunsafe\b|\[LibraryImport\b|\[DllImport\b)", RegexOptions.Multiline)]
    private static partial Regex Foreign();
}
