using System.CommandLine;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Tests;

/// <summary>
/// A wrong value is one line with its place, the valid values and the wrong one; and the program does not start.
/// </summary>
[Collection(nameof(EnvironmentTests))]
public sealed class BadValueTests : IDisposable
{
    const string Duration = "expected 0s or a duration from 1ms to 30d, such as 500ms, 1m30s or 2h, found ";

    readonly TemporaryFolder _folder = new();
    readonly List<string> _variables = [];

    public void Dispose()
    {
        foreach (var variable in _variables)
            Environment.SetEnvironmentVariable(variable, null);
        _folder.Dispose();
    }

    /// <summary>Flags that each take a kind of value of their own, with a wrong one.</summary>
    public static TheoryData<string, string, string> Values =>
        new()
        {
            { "--web.listen-address", "10087", "expected address:port, found '10087'" },
            { "--web.listen-address", ":99999", "expected address:port, found ':99999'" },
            { "--web.listen-address", ":1,nowhere", "expected address:port, found ':1,nowhere'" },
            { "--web.systemd-socket", "yes", "expected true or false, found 'yes'" },
            { "--web.max-requests", "-1", "expected a number from 0 to 10000, found '-1'" },
            { "--web.max-requests", "10001", "expected a number from 0 to 10000, found '10001'" },
            { "--web.max-requests", "1e3", "expected a number from 0 to 10000, found '1e3'" },
            { "--web.telemetry-path", "metrics", "expected a path of letters, digits and - . _ ~ such as /metrics" },
            { "--web.telemetry-path", "/healthz", "expected a path of letters, digits and - . _ ~ such as /metrics" },
            { "--process.watch", "(", "expected a regular expression, found '('" },
            { "--process.watch", "(?=a)b", "expected a regular expression, found '(?=a)b'" },
            { "--netns.worst", "0", "expected a number from 1 to 10000, found '0'" },
            { "--sampling.max-age", "soon", Duration + "'soon'" },
            { "--sampling.max-age", "31d", Duration + "'31d'" },
            { "--sampling.max-age", "-1s", Duration + "'-1s'" },
            { "--path.procfs", "/no/such/place", "expected a directory that exists, found '/no/such/place'" },
            { "--path.rootfs", "/etc/passwd", "expected a directory that exists, found '/etc/passwd'" },
            { "--log.level", "loud", "expected debug, info, warn or error, found 'loud'" },
            { "--log.format", "xml", "expected text or json, found 'xml'" },
            { "--openclaw.status-command", "[1]", "expected words or a JSON array of strings, found '[1]'" },
            { "--openclaw.status-interval", "10ms", "expected a duration from 1s to 30d, such as 30s or 2m" },
            { "--openclaw.health-url", "ftp://here", "expected an http or https address, auto or off, found 'ftp:" },
            { "--openclaw.health-url", "18789", "expected an http or https address, auto or off, found '18789'" },
            { "--state.directory", "/no/such/place", "expected a directory that exists, found '/no/such/place'" },
            { "--probe", "maybe", "expected true or false, found 'maybe'" },
            { "--no-collector.conntrack", "2", "expected true or false, found '2'" },
            { "--pools", "conntrack_entries: {warning: lots}", "expected more than 0% and at most 100%, such as 60%" },
            { "--pools", "conntrack_entries: {critical: 5%}", "expected a warning of conntrack_entries not above" },
            { "--pools", "conntrack_entrys: {}", "unknown key 'conntrack_entrys', did you mean 'conntrack_entries'?" },
        };

