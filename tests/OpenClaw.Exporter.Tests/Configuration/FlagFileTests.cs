using System.CommandLine;
using System.Net;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// Groups the tests that change the environment, which the whole process shares, and those that lock files. A program
/// that another test starts has each lock too, until it runs.
/// </summary>
[CollectionDefinition(nameof(EnvironmentTests), DisableParallelization = true)]
public sealed class EnvironmentTests;

/// <summary>A flag comes from the command line, the environment or a file, in this order of precedence.</summary>
[Collection(nameof(EnvironmentTests))]
public sealed class FlagFileTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly List<string> _variables = [];

    public void Dispose()
    {
        foreach (var variable in _variables)
            Environment.SetEnvironmentVariable(variable, null);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("web.telemetry-path: /m\nnetns.worst: 7\nprobe: false\n")]
    [InlineData("web:\n  telemetry-path: /m\nnetns.worst: '7'\nprobe: 'false'\n")]
    [InlineData("web: {telemetry-path: /m}\nnetns: self\nnetns.worst: 7\nprobe: false\n")]
    public void Names_are_whole_or_taken_apart_at_their_dots(string text)
    {
        var flags = Parse(text);

        Assert.Empty(flags.Errors);
        Assert.Equal("/m", flags.GetValue(ExporterFlags.TelemetryPath));
        Assert.Equal(7, flags.GetValue(ExporterFlags.NetnsWorst));
        Assert.False(flags.GetValue(ExporterFlags.Probe));
        Assert.Equal(40, flags.GetValue(ExporterFlags.MaxRequests));
    }

    [Theory]
    [InlineData("collector.softnet: false\n")]
    [InlineData("collector:\n  softnet: false\n  sockstat: true\n")]
    [InlineData("no-collector.softnet: true\n")]
    [InlineData("no-collector: {softnet: true}\n")]
    public void A_reader_can_be_turned_off(string text)
    {
        var flags = Parse(text);

        Assert.Empty(flags.Errors);
        Assert.Equal(
            ["softnet"],
            CollectorFlags
                .Readers.Where(reader => !CollectorFlags.Wants(flags, reader))
                .Select(static reader => reader.Name)
        );
    }

    [Fact]
    public void Lists_are_for_flags_that_take_several()
    {
        var flags = Parse(
            "web.listen-address: [':1', '127.0.0.1:2']\nopenclaw.config: [/a.yml, /b/*.yml]\n"
                + "openclaw.status-command: [/o p/openclaw, status, \"a\\\"b\"]\n"
        );

        Assert.Empty(flags.Errors);
        Assert.Equal(
            [new(IPAddress.IPv6Any, 1), new(IPAddress.Loopback, 2)],
            flags.GetValue(ExporterFlags.ListenAddress)
        );
        Assert.Equal(["/a.yml", "/b/*.yml"], flags.GetValue(ExporterFlags.OpenClawConfiguration));
        Assert.Equal(["/o p/openclaw", "status", "a\"b"], flags.GetValue(ExporterFlags.StatusCommand));
    }

    [Fact]
    public void The_command_line_stands_before_the_environment_and_that_before_the_file()
    {
        Set(ExporterFlags.MaxRequests, "2");
        Set(ExporterFlags.NetnsWorst, "3");

        var flags = Parse("web.max-requests: 5\nnetns.worst: 5\nlog.level: warn\n", "--web.max-requests=1");

        Assert.Empty(flags.Errors);
        Assert.Equal(1, flags.GetValue(ExporterFlags.MaxRequests));
        Assert.Equal(3, flags.GetValue(ExporterFlags.NetnsWorst));
        Assert.Equal(Serilog.Events.LogEventLevel.Warning, flags.GetValue(ExporterFlags.LogLevel));
    }

    [Fact]
    public void The_file_itself_can_be_named_by_the_environment()
    {
        Set(ExporterFlags.ConfigFile, _folder.Write("exporter.yml", "netns.worst: 9\n"));

        Assert.Equal(9, ParseOnly().GetValue(ExporterFlags.NetnsWorst));
    }

    [Theory]
    [InlineData(
        "netns.worst: 5\nweb:\n  listen-adress: ':1'\n",
        3,
        "unknown key 'web.listen-adress', did you mean 'web.listen-address'?"
    )]
    [InlineData("wbe:\n  listen-address: ':1'\n", 1, "unknown key 'wbe'")]
    [InlineData("web.max-request: 1\n", 1, "unknown key 'web.max-request', did you mean 'web.max-requests'?")]
    [InlineData("config.file: x\n", 1, "unknown key 'config.file'")]
    [InlineData("version: x\n", 1, "unknown key 'version'")]
    [InlineData(
        "\n\nweb:\n  max-requests: many\n",
        4,
        "web.max-requests: expected a number from 0 to 10000, found 'many'"
    )]
    [InlineData("web:\n  max-requests:\n", 2, "web.max-requests: expected a number from 0 to 10000, found ''")]
    [InlineData("web.max-requests: [1, 2]\n", 1, "web.max-requests: expected a number from 0 to 10000, found a list")]
    [InlineData("web.max-requests: {a: 1}\n", 1, "expected a text, found keys and values")]
    [InlineData("web.listen-address: [':1', [':2']]\n", 1, "expected a text, found a list")]
    [InlineData("web.max-requests: 1\nweb:\n  max-requests: 2\n", 3, "duplicate key 'web.max-requests'")]
    [InlineData("probe: perhaps\n", 1, "probe: expected true or false, found 'perhaps'")]
    [InlineData("web: [\n", 2, "not YAML")]
    public void Errors_name_the_file_and_the_line(string text, int line, string reason)
    {
        var error = Parse(text).Errors[0].Message;

        Assert.StartsWith($"{_folder.PathOf("exporter.yml")}: line {line}: ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Equal(
            $"{_folder.PathOf("none.yml")}: no such file",
            ParseOnly($"--config.file={_folder.PathOf("none.yml")}").Errors[0].Message
        );

    [Theory]
    [InlineData("--web.listen-address=:1", "--web.listen-address=127.0.0.1:2")]
    [InlineData("--web.listen-address=:1,127.0.0.1:2")]
    public void Addresses_can_be_given_again_or_separated(params string[] arguments) =>
        Assert.Equal(
            [new(IPAddress.IPv6Any, 1), new(IPAddress.Loopback, 2)],
            ParseOnly(arguments).GetValue(ExporterFlags.ListenAddress)
        );

    /// <summary>The file may set every flag except the flag that names the file.</summary>
    [Fact]
    public void Every_flag_may_stand_in_the_file()
    {
        foreach (var flag in ExporterFlags.All.Where(static flag => flag != ExporterFlags.ConfigFile))
        {
            var errors = Parse($"{flag.Name.TrimStart('-')}: '\u0001 certainly not valid'\n").Errors;

            Assert.DoesNotContain(errors, static error =>
                error.Message.Contains("unknown key", StringComparison.Ordinal)
            );
        }
    }

    ParseResult Parse(string text, params string[] arguments) =>
        ParseOnly([$"--config.file={_folder.Write("exporter.yml", text)}", .. arguments]);

    static ParseResult ParseOnly(params string[] arguments)
    {
        var root = new RootCommand();
        foreach (var flag in ExporterFlags.All)
            root.Options.Add(flag);
        return root.Parse(arguments);
    }

    void Set(Option flag, string value)
    {
        var variable = ExporterFlags.EnvironmentVariable(flag.Name);
        _variables.Add(variable);
        Environment.SetEnvironmentVariable(variable, value);
    }
}
