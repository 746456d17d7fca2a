using System.IO.Pipes;
using System.Reflection;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Problems;

namespace OpenClaw.Exporter.Tests;

/// <summary>A diagnosis exits with 0 to 3; every other failure has its own code.</summary>
[Collection(nameof(EnvironmentTests))]
public sealed class ExitCodeTests : IDisposable
{
    const string MaxRequests = "OPENCLAW_EXPORTER_WEB_MAX_REQUESTS";

    readonly TemporaryFolder _folder = new();
    readonly TextWriter _console = Console.Error;
    readonly StringWriter _errors = new();

    public ExitCodeTests() => Console.SetError(_errors);

    public void Dispose()
    {
        Console.SetError(_console);
        Environment.SetEnvironmentVariable(MaxRequests, null);
        _errors.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_list_has_each_code_once()
    {
        var codes = typeof(ExitCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(static field => field.IsLiteral)
            .Select(static field => (int)field.GetRawConstantValue()!);

        Assert.Equal(codes.Distinct().Order(), ExitCodes.All.Select(static one => one.Code));
        Assert.All(ExitCodes.All, static one => Assert.True(one.Code is <= ExitCodes.Unknown or >= 64, one.Meaning));
    }

    [Theory]
    [InlineData("--nope")]
    [InlineData("--web.max-requests=many")]
    [InlineData("status", "--format=json")]
    [InlineData("diagnose", "--format=yaml")]
    public async Task A_wrong_command_line_exits_64(params string[] arguments)
    {
        Assert.Equal(64, await RunAsync(arguments));
        Assert.Single(Lines());
    }

    [Fact]
    public async Task A_wrong_environment_variable_exits_64()
    {
        Environment.SetEnvironmentVariable(MaxRequests, "many");

        Assert.Equal(64, await RunAsync());
        Assert.StartsWith(
            $"openclaw-exporter: {MaxRequests}: expected a number from 0 to 10000",
            Assert.Single(Lines()),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("web.max-requests: many\n")]
    [InlineData("web.max-requests: [1, 2]\n")]
    [InlineData("web.max-request: 1\n")]
    [InlineData("{\n")]
    public async Task A_mistake_in_the_file_of_flags_exits_65(string text)
    {
        Assert.Equal(65, await RunAsync($"--config.file={_folder.Write("flags.yml", text)}"));
        Assert.Contains("flags.yml: line ", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_flags_that_cannot_be_read_exits_66()
    {
        Assert.Equal(66, await RunAsync($"--config.file={_folder.PathOf("none.yml")}"));
        Assert.Contains("none.yml: no such file", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("basic_auth_user: {}\n", 65)]
    [InlineData("tls_server_config:\n  cert_file: none.crt\n  key_file: none.key\n", 66)]
    [InlineData(null, 66)]
    public async Task A_web_configuration_that_cannot_be_used_says_so_by_its_code(string? text, int code)
    {
        var path = text is null ? _folder.PathOf("web.yml") : _folder.Write("web.yml", text);

        Assert.Equal(
            code,
            await ExporterCommand.RunAsync([$"--web.config.file={path}"], ExporterServer.RunAsync, Nothing)
        );
        Assert.Contains("web.yml: ", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_state_directory_without_episodes_is_no_good_news()
    {
        string[] history = ["history", "--web.listen-address=127.0.0.1:1", $"--state.directory={_folder.PathOf("")}"];

        Assert.Equal(69, await RunAsync(history));
        Assert.Contains(
            "no exporter has run with this --state.directory",
            Assert.Single(Lines()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task An_unexpected_error_is_one_line_and_exits_70()
    {
        static Task<Diagnosis> Fails(System.CommandLine.ParseResult flags, TimeSpan observe) =>
            throw new InvalidOperationException("no such\nthing");

        Assert.Equal(70, await ExporterCommand.RunAsync(["diagnose"], static _ => Task.FromResult(0), Fails));
        Assert.Equal("openclaw-exporter: unexpected error: no such thing", Assert.Single(Lines()));

        Assert.Equal(
            70,
            await ExporterCommand.RunAsync(["diagnose", "--log.level=debug"], static _ => Task.FromResult(0), Fails)
        );
        Assert.Contains(Lines(), static line => line.Contains(nameof(Fails), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_full_disk_is_one_line_and_exits_74()
    {
        using var full = File.OpenHandle("/dev/full", access: FileAccess.Write);

        Assert.Equal(74, await PrintTo((int)full.DangerousGetHandle()));
        Assert.Equal("openclaw-exporter: cannot write the output: No space left on device", Assert.Single(Lines()));
    }

    [Fact]
    public async Task A_broken_pipe_exits_141_without_a_word()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        pipe.DisposeLocalCopyOfClientHandle();

        Assert.Equal(141, await PrintTo((int)pipe.SafePipeHandle.DangerousGetHandle()));
        Assert.Empty(Lines());
    }

    [Fact]
    public async Task Written_text_arrives()
    {
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        await using (var writer = new StreamWriter(new StandardOutput((int)pipe.SafePipeHandle.DangerousGetHandle())))
            await writer.WriteAsync("zażółć\n");
        pipe.Dispose();

        Assert.Equal("zażółć\n", await new StreamReader(reader).ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    static Task<int> PrintTo(int descriptor) =>
        ExporterCommand.RunAsync(
            ["diagnose"],
            static _ => Task.FromResult(0),
            (_, _) =>
            {
                using var output = new StreamWriter(new StandardOutput(descriptor)) { AutoFlush = true };
                output.WriteLine("a line");
                throw new InvalidOperationException("it was written");
            }
        );

    static Task<Diagnosis> Nothing(System.CommandLine.ParseResult flags, TimeSpan observe) =>
        throw new NotSupportedException();

    static Task<int> RunAsync(params string[] arguments) =>
        ExporterCommand.RunAsync(arguments, static _ => Task.FromResult(0), Nothing);

    string[] Lines() => _errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
