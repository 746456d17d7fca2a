namespace OpenClaw.KernelTests;

/// <summary>Names that anybody can give: what they hold must not break the page for everybody else.</summary>
public class HostileNameTests
{
    [Fact]
    public async Task Quotes_newlines_backslashes_and_broken_UTF8_pass_promtool()
    {
        var promtool = InstalledProgram.Find("promtool");
        using var netns = new PrivateNamespace();
        netns.Command("ip", "link", "add", "br\"0\\x", "type", "bridge");
        netns.Command("ip", "link", "add", "v\"0", "type", "veth", "peer", "name", "v\\1");
        netns.Command("ip", "link", "set", "v\"0", "master", "br\"0\\x");

        // The script is its own command line, which makes it a watched process.
        foreach (var name in (string[])["a\"b", "a\\\\b", "\\xff\\xfe", "fifteen-bytes-x"])
        {
            var process = netns.Start(new("bash", ["-c", $"printf '{name}' > /proc/self/comm; echo ready; read # openclaw"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            });
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        // bash writes line by line, which would leave the last line as the name.
        using var folder = new TemporaryFolder();
        var sleep = folder.PathOf("a\nb");
        File.Copy(InstalledProgram.Find("sleep"), sleep);
        netns.Start(new(sleep, ["60"]));

        using var exporter = await PublishedExporter.StartAsync(netns);
        var page = await exporter.ScrapeAsync();

        foreach (var label in (string[])["a\\\"b", "a\\\\b", "a\\nb", "\\\\xff\\\\xfe", "fifteen-bytes-x"])
            Assert.Contains($"process_file_descriptors{{netns=\"self\",process=\"{label}\"}} ", page, StringComparison.Ordinal);
        Assert.Contains("bridge_ports{netns=\"self\",bridge=\"br\\\"0\\\\x\"} 1\n", page, StringComparison.Ordinal);
        await InstalledProgram.SucceedsAsync(promtool, page, "check", "metrics");
    }
}
