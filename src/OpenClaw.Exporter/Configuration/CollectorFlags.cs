using System.Collections.Immutable;
using System.CommandLine;
using System.Text.RegularExpressions;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Configuration;

/// <summary>
/// A flag for each of the kernel's readers, that turns it off: --no-collector.NAME, or --collector.NAME=false.
/// </summary>
static class CollectorFlags
{
    /// <summary>The readers, in their order.</summary>
    public static ImmutableArray<Reader> Readers { get; } =
    [.. KernelReaders.All(new ProcMount(), new Regex(""), worst: 0, namespaces: new NamespaceSelection())];

    static readonly ImmutableDictionary<string, (Option<bool> On, Option<bool> Off)> ByReader =
        Readers.ToImmutableDictionary(
            static reader => reader.Name,
            static reader =>
                (
                    ExporterFlags.Switch("--collector." + reader.Name, "true", $"Read {reader.Source}."),
                    ExporterFlags.Switch(
                        "--no-collector." + reader.Name,
                        "false",
                        $"The same as --collector.{reader.Name}=false."
                    )
                )
        );

    /// <summary>All of them; those that only turn off are not listed by --help.</summary>
    public static IEnumerable<Option> All =>
        Readers.SelectMany(static reader =>
        {
            var (on, off) = ByReader[reader.Name];
            off.Hidden = true;
            return new Option[] { on, off };
        });

    /// <summary>Whether a reader is wanted; one without a flag always is.</summary>
    public static bool Wants(ParseResult flags, Reader reader) =>
        !ByReader.TryGetValue(reader.Name, out var flag)
        || (flags.GetRequiredValue(flag.On) && !flags.GetRequiredValue(flag.Off));
}
