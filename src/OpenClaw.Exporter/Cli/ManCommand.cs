using System.CommandLine;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command man.</summary>
static class ManCommand
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var command = new Verb(
            "man",
            "Prints the manual page, in the format of man(7). The Debian package installs it.",
            "man | man -l -",
            "man > /usr/local/share/man/man1/openclaw-exporter.1"
        );
        command.SetAction(static result =>
        {
            Console.Out.Write(new ManPage(new(result.RootCommandResult.Command)).Render());
            return ExitCodes.Ok;
        });
        return command;
    }
}
