using System.CommandLine;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command completion.</summary>
static class CompletionCommand
{
    static readonly string[] Shells = ["bash", "zsh", "fish"];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var shell = new Argument<string>("shell") { HelpName = "bash, zsh or fish", Description = "The shell." };
        shell.AcceptOnlyFromAmong(Shells);
        var command = new Verb(
            "completion",
            "Prints the completion for bash, zsh or fish. The Debian package installs it.",
            "completion bash > /etc/bash_completion.d/openclaw-exporter",
            "completion fish | source"
        )
        {
            shell,
        };
        command.SetAction(result =>
        {
            var script = new CompletionScript(new(result.RootCommandResult.Command));
            Console.Out.Write(
                result.GetRequiredValue(shell) switch
                {
                    "bash" => script.Bash(),
                    "zsh" => script.Zsh(),
                    _ => script.Fish(),
                }
            );
            return ExitCodes.Ok;
        });
        return command;
    }
}
