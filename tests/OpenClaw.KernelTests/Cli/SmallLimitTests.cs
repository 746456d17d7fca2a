using System.Diagnostics;

namespace OpenClaw.KernelTests;

/// <summary>The program under limits in which its runtime would wait for ever, or lack threads.</summary>
public class SmallLimitTests
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(132)]
    [InlineData(255)]
    public async Task A_small_stack_is_one_line_and_no_hang(int kibibytes)
    {
        var (code, output, error) = await RunAsync($"--stack={kibibytes * 1024}", "--version");

        Assert.Equal("", output);
        Assert.Equal(
            $"openclaw-exporter: expected a stack limit of at least 256 KiB, found {kibibytes} KiB; "
                + "ulimit -s 8192 raises it\n",
            error
        );
        Assert.Equal(69, code);
    }

    /// <summary>
    /// Below 93 MB, the runtime itself does not start. From 107 to 370 MB, it starts only mostly. Its collector
    /// reserves half of the limit while the heap of its finalizer's thread reserves 64 or 128 MiB for a moment. Below
    /// that, the second never fits, so the first always does.
    /// </summary>
    [Theory]
    [InlineData(101_000_000, "96 MiB")]
    [InlineData(400_000_000, "381 MiB")]
    [InlineData(1_000_000_000, "954 MiB")]
    public async Task Little_address_space_is_one_line_and_no_crash(long bytes, string found)
    {
        var (code, output, error) = await RunAsync($"--as={bytes}", "--no-probe");

        Assert.Equal("", output);
        Assert.Equal(
            $"openclaw-exporter: expected a limit on virtual memory of at least 2 GiB, found {found}; "
                + "ulimit -v unlimited raises it\n",
            error
        );
        Assert.Equal(69, code);
    }

    [Fact]
    public async Task The_smallest_accepted_address_space_suffices()
    {
        using var netns = new PrivateNamespace();
        using var exporter = await PublishedExporter.StartBehindAsync(
            netns,
            [InstalledProgram.Find("prlimit"), $"--as={2L << 30}"]
        );

        Assert.Contains("openclaw_network_exporter_build_info", await exporter.ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_smallest_accepted_stack_suffices()
    {
        var (code, output, error) = await RunAsync($"--stack={256 * 1024}", "diagnose", "--netns=self");

        Assert.Equal("", error);
        Assert.InRange(code, 0, 3);
        Assert.NotEmpty(output);
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(string limit, params string[] arguments)
    {
        using var netns = new PrivateNamespace();
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Soon);
        var process = netns.Start(
            new ProcessStartInfo(InstalledProgram.Find("prlimit"), [limit, Repository.PublishedExporter, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var error = await process.StandardError.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);
        return (process.ExitCode, await output, error);
    }
}
