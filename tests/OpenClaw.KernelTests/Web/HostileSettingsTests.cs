using System.Diagnostics;
using System.Net;

namespace OpenClaw.KernelTests;

/// <summary>YAML that makes its parser recurse or compare for ever costs one line, at the start and later.</summary>
public class HostileSettingsTests
{
    static readonly string NestedAliases =
        "a: &a0 [x]\n"
        + string.Concat(
            Enumerable.Range(1, 19).Select(list => $"a{list}: &a{list} [*a{list - 1}, *a{list - 1}, *a{list - 1}]\n")
        )
        + "? *a19\n: x\n";

    public static TheoryData<string, string> Texts =>
        new()
        {
            { "? &a [*a]\n: x\n", "line 1: expected a text as key" },
            { NestedAliases, "line 21: expected a text as key" },
            { string.Concat(Enumerable.Range(1, 120_000).Select(key => $"k{key}:\n")), "line 2001: more than 2000" },
        };

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task At_the_start_it_is_one_line(string text, string reason)
    {
        using var netns = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var file = folder.Write("hostile.yml", text);

        foreach (var flag in (string[])["--web.config.file", "--config.file"])
        {
            var starting = Stopwatch.StartNew();
            var exporter = netns.Start(
                new(Repository.PublishedExporter, [$"{flag}={file}"]) { RedirectStandardError = true }
            );
            var errors = await exporter.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await exporter.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal(65, exporter.ExitCode);
            Assert.Contains(
                $"hostile.yml: {reason}",
                Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
                StringComparison.Ordinal
            );
            Assert.InRange(starting.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task While_running_the_old_settings_stay_and_the_next_change_is_read(string text, string reason)
    {
        using var exporter = await GuardedExporter.StartAsync(static _ => "", "--openclaw.config=/nothing");
        using var client = exporter.Client();

        exporter.Folder.Write("web.yml", text);
        await Polling.UntilAsync("the log says what is wrong", async () =>
        {
            Assert.Equal(HttpStatusCode.OK, await GuardedExporter.AskAsync(client, "/healthz"));
            return exporter.Log.Contains($"web.yml: {reason}", StringComparison.Ordinal);
        });

        exporter.Folder.Write("web.yml", "http_server_config: {headers: {X-Frame-Options: deny}}\n");
        await Polling.UntilAsync("the next change is read", async () =>
        {
            using var answer = await client.GetAsync("/healthz", TestContext.Current.CancellationToken);
            return answer.Headers.Contains("X-Frame-Options");
        });
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public async Task A_service_file_costs_its_own_reader(string text, string reason)
    {
        using var folder = new TemporaryFolder();
        folder.Write("gateway.yml", text);
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartAsync(netns, $"--openclaw.config={folder.PathOf("*.yml")}");

        Assert.Contains(
            "reader_success{reader=\"service_configuration\"} 0",
            await exporter.ScrapeAsync(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"gateway.yml: {reason}",
            await exporter.Client.GetStringAsync("/", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
    }
}