    /// <summary>The flag, its environment variable and its key in the file give the same reason.</summary>
    [Theory]
    [MemberData(nameof(Values))]
    public async Task A_wrong_value_is_one_line_wherever_it_stands(string flag, string value, string expected)
    {
        // Any command refuses it, also one that does not use the flag.
        foreach (var command in new[] { "", "rules", "diagnose" })
        {
            var (code, line) = await RunAsync([.. Words(command), $"{flag}={value}"]);
            Check(ExitCodes.Usage, code, line, $"{flag}: ", expected);
        }

        var variable = ExporterFlags.EnvironmentVariable(flag);
        Set(variable, value);
        var (fromVariable, message) = await RunAsync();
        Set(variable, null);
        Check(ExitCodes.Usage, fromVariable, message, flag == "--pools" ? "--pools: " : $"{variable}: ", expected);

        var key = flag.TrimStart('-');
        var text = flag == "--pools" ? $"\n{key}: {{{value}}}\n" : $"\n{key}: '{value}'\n";
        var file = _folder.Write("flags.yml", text);
        var (fromFile, reason) = await RunAsync($"--config.file={file}");
        Check(ExitCodes.Malformed, fromFile, reason, $"{file}: line 2: ", expected);
    }

    [Theory]
    [InlineData("--web.max-request=1", "unknown flag '--web.max-request', did you mean '--web.max-requests'?")]
    [InlineData("--web.max-requests", "--web.max-requests: expected a number from 0 to 10000, found nothing")]
    [InlineData("--no-collector.foo", "unknown flag '--no-collector.foo' (--help-all")]
    [InlineData("diag", "unknown command 'diag', did you mean 'diagnose'?")]
    [InlineData("diagnos", "unknown command 'diagnos', did you mean 'diagnose'?")]
    [InlineData("diagnose --format=yaml", "--format: expected text or json, found 'yaml'")]
    [InlineData("diagnose --format", "--format: expected text or json, found nothing")]
    [InlineData("trace --format=text --format=json", "--format: expected one value, found 'text', 'json'")]
    [InlineData("rules --format=x", "--format: expected prometheus, prometheusrule or alertmanager, found 'x'")]
    [InlineData("history last", "EPISODE: expected a number, found 'last'")]
    [InlineData("diagnose --observe=never", "--observe: " + Duration + "'never'")]
    [InlineData(
        "history --since=yesterday",
        "--since: expected a duration from 1s to 30d, such as 30m or 2h, found 'yesterday'"
    )]
    [InlineData("trace --for=long", "--for: " + Duration + "'long'")]
    [InlineData("demo --each=0s", "--each: expected a duration from 100ms to 30d, such as 1500ms or 1m")]
    [InlineData("demo --only=fire", "--only: expected ports, bind, descriptors, queue, time_wait or leak")]
    [InlineData("verify --for=0", "--for: expected a duration from 100ms to 30d, such as 10s or 2m, found '0'")]
    [InlineData("fix --for=10", "--for: " + Duration + "'10'")]
    [InlineData("verify --connections=0", "--connections: expected a number from 1, found '0'")]
    [InlineData("verify --connections=many", "--connections: expected a number from 1, found 'many'")]
    [InlineData("verify --to=nowhere", "--to: expected ")]
    [InlineData("rules --selector=job", "--selector: ")]
    [InlineData("rules --runbook-base=here", "--runbook-base: ")]
    [InlineData("completion tcsh", "shell: expected bash, zsh or fish, found 'tcsh'")]
    [InlineData("completion", "shell: expected bash, zsh or fish, found nothing")]
    public async Task A_wrong_argument_of_a_command_is_one_line(string arguments, string expected)
    {
        var (code, line) = await RunAsync(Words(arguments));
        Check(ExitCodes.Usage, code, line, "", expected);
    }

    [Theory]
    [InlineData("web: 7\n", 1, "unknown key 'web'")]
    [InlineData("- a\n- b\n", 1, "expected keys and values, found a list")]
    [InlineData("just words\n", 1, "expected keys and values, found 'just words'")]
    [InlineData("log.level: [info, warn]\n", 1, "log.level: expected debug, info, warn or error, found a list")]
    [InlineData("probe: true\nprobe: false\n", 2, "uplicate key")]
    [InlineData("pools: 7\n", 1, "pools: expected keys and values: pools with thresholds, found '7'")]
    [InlineData("probe: *none\n", 1, "none")]
    public async Task A_wrong_file_is_one_line_with_its_line(string text, int line, string expected)
    {
        var file = _folder.Write("flags.yml", text);
        var (code, reason) = await RunAsync($"--config.file={file}");
        Check(ExitCodes.Malformed, code, reason, $"{file}: line {line}: ", expected);
    }

