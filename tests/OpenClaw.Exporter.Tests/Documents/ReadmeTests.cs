using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Tests;

/// <summary>Renders the tables of the README from the lists in the code.</summary>
public class ReadmeTests
{
    [Fact]
    public void Its_tables_are_those_of_the_code()
    {
        var text = File.ReadAllText(Repository.PathOf("README.md"));
        text = Replaced(
            text,
            "pools",
            ["pool", "scope", "warning", "critical", "code", "what is used"],
            PoolRows(PoolCatalogue.All)
        );
        text = Replaced(
            text,
            "alerts",
            ["alert", "severity", "says"],
            AlertCatalogue.All.Select(static alert =>
                new[] { $"[{alert.Name}](alerts/runbooks/{alert.Name}.md)", alert.Severity, alert.Headline }
            )
        );
        text = Replaced(
            text,
            "flags",
            ["flag", "environment variable", "what"],
            ExporterFlags.Own.Select(static flag =>
                new[]
                {
                    Code(flag.Name),
                    Code(ExporterFlags.EnvironmentVariable(flag.Name)),
                    flag.Description!.Replace(
                        $"; {ExporterFlags.EnvironmentVariable(flag.Name)}",
                        "",
                        StringComparison.Ordinal
                    ),
                }
            )
        );
        text = Replaced(
            text,
            "collectors",
            ["collector", "reads"],
            CollectorFlags.Readers.Select(static reader => new[] { Code(reader.Name), reader.Source })
        );
        text = Replaced(
            text,
            "exit codes",
            ["exit code", "meaning"],
            ExitCodes.All.Select(static one => new[] { $"{one.Code}", one.Meaning })
        );
        text = Replaced(
            text,
            "privileges",
            ["capability", "reader", "what it gives"],
            Privileges.All.Select(static privilege =>
                new[] { privilege.Capability, Code(privilege.Reader), privilege.Gives }
            )
        );
        text = Replaced(
            text,
            "metrics",
            ["metric", "type", "labels", "unit", "scope", "source", "needs", "meaning"],
            MetricRows(MetricCatalogue.All)
        );

        GeneratedFile.AssertCurrent("README.md", text);
    }

    /// <summary>Returns the rows of the table of pools.</summary>
    internal static IEnumerable<string[]> PoolRows(IEnumerable<Pool> pools) =>
        pools.Select(static pool =>
            new[]
            {
                Code(pool.Name),
                Scope(pool.Scope),
                $"{pool.WarningRatio:P0}",
                $"{pool.CriticalRatio:P0}",
                Code(pool.Code),
                pool.UsedHelp,
            }
        );

    /// <summary>Returns the rows of the table of metrics.</summary>
    internal static IEnumerable<string[]> MetricRows(IEnumerable<MetricFamily> families) =>
        families.Select(static family =>
            new[]
            {
                Code(family.Name),
                SnakeCase.Convert(family.Type),
                string.Join(", ", family.Labels),
                UnitOf(family),
                Scope(family.Scope),
                family.Source,
                family.Capability,
                Meaning(family),
            }
        );

    static string Replaced(string text, string name, string[] head, IEnumerable<string[]> rows) =>
        GeneratedFile.Replaced("README.md", text, name, GeneratedFile.Table(head, rows));

    static string UnitOf(MetricFamily family) => family.Unit.Length > 0 ? family.Unit : MetricUnits.Find(family.Name);

    static string Meaning(MetricFamily family) =>
        Unprovoked.ReasonFor(family.Name["openclaw_network_".Length..]) is { Length: > 0 } reason
            ? $"{family.Help} *Not provoked by a test: {reason}.*"
            : family.Help;

    static string Scope(PoolScope scope) => scope == PoolScope.Host ? "host" : "network namespace";

    static string Code(string text) => $"`{text}`";
}
