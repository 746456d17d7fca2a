namespace OpenClaw.KernelTests;

/// <summary>The completion in real shells, with the Tab key where a shell has no other way.</summary>
public class ShellCompletionTests
{
    static readonly (string Typed, string Completed)[] Cases =
    [
        ("dia", "diagnose"),
        ("diagnose --fo", "diagnose --format"),
        ("diagnose --format=j", "diagnose --format=json"),
        ("diagnose --format j", "diagnose --format json"),
        ("completion fi", "completion fish"),
        ("--web.lis", "--web.listen-address"),
        ("status --openclaw.tok", "status --openclaw.token-file"),
        ("--log.level=de", "--log.level=debug"),
    ];

    [Fact]
    public async Task Bash_completes()
    {
        using var netns = new PrivateNamespace();
        using var terminal = new TmuxTerminal(netns, 100, 24);
        terminal.Run($"source <({Repository.PublishedExporter} completion bash); clear; echo loaded");

        await TypedAsync(terminal);
    }

    /// <summary>The file has the name and the kind of place that the package gives it.</summary>
    [Fact]
    public async Task Zsh_completes()
    {
        var zsh = InstalledProgram.Find("zsh");
        using var folder = new TemporaryFolder();
        using var netns = new PrivateNamespace();
        using var terminal = new TmuxTerminal(netns, 100, 24);
        terminal.Run($"{Repository.PublishedExporter} completion zsh > {folder.PathOf("_openclaw-exporter")}");
        terminal.Run($"PS1='ready> ' {zsh} -f");
        terminal.Run($"fpath=({folder.PathOf("")} $fpath); autoload -Uz compinit; compinit -u -D; clear; echo loaded");

        await TypedAsync(terminal);
    }

    [Fact]
    public void Fish_completes()
    {
        var fish = InstalledProgram.Find("fish");
        using var netns = new PrivateNamespace();
        foreach (var (typed, completed) in Cases)
        {
            var words = netns.Command(
                fish,
                "--no-config",
                "-c",
                $"{Repository.PublishedExporter} completion fish | source; complete -C 'openclaw-exporter {typed}'"
            );

            Assert.Equal(completed.Split(' ')[^1], Assert.Single(words.Trim().Split('\n')).Split('\t')[0]);
        }
    }

    static async Task TypedAsync(TmuxTerminal terminal)
    {
        _ = await terminal.UntilAsync("^loaded$");
        foreach (var (typed, completed) in Cases)
        {
            terminal.Press("-l", $"openclaw-exporter {typed}");
            terminal.Press("Tab");
            _ = await terminal.UntilAsync($"^ready> openclaw-exporter {completed.Replace(".", @"\.")}( |=)?$");
            terminal.Press("C-u");
        }
    }
}
