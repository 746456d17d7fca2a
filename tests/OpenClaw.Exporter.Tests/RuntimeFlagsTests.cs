using System.CommandLine;
using OpenClaw.Exporter.Cli;

namespace OpenClaw.Exporter.Tests;

public class RuntimeFlagsTests
{
    [Theory]
    [InlineData("openclaw status", new[] { "openclaw", "status" })]
    [InlineData("  openclaw   status ", new[] { "openclaw", "status" })]
    [InlineData("[\"/opt/open claw/bin/openclaw\", \"status\", \"\"]", new[] { "/opt/open claw/bin/openclaw", "status", "" })]
    [InlineData("", new string[0])]
    public void A_command_is_words_or_a_JSON_array(string text, string[] words) =>
        Assert.Equal(words, Parse("--openclaw.status-command", text).GetValue(ExporterFlags.StatusCommand));

    [Theory]
    [InlineData("--openclaw.status-command", "[")]
    [InlineData("--openclaw.status-command", "[]")]
    [InlineData("--openclaw.status-command", "[\"openclaw\", 1]")]
    [InlineData("--openclaw.status-interval", "0s")]
    [InlineData("--openclaw.status-interval", "often")]
    [InlineData("--openclaw.health-url", "127.0.0.1:18789/health")]
    [InlineData("--openclaw.health-url", "file:///etc/passwd")]
    [InlineData("--probe", "maybe")]
    public void A_bad_value_is_named(string flag, string text) =>
        Assert.Contains($"'{text}'", Assert.Single(Parse(flag, text).Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void All_of_OpenClaw_is_off_and_the_probe_on()
    {
        var flags = Parse();

        Assert.Empty(flags.Errors);
        Assert.Empty(Runtime.RuntimeReaders.Of(flags));
        Assert.True(flags.GetValue(ExporterFlags.Probe));
        Assert.False(flags.GetValue(ExporterFlags.NoProbe));
    }

    [Theory]
    [InlineData(true, "--probe")]
    [InlineData(false, "--probe=false")]
    [InlineData(true, "--probe", "true")]
    public void The_probe_flag_may_stand_alone(bool expected, params string[] arguments) =>
        Assert.Equal(expected, Parse(arguments).GetValue(ExporterFlags.Probe));

    [Fact]
    public void No_probe_stands_alone() => Assert.True(Parse("--no-probe").GetValue(ExporterFlags.NoProbe));

    [Fact]
    public void Each_flag_makes_its_reader() => Assert.Equal(
        ["openclaw_log", "openclaw_status", "openclaw_gateway"],
        Runtime.RuntimeReaders.Of(Parse(
            "--openclaw.log=/var/log/openclaw.log", "--openclaw.status-command=openclaw status", "--openclaw.health-url=http://127.0.0.1:18789/health"))
            .Select(static reader => reader.Name));

    static ParseResult Parse(params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var flag in ExporterFlags.All)
            root.Options.Add(flag);
        return root.Parse(arguments);
    }
}
