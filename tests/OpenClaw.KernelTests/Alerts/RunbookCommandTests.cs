using System.Diagnostics;

namespace OpenClaw.KernelTests;

/// <summary>The commands that the runbooks give for looking, as they stand there: at night nobody wants to mend them.</summary>
public class RunbookCommandTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string> Commands =>
    [
        .. Directory.GetFiles(Repository.PathOf("alerts/runbooks"), "*.md")
            .SelectMany(static file => File.ReadAllText(file).Split("```sh\n")[1..])
            .SelectMany(static block => block[..block.IndexOf("```", StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Distinct(),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task It_runs(string command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(Repository.PublishedExporter)}:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin";
        using var late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(Patience);
        using var process = ChildProcess.Start(start);
        var output = process.StandardOutput.ReadToEndAsync(late.Token);
        var errors = await process.StandardError.ReadToEndAsync(late.Token);
        await process.WaitForExitAsync(late.Token);

        // Both commands of the exporter end with how bad it is, and others meanwhile fill what they like.
        var worst = command.StartsWith("openclaw-exporter ", StringComparison.Ordinal) ? 3 : 0;
        Assert.True(process.ExitCode <= worst && errors.Length == 0, $"{command}: exit {process.ExitCode}\n{errors}");
        if (command != "ip netns list")
            Assert.NotEmpty(await output);
    }
}
