using System.Diagnostics;
using System.Globalization;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter.Tests;

public sealed class RuntimeStatusTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_block_that_openclaw_prints_is_read() =>
        Assert.Equal(
            new(true, "1.2.3", 5),
            RuntimeStatus.Parse(
                "[OpenClaw Status]\nRuntime: healthy\nVersion: 1.2.3\nContainers Running: 5\nUptime: 3:04\n"
            )
        );

    [Theory]
    [InlineData("  - RUNTIME :  Healthy \r\n", true)]
    [InlineData("runtime: ok", true)]
    [InlineData("Runtime: degraded\n", false)]
    [InlineData("Runtime:\n", false)]
    [InlineData("Runtime: not healthy\n", false)]
    public void Case_and_space_do_not_matter_and_only_a_word_of_health_is_health(string text, bool isHealthy) =>
        Assert.Equal(new(isHealthy, null, null), RuntimeStatus.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("healthy\n")]
    [InlineData("Version: 1.2.3\nContainers Running: 5\n")]
    public void Without_the_runtime_there_is_no_status(string text) => Assert.Null(RuntimeStatus.Parse(text));

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("99999999999999999999")]
    [InlineData("")]
    public void Containers_that_are_no_number_are_not_zero(string count) =>
        Assert.Null(RuntimeStatus.Parse($"Runtime: ok\nContainers Running: {count}\n")!.ContainersRunning);

    [Fact]
    public async Task The_command_is_run_with_its_arguments_as_they_are()
    {
        var reading = await AskAsync("printf", "Runtime: %s\\nVersion: %s\\n", "healthy", "$(id) `id` ; 'x y'");

        Assert.Equal(new(true, "$(id) `id` ; 'x y'", null), reading.Value);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var reading = await AskAsync("openclaw-that-is-not-here");

        Assert.Equal(Absence.Failed, reading.Missing?.Reason);
        Assert.Contains("openclaw-that-is-not-here", reading.Missing!.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gateway-status.json", true, "2026.9.6", "unknown")]
    [InlineData("status.json", true, null, "unknown")]
    public void The_JSON_of_OpenClaw_itself_is_understood(string file, bool isHealthy, string? version, string state) =>
        Assert.Equal(
            new RuntimeStatus(isHealthy, version, null) { ServiceState = state, Port = 18789 },
            RuntimeStatus.Parse(Captured(file))
        );

    [Fact]
    public void JSON_after_warnings_is_understood() =>
        Assert.Equal((ushort)18789, RuntimeStatus.Parse("warning: old config\n" + Captured("status.json"))?.Port);

    [Theory]
    [InlineData("{\"gateway\":{\"port\":19001},\"service\":{\"runtime\":{\"status\":\"running\"}}}", true)]
    [InlineData("{\"gateway\":{\"port\":0},\"service\":{\"runtime\":{\"status\":\"stopped\"}}}", false)]
    [InlineData("{\"gateway\":{},\"service\":{},\"rpc\":{\"ok\":true}}", true)]
    [InlineData("{\"gateway\":{},\"service\":{},\"rpc\":{\"ok\":true,\"gatewayReached\":false}}", false)]
    [InlineData("{\"gateway\":{\"reachable\":false,\"url\":\"nothing\"}}", false)]
    public void A_part_of_the_JSON_suffices(string text, bool isHealthy) =>
        Assert.Equal(isHealthy, RuntimeStatus.Parse(text)?.IsHealthy);

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"gateway\":3}")]
    [InlineData("{\"ok\":false,\"error\":{\"type\":\"gateway_credentials_required\"}}")]
    public void Other_JSON_is_no_status(string text) => Assert.Null(RuntimeStatus.Parse(text));

    static string Captured(string file) =>
        File.ReadAllText(Repository.PathOf("tests/OpenClaw.Exporter.Tests/Gateway/" + file));

    [Fact]
    public async Task A_failure_is_told_by_its_exit() =>
        Assert.Contains(
            "exit 3",
            (await AskAsync("sh", "-c", "echo no >&2; exit 3")).Missing!.Detail,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task A_status_of_ill_health_is_one_whatever_the_exit() =>
        Assert.False((await AskAsync("sh", "-c", "echo 'Runtime: degraded'; exit 1")).Value.IsHealthy);

    [Fact]
    public async Task A_command_that_prints_without_end_is_stopped() =>
        Assert.Equal(Absence.Malformed, (await AskAsync("yes", "Runtime: healthy")).Missing?.Reason);

    [Fact]
    public async Task A_command_that_hangs_is_killed_with_its_children()
    {
        var script = _folder.Write(
            "hangs",
            $"sleep 600 & echo $! > {_folder.PathOf("child")}; echo $$ > {_folder.PathOf("parent")}; wait\n"
        );

        var reading = await AskAsync("sh", script);

        Assert.Equal(Absence.TimedOut, reading.Missing?.Reason);
        foreach (var name in new[] { "child", "parent" })
        {
            var process = int.Parse(
                await File.ReadAllTextAsync(_folder.PathOf(name), TestContext.Current.CancellationToken),
                CultureInfo.InvariantCulture
            );
            Assert.True(
                SpinWait.SpinUntil(() => IsGone(process), TimeSpan.FromSeconds(10)),
                $"{name} {process} lives on"
            );
        }
    }

    static bool IsGone(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    static async Task<Reading<RuntimeStatus>> AskAsync(params string[] command)
    {
        using var reader = new RuntimeStatusReader([.. command], TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(2));
        var start = Stopwatch.GetTimestamp();
        var reading = await reader.AskAsync(TestContext.Current.CancellationToken);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        return reading;
    }
}
