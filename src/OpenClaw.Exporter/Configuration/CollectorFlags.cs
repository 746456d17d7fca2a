using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// The flags that disable one of the kernel's readers each: --no-collector.NAME, or --collector.NAME=false.
/// </summary>
static class CollectorFlags
{
    /// <summary>The readers, in the order of the list.</summary>
    public static ImmutableArray<Reader> Readers { get; } =
    [.. KernelReaders.All(new ProcMount(), new Regex(""), worst: 0, namespaces: new NamespaceSelection())];

    static readonly Dictionary<string, (Option<bool> On, Option<bool> Off)> ByReader = Readers.ToDictionary(
        static reader => reader.Name,
        static reader =>
            (
                ExporterFlags.Switch("--collector." + reader.Name, "true", $"Read {reader.Source}."),
                ExporterFlags.Switch(
                    "--no-collector." + reader.Name,
                    "false",
                    $"Same as --collector.{reader.Name}=false."
                )
            )
    );

    /// <summary>All of these flags. --help does not list the --no-collector flags.</summary>
    public static IEnumerable<Option> All =>
        Readers.SelectMany(static reader =>
        {
            var (on, off) = ByReader[reader.Name];
            off.Hidden = true;
            return new Option[] { on, off };
        });

    /// <summary>Returns true where a reader is enabled. A reader without a flag is always enabled.</summary>
    public static bool Wants(ParseResult flags, Reader reader) =>
        !ByReader.TryGetValue(reader.Name, out var flag)
        || (flags.GetRequiredValue(flag.On) && !flags.GetRequiredValue(flag.Off));
}
