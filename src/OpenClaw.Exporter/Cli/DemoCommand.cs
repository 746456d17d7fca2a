using System.CommandLine;
using System.Globalization;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Demo;
using OpenClaw.Exporter.Web;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command demo.</summary>
static class DemoCommand
{
    const string Name = "demo";

    /// <summary>The process that serves, inside the new namespaces.</summary>
    const string Server = "server";

    /// <summary>The process that makes the troubles, inside them too.</summary>
    const string Troubles = "troubles";

    /// <summary>Returns the text above the page and the plain text; empty outside a demonstration.</summary>
    public static string BannerOf(ParseResult flags) => flags.CommandResult.Command.Name == Name ? DemoRun.Banner : "";

    /// <summary>Creates the command.</summary>
    /// <param name="serve">Starts the server.</param>
    public static Command Create(Func<ParseResult, Task<int>> serve)
    {
        var each = ExporterFlags.TroubleTime();
        var only = new Option<string?>("--only")
        {
            Description = "The only trouble, which then stays: alerts fire after some minutes.",
            HelpName = Names(),
        };
        only.AcceptOnlyFromAmong([.. DemoTrouble.All.Select(static trouble => trouble.Name)]);

        // The program starts itself with this flag: it is no part of the command line that people use.
        var part = new Option<string?>("--part") { Hidden = true };
        part.AcceptOnlyFromAmong(Server, Troubles);
        var command = new Verb(
            Name,
            "Serves a network namespace where resources run out in turn. It is one of its own, and needs user "
                + "namespaces, but no privilege. Leaves nothing behind.",
            "demo",
            "demo --only=ports --web.listen-address=127.0.0.1:18087"
        )
        {
            each,
            only,
            part,
        };
        command.SetAction(flags =>
            flags.GetValue(part) switch
            {
                Server => ServeAsync(flags, serve, Again(flags, each, only, part, Troubles)),
                Troubles => TroubleAsync(
                    flags.GetRequiredValue(each),
                    DemoTrouble.All.FirstOrDefault(trouble => trouble.Name == flags.GetValue(only))
                ),
                _ => Task.FromResult(Start(flags)),
            }
        );
        return command;
    }

    /// <summary>Returns the names of all troubles, for help and messages.</summary>
    static string Names()
    {
        string[] names = [.. DemoTrouble.All.Select(static trouble => trouble.Name)];
        return $"{string.Join(", ", names[..^1])} or {names[^1]}";
    }

    /// <summary>Runs in the network namespace of the caller.</summary>
    static int Start(ParseResult flags)
    {
        var arguments = flags.Tokens.Select(static token => token.Value).ToList();
        string[] quiet = flags.GetResult(ExporterFlags.LogLevel) is { Implicit: false } ? [] : ["--log.level=warn"];
        string[] inside =
        [
            .. quiet,
            "--part=server",
            "--netns=self",
            "--web.systemd-socket=true",
            "--no-collector.kernel_log",
            "--no-collector.refused_connects",
            "--no-collector.network_namespaces",
            "--process.watch=^openclaw-demo",
        ];
        var (code, refusal) = new DemoRun(Console.Out).Serve(
            [.. flags.GetRequiredValue(ExporterFlags.ListenAddress).Select(Listeners.Possible)],
            [.. arguments, .. inside]
        );
        if (refusal is null)
            return code;
        Complaint.Print(refusal);
        return ExitCodes.Unavailable;
    }

    /// <summary>Runs in the new namespaces. The main thread has to stay: the troubles end with it.</summary>
    static Task<int> ServeAsync(ParseResult flags, Func<ParseResult, Task<int>> serve, string[] arguments)
    {
        // The troubles do not inherit the sockets of the server.
        InheritedSockets.Pass();
        var (troubles, refusal) = DemoRun.Prepare(arguments);
        if (troubles is null)
        {
            Complaint.Print(refusal!);
            return Task.FromResult(ExitCodes.Unavailable);
        }

        try
        {
            return Task.FromResult(serve(flags).GetAwaiter().GetResult());
        }
        finally
        {
            troubles.Kill();
            _ = troubles.Wait();
        }
    }

    static async Task<int> TroubleAsync(TimeSpan each, DemoTrouble? only)
    {
        await new DemoRun(Console.Out).TroubleAsync(each, only);
        return ExitCodes.Ok;
    }

    /// <summary>Returns the arguments of another part.</summary>
    static string[] Again(
        ParseResult flags,
        Option<TimeSpan> each,
        Option<string?> only,
        Option<string?> part,
        string name
    )
    {
        var seconds = flags.GetRequiredValue(each).TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        string[] all = [Name, $"{part.Name}={name}", $"{each.Name}={seconds}s"];
        return flags.GetValue(only) is { } trouble ? [.. all, $"{only.Name}={trouble}"] : all;
    }
}
