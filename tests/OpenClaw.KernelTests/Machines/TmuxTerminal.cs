using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>A real terminal: a shell in tmux, in a network namespace.</summary>
sealed class TmuxTerminal : IDisposable
{
    readonly PrivateNamespace _netns;
    readonly string _program = InstalledProgram.Find("tmux");
    readonly string _server = $"openclaw-test-{Guid.NewGuid():N}";

    public TmuxTerminal(PrivateNamespace netns, int columns, int rows)
    {
        _netns = netns;
        _ = Tmux(
            "new-session",
            "-d",
            "-x",
            Number(columns),
            "-y",
            Number(rows),
            "env PS1='ready> ' LANG=C.UTF-8 LC_ALL= NO_COLOR= bash --norc --noprofile"
        );
    }

    /// <summary>The text of the screen, one line for each row.</summary>
    public string Screen => Tmux("capture-pane", "-p");

    /// <summary>The text of the screen with the escape sequences of its styles.</summary>
    public string Styled => Tmux("capture-pane", "-e", "-p");

    /// <summary>True where the shell has its screen, cursor and keys as before.</summary>
    public bool IsRestored =>
        Tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{pane_current_command}").Trim() == "0 1 bash";

    /// <summary>The process that runs in the foreground of the shell.</summary>
    public int ForegroundPid
    {
        get
        {
            var shell = Tmux("display-message", "-p", "#{pane_pid}").Trim();
            var stat = File.ReadAllText($"/proc/{shell}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[5], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Presses keys by the names of tmux.</summary>
    public void Press(params string[] keys) => Tmux(["send-keys", .. keys]);

    /// <summary>Types a command and presses Enter.</summary>
    public void Run(string command)
    {
        _ = Tmux("send-keys", "-l", command);
        Press("Enter");
    }

    public void Resize(int columns, int rows) => Tmux("resize-window", "-x", Number(columns), "-y", Number(rows));

    /// <summary>Closes the terminal, as a lost connection does.</summary>
    public void Close() => Tmux("kill-session");

    /// <summary>Waits until the screen matches; fails with the screen.</summary>
    public async Task<string> UntilAsync(string pattern)
    {
        var screen = "";
        for (var i = 0; i < 160; i++)
        {
            screen = Screen;
            if (Regex.IsMatch(screen, pattern, RegexOptions.Multiline))
                return screen;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"no '{pattern}' on the screen:\n{screen}");
        return screen;
    }

    public void Dispose()
    {
        try
        {
            _ = Tmux("kill-server");
        }
        catch (InvalidOperationException)
        {
            // It ended with its last session.
        }
    }

    string Tmux(params string[] arguments) =>
        _netns.Command(_program, ["-L", _server, "-f", "/dev/null", .. arguments]);

    static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
