using System.Globalization;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>Tests the files for fleets with promtool.</summary>
public sealed class FleetConfigurationTests : IDisposable
{
    const int Machines = 100;

    static readonly string[] Shards = ["prometheus-shard-0.yml", "prometheus-shard-1.yml"];

    readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files => [.. Shards];

    /// <summary>
    /// Copies the files as they are laid out on the server: the rules and targets beside the configuration.
    /// </summary>
    public FleetConfigurationTests()
    {
        foreach (var file in Directory.GetFiles(Repository.PathOf("deploy/fleet"), "prometheus-*.yml"))
            _folder.Write(Path.GetFileName(file), File.ReadAllText(file));
        _folder.Write(
            "rules/openclaw-network.rules.yml",
            File.ReadAllText(Repository.PathOf("alerts/openclaw-network.rules.yml"))
        );
        var addresses = Enumerable
            .Range(0, Machines)
            .Select(static i => string.Create(CultureInfo.InvariantCulture, $"machine-{i}.example:10087"));
        _folder.Write("targets/machines.yml", JsonSerializer.Serialize(new[] { new { targets = addresses } }));
    }

    [Theory, MemberData(nameof(Files))]
    public Task Promtool_finds_no_fault_with_a_shard(string file) =>
        InstalledProgram.SucceedsAsync(
            InstalledProgram.Find("promtool"),
            "",
            "check",
            "config",
            "--lint=all",
            "--lint-fatal",
            _folder.PathOf(file)
        );

    [Fact]
    public Task Promtool_finds_no_fault_with_the_agent() =>
        InstalledProgram.SucceedsAsync(
            InstalledProgram.Find("promtool"),
            "",
            "check",
            "config",
            "--agent",
            _folder.PathOf("prometheus-agent.yml")
        );

    /// <summary>A machine that no shard scrapes is unwatched; a machine that two shards scrape pages twice.</summary>
    [Fact]
    public async Task Each_machine_is_scraped_by_exactly_one_shard()
    {
        var scraped = new List<string>();
        foreach (var file in Shards)
        {
            var share = await ScrapedAsync(file);
            Assert.InRange(share.Count, Machines / 4, 3 * Machines / 4);
            scraped.AddRange(share);
        }

        Assert.Equal(Machines, scraped.Count);
        Assert.Distinct(scraped);
        Assert.Equal(
            Shards.Length,
            (
                await Task.WhenAll(
                    Shards.Select(file =>
                        File.ReadAllTextAsync(_folder.PathOf(file), TestContext.Current.CancellationToken)
                    )
                )
            )
                .Select(
                    static (text, shard) =>
                        text.Split('\n').Count(line => line.Contains($"\"{shard}\"", StringComparison.Ordinal))
                )
                .Count(static lines => lines == 2)
        );
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The instances that remain after relabelling, from promtool.</summary>
    async Task<List<string>> ScrapedAsync(string file)
    {
        // promtool waits for further targets until its timeout.
        using var promtool = ChildProcess.Start(
            new(
                InstalledProgram.Find("promtool"),
                ["check", "service-discovery", "--timeout=2s", _folder.PathOf(file), "openclaw-exporter"]
            )
            {
                RedirectStandardOutput = true,
            }
        );
        var output = await promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var json = JsonDocument.Parse(output);
        Assert.Equal(Machines, json.RootElement.GetArrayLength());
        return
        [
            .. json
                .RootElement.EnumerateArray()
                .Select(static target => target.GetProperty("labels"))
                .Where(static labels =>
                    labels.ValueKind == JsonValueKind.Object && labels.TryGetProperty("instance", out _)
                )
                .Select(static labels => labels.GetProperty("instance").GetString()!),
        ];
    }
}