    [Theory]
    [InlineData("WEB_MAX_REQUEST", "1", ", did you mean 'OPENCLAW_EXPORTER_WEB_MAX_REQUESTS'?")]
    [InlineData("COLLECTOR_SOCKSTATS", "false", ", did you mean 'OPENCLAW_EXPORTER_COLLECTOR_SOCKSTAT'?")]
    [InlineData("OBSERV", "0s", ", did you mean 'OPENCLAW_EXPORTER_OBSERVE'?")]
    [InlineData("LISTEN", "127.0.0.1:10087", " (--help-all lists the flags)")]
    [InlineData("PORT", "10087", " (--help-all lists the flags)")]
    [InlineData("VERSION", "", " (--help-all lists the flags)")]
    public async Task A_variable_that_is_no_flag_is_one_line(string end, string value, string expected)
    {
        var variable = "OPENCLAW_EXPORTER_" + end;
        Set(variable, value);

        foreach (var command in new[] { "", "rules", "diagnose", "healthcheck" })
        {
            var (code, line) = await RunAsync(Words(command));
            Check(ExitCodes.Usage, code, line, $"unknown variable '{variable}'", expected);
        }
    }

    /// <summary>
    /// The variables that a kubelet sets for a Service called openclaw-exporter with a port called metrics, and for one
    /// called openclaw-exporter-host.
    /// </summary>
    [Fact]
    public async Task Variables_of_a_Kubernetes_service_are_neither_flags_nor_errors()
    {
        foreach (var service in new[] { "OPENCLAW_EXPORTER", "OPENCLAW_EXPORTER_HOST" })
        {
            Set(service + "_SERVICE_HOST", "10.0.0.1");
            Set(service + "_SERVICE_PORT", "10087");
            Set(service + "_SERVICE_PORT_METRICS", "10087");
            Set(service + "_PORT", "tcp://10.0.0.1:10087");
            Set(service + "_PORT_10087_TCP", "tcp://10.0.0.1:10087");
            Set(service + "_PORT_10087_TCP_PROTO", "tcp");
            Set(service + "_PORT_10087_TCP_PORT", "10087");
            Set(service + "_PORT_10087_TCP_ADDR", "10.0.0.1");
        }

        var (_, line) = await RunAsync();

        Assert.Equal("openclaw-exporter: unexpected error: served\n", line);
        var flags = ExporterCommand.Root(Refused, static (_, _) => throw new InvalidOperationException());
        Assert.All(flags.Subcommands.Prepend(flags).SelectMany(static command => command.Options), flag =>
            Assert.DoesNotContain(ExporterFlags.EnvironmentVariable(flag.Name), _variables)
        );
    }

    static Task<int> Refused(ParseResult result) => throw new InvalidOperationException("served");

    static void Check(int expectedCode, int code, string line, string place, string expected)
    {
        Assert.StartsWith($"openclaw-exporter: {place}", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.InRange(line.TrimEnd('\n').Length, 1, 300);
        Assert.Single(line.TrimEnd('\n').Split('\n'));
        Assert.Equal(expectedCode, code);
    }

    static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    void Set(string variable, string? value)
    {
        _variables.Add(variable);
        Environment.SetEnvironmentVariable(variable, value);
    }

    static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        var console = Console.Error;
        using var errors = new StringWriter();
        Console.SetError(errors);
        try
        {
            var code = await ExporterCommand.RunAsync(arguments, Refused, static (_, _) =>
                throw new InvalidOperationException("diagnosed")
            );
            return (code, errors.ToString());
        }
        finally
        {
            Console.SetError(console);
        }
    }
}
