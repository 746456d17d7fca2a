using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>The published binary's top, in a real terminal.</summary>
public class TopTests(ITestOutputHelper output)
{
    static readonly string Top = $"{Repository.PublishedExporter} top";

    [Fact]
    public async Task It_shows_the_trouble_obeys_keys_and_leaves_the_terminal_as_it_was()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        var beside = PrivateProcesses.Start(netns);
        _ = HolderProgram.Start(netns, "holder", ["serve 8443 8443", "connect 8443 198"], beside);
        using var exporter = await PublishedExporter.StartBehindAsync(netns, beside, "--no-probe");
        using var terminal = new TmuxTerminal(netns, 80, 24);
        terminal.Run("echo before; " + Top);

        var screen = await terminal.UntilAsync(@"holds\s+198[\s\S]*exporter at :10087$");
        output.WriteLine(screen);
        Assert.Matches(@"(?m)^CRITICAL: Ephemeral connect ports \(tcp from 127.0.0.1 to 127.0.0.1:8443\)", screen);
        Assert.Matches(@"2 of 200\s+ports\s+left", screen);
        var named = Regex.Match(screen, @"holder\s+\(pid\s+([0-9]+)\)\s+holds\s+198\s+of\s+200\s+ports");
        Assert.True(named.Success, screen);
        Assert.Contains("run now sysctl -w net.ipv4.ip_local_port_range=", screen, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^> Ephemeral connect ports +█████░ +99% +198 of 200 ", screen);
        Assert.Matches(@"(?m)^f fix  Enter detail .*q quit", screen);
        Assert.Contains("\e[31mCRITICAL", terminal.Styled, StringComparison.Ordinal);

        terminal.Press("2");
        screen = await terminal.UntilAsync(@"^> 127.0.0.1:8443 tcp from 127.* 198 of 200");
        output.WriteLine(screen);
        terminal.Press("3");
        output.WriteLine(await terminal.UntilAsync($@"pid {named.Groups[1].Value}\b.*198 of 200.*198 ephe"));
        terminal.Press("4");
        output.WriteLine(await terminal.UntilAsync(@"^> self .*Ephemeral"));
        terminal.Press("f");
        screen = await terminal.UntilAsync(@"^  run now +sysctl -w net.ipv4.ip_local_port_range=");
        output.WriteLine(screen);
        terminal.Press("Escape");
        _ = await terminal.UntilAsync(@"\[4 Namespaces\]");
        terminal.Press("1", "/");
        _ = await terminal.UntilAsync("^/ .*Enter keeps");
        terminal.Press("t", "i", "m", "e", "Enter");
        Assert.DoesNotContain("Conntrack", await terminal.UntilAsync("^> TIME_WAIT"), StringComparison.Ordinal);
        terminal.Press("Enter");
        _ = await terminal.UntilAsync("^  thresholds +warning at");
        terminal.Press("Escape", "Escape");

        terminal.Resize(130, 40);
        screen = await terminal.UntilAsync("last minute");
        output.WriteLine(screen);
        Assert.Matches("(?m)exporter at :10087$", screen);
        terminal.Resize(80, 24);
        _ = await terminal.UntilAsync("(?<!last )trend +where");

        // The work of ten looks, of which a look costs about a millisecond, and writes the clock.
        var (cpu, written) = Work(terminal.ForegroundPid);
        await Task.Delay(TimeSpan.FromSeconds(4), TestContext.Current.CancellationToken);
        var later = Work(terminal.ForegroundPid);
        output.WriteLine($"in 4 s: {later.Cpu - cpu} ticks, {later.Written - written} bytes written");
        Assert.InRange(later.Cpu - cpu, 0, 8);
        Assert.InRange(later.Written - written, 1, 4 * 1500);

        // The shown remedy cures.
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 65535");
        output.WriteLine(await terminal.UntilAsync("^OK: "));
        terminal.Press("q");
        await RestoredAsync(terminal);
    }

