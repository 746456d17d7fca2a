using System.Text.RegularExpressions;
using OpenClaw.Exporter.Alerts;
using OpenClaw.Exporter.Catalogue;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Texts that are the same for all machines set no sysctl or limit to a fixed value, which would be wrong on most of
/// them. They name the command that prints the value for one machine.
/// </summary>
public partial class FixedValueTests
{
    static readonly string[] Folders = ["alerts", "deploy", "dashboards"];

    public static TheoryData<string> Files =>
        [
            .. Folders
                .SelectMany(static folder =>
                    Directory.EnumerateFiles(Repository.PathOf(folder), "*", SearchOption.AllDirectories)
                )
                .Where(static file => Path.GetExtension(file) is ".md" or ".yml" or ".yaml" or ".json")
                .Select(static file => Path.GetRelativePath(Repository.PathOf("."), file))
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Files))]
    public void No_file_sets_a_fixed_value(string file) => AssertHasNone(File.ReadAllText(Repository.PathOf(file)));

    [Fact]
    public void Rules_and_advice_in_the_code_set_no_fixed_value()
    {
        AssertHasNone(RuleFile.Prometheus(RuleOptions.Shipped));
        Assert.All(PoolCatalogue.All, static pool => AssertHasNone(pool.Remedy));
        Assert.All(FailureRules.Alerts, static alert => AssertHasNone(alert.Advice));
    }

    [Fact]
    public void A_pool_whose_limit_can_be_raised_names_the_command_that_prints_the_value() =>
        Assert.All(PoolCatalogue.All.Where(static pool => !pool.Sysctls.IsEmpty), static pool =>
            Assert.EndsWith(
                "openclaw-exporter diagnose prints the command for this machine",
                pool.Remedy,
                StringComparison.Ordinal
            )
        );

    [Theory]
    [InlineData("sysctl -w net.ipv4.ip_local_port_range='15000 60999'")]
    [InlineData("sysctl  -w\n  net.core.somaxconn=4096")]
    [InlineData("sysctl -w fs.file-max=\"9\"")]
    [InlineData("sysctl net.core.somaxconn=4096")]
    [InlineData("echo 1000000 > /proc/sys/fs/file-max")]
    [InlineData("prlimit --pid PID --nofile=65536")]
    public void It_would_be_seen(string text) => Assert.Matches(FixedValue(), text);

    static void AssertHasNone(string text) => Assert.DoesNotMatch(FixedValue(), text);

    [GeneratedRegex(
        """sysctl\s+(-w\s+)?[\w.-]+=["'\\]*\d|echo\s+["']?\d[^|;\n]*>\s*/proc/sys/|--nofile=\d""",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex FixedValue();
}
