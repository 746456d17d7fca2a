using OpenClaw.Exporter.Cli;

namespace OpenClaw.Exporter.Tests;

/// <summary>The completion of shells and the manual page, which come from the list of commands.</summary>
public class CommandListTests
{
    static readonly CommandList List = new(
        ExporterCommand.Root(static _ => Task.FromResult(0), static (_, _) => throw new NotSupportedException())
    );

    public static TheoryData<string, string> Texts =>
        new()
        {
            { "bash", new CompletionScript(List).Bash() },
            { "zsh", new CompletionScript(List).Zsh() },
            { "fish", new CompletionScript(List).Fish() },
            { "man", new ManPage(List).Render().Replace(@"\-", "-", StringComparison.Ordinal) },
        };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Every_command_and_flag_is_there(string form, string text)
    {
        var flags = List.Commands.SelectMany(static command => command.Flags).Concat(List.Flags);
        var dashes = form == "fish" ? "-l " : "--";
        Assert.All(List.Commands, command => Assert.Contains(command.Name, text, StringComparison.Ordinal));
        Assert.All(flags, flag => Assert.Contains(dashes + flag.Name[2..], text, StringComparison.Ordinal));
    }

    [Fact]
    public void Values_with_few_words_are_known()
    {
        var flags = List.Commands.SelectMany(static command => command.Flags).Concat(List.Flags).ToList();

        Assert.Equal(["text", "json"], flags.First(static flag => flag.Name == "--format").Words);
        Assert.Equal(["debug", "info", "warn", "error"], flags.Single(static flag => flag.Name == "--log.level").Words);
        Assert.True(flags.Single(static flag => flag.Name == "--config.file").IsPath);
        Assert.Empty(flags.Single(static flag => flag.Name == "--netns").Words);
        Assert.Equal(["bash", "zsh", "fish"], List.Commands.Single(static verb => verb.Name == "completion").Words);
    }

    [Fact]
    public async Task The_manual_page_has_no_fault()
    {
        var mandoc = InstalledProgram.Find("mandoc");
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("openclaw-exporter.1");
        await File.WriteAllTextAsync(path, new ManPage(List).Render(), TestContext.Current.CancellationToken);
        using var process = ChildProcess.Start(
            new(mandoc, ["-Tlint", "-Wwarning", path]) { RedirectStandardOutput = true }
        );

        var faults = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        // A build has no date of its own, so that the same source makes the same page.
        Assert.DoesNotContain(faults.Split('\n', StringSplitOptions.RemoveEmptyEntries), static fault =>
            !fault.Contains("missing date", StringComparison.Ordinal)
        );
    }
}