    [Fact]
    public async Task Each_end_restores_the_terminal()
    {
        using var netns = new PrivateNamespace();
        using var terminal = new TmuxTerminal(netns, 80, 24);
        var alone = $"echo before; NO_COLOR=1 {Top} --netns=self --no-probe --web.listen-address=127.0.0.1:9";

        terminal.Run(alone);
        _ = await terminal.UntilAsync("own reading");
        Assert.DoesNotContain("\e[3", terminal.Styled, StringComparison.Ordinal);
        terminal.Press("C-c");
        await RestoredAsync(terminal);

        foreach (var signal in (string[])["TERM", "HUP"])
        {
            terminal.Run("clear; " + alone);
            _ = await terminal.UntilAsync("own reading");
            using var kill = ChildProcess.Start(new("kill", [$"-{signal}", Pid(terminal)]));
            await RestoredAsync(terminal);
        }

        terminal.Run("clear; " + alone);
        _ = await terminal.UntilAsync("own reading");
        terminal.Press("C-z");
        await RestoredAsync(terminal);
        terminal.Run("fg");
        _ = await terminal.UntilAsync("own reading");

        // A lost connection takes the terminal away.
        using var top = Process.GetProcessById(terminal.ForegroundPid);
        terminal.Close();
        var cancellation = TestContext.Current.CancellationToken;
        await top.WaitForExitAsync(cancellation).WaitAsync(TimeSpan.FromSeconds(10), cancellation);
    }

    [Fact]
    public void Without_a_terminal_it_prints_once_and_a_broken_pipe_is_quiet()
    {
        using var netns = new PrivateNamespace();
        var flags = "--netns=self --no-probe --web.listen-address=127.0.0.1:9";

        var printed = Alone($"{Top} {flags} 2>&1; echo exit $?");
        var broken = Alone($"exec 2>&1; {Top} --once {flags} | true; echo exit ${{PIPESTATUS[0]}}");

        // A counter of the whole machine may rise because of another test: the code is that of the printed verdict.
        output.WriteLine(printed);
        Assert.Matches(@"(?ms)^\S+  Linux .*^Pools \(\d+\)\n.*^Namespaces \(\d+\)\n", printed);
        var verdict = Regex.Match(printed, "(?m)^(OK|WARNING|CRITICAL|UNKNOWN): ").Groups[1].Value;
        var code = Array.IndexOf(["OK", "WARNING", "CRITICAL", "UNKNOWN"], verdict);
        Assert.EndsWith($"exit {code}\n", printed, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', printed);
        Assert.Matches("^exit (0|141)\n$", broken);

        // Among the processes of the machine, one of another test may be near a limit.
        string Alone(string script) =>
            netns.Command(PrivateProcesses.First[0], [.. PrivateProcesses.First.Skip(1), "bash", "-c", script]);
    }

    static string Pid(TmuxTerminal terminal) => terminal.ForegroundPid.ToString(CultureInfo.InvariantCulture);

    static async Task RestoredAsync(TmuxTerminal terminal)
    {
        await Polling.UntilAsync(
            "the shell has its screen and cursor again",
            () => Task.FromResult(terminal.IsRestored),
            TimeSpan.FromSeconds(10)
        );
        Assert.DoesNotContain("q quit", await terminal.UntilAsync("^before"), StringComparison.Ordinal);
        terminal.Run("stty -a | grep -ow -e '-*icanon' -e '-*echo' | xargs echo modes");
        _ = await terminal.UntilAsync("^modes (icanon echo|echo icanon)$");
    }

    /// <summary>Returns the CPU ticks of a process, and the bytes of its writes.</summary>
    static (long Cpu, long Written) Work(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var parts = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var written = Regex.Match(File.ReadAllText($"/proc/{pid}/io"), "wchar: ([0-9]+)").Groups[1].Value;
        return (
            long.Parse(parts[11], CultureInfo.InvariantCulture) + long.Parse(parts[12], CultureInfo.InvariantCulture),
            long.Parse(written, CultureInfo.InvariantCulture)
        );
    }
}
