using System.CommandLine;
using OpenClaw.Exporter.Cli.Top;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command top.</summary>
static class TopCommand
{
    /// <summary>The columns of an output that is no terminal.</summary>
    const int ColumnsOfFile = 100;

    /// <summary>The time for rising counters, where no exporter has a history.</summary>
    static readonly TimeSpan Observed = TimeSpan.FromSeconds(1);

    /// <summary>Creates the command.</summary>
    /// <param name="diagnose">Reads the kernel, and again after a time in which counters may rise.</param>
    /// <param name="watch">Starts a series of diagnoses by this process.</param>
    public static Command Create(
        Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose,
        Func<ParseResult, Func<Task<Diagnosis>>> watch
    )
    {
        var once = new Option<bool>("--once")
        {
            Description =
                "Print everything once, without keys, with the exit code of diagnose. This is the default "
                + "where the output is no terminal.",
        };
        var command = new Verb(
            "top",
            "Shows problems, pools, processes and namespaces each second. Asks the exporter at the first "
                + "--web.listen-address; reads the kernel itself where none runs. NO_COLOR=1 turns colours off.",
            "top",
            "top --once --netns=all"
        )
        {
            once,
        };
        command.SetAction(async result =>
        {
            using var terminal = result.GetValue(once) || !IsCapable ? null : ControllingTerminal.Open();
            if (terminal is null)
                return await PrintAsync(result, diagnose);
            using var output = new StandardOutput();
            using var screen = new LiveScreen(output, terminal);
            try
            {
                var source = new TopSource(result, watch);
                var glyphs = Glyphs.ForLocale(Environment.GetEnvironmentVariable);
                new TopLoop(source.NextAsync, terminal, screen, glyphs, DiagnosisPrinter.WantsColour).Run();
                return ExitCodes.Ok;
            }
            catch (OutputException)
            {
                // The terminal is closed. Nobody is there to read why.
                return ExitCodes.BrokenPipe;
            }
        });
        return command;
    }

    /// <summary>True where the output is a terminal that can place its cursor.</summary>
    static bool IsCapable =>
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    static async Task<int> PrintAsync(ParseResult flags, Func<ParseResult, TimeSpan, Task<Diagnosis>> diagnose)
    {
        var source = new TopSource(flags, result => () => diagnose(result, Observed));
        var look = await source.NextAsync(CancellationToken.None);
        if (!look.Diagnosis.TryGet(out var diagnosis))
        {
            Complaint.Print(look.Diagnosis.Missing!.Detail);
            return ExitCodes.Unknown;
        }

        var glyphs = Glyphs.ForLocale(Environment.GetEnvironmentVariable);
        var trace = new UtilizationTrace();
        trace.Add(look);
        var model = new TopModel(diagnosis, look.Source, trace, TimeSpan.Zero);
        foreach (var line in new TopView(model, new(), glyphs, ColumnsOfFile).Whole())
            Console.Out.WriteLine(line.Render(int.MaxValue, glyphs, DiagnosisPrinter.WantsColour));
        return ExitCodes.ForCondition(LevelWords.Condition(diagnosis.Condition));
    }
}
