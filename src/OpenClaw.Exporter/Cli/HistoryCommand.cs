using System.CommandLine;
using System.Globalization;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command history.</summary>
static class HistoryCommand
{
    const string Json = "json";

    static readonly string[] Formats = ["text", Json];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var number = new Argument<string>("EPISODE")
        {
            Description = "Number of an episode, to print all of it.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = static _ => "",
        };
        var since = ExporterFlags.Since();
        var format = new Option<string>("--format")
        {
            Description = $"Output format. (default {Formats[0]})",
            HelpName = string.Join(" or ", Formats),
            DefaultValueFactory = static _ => Formats[0],
        };
        format.AcceptOnlyFromAmong(Formats);
        var command = new Verb(
            "history",
            "Prints the problems of the last 24 hours. Their peaks and owners are from the exporter at the first "
                + $"{ExporterFlags.ListenAddress.Name}.",
            "history --since=2h",
            "history 3"
        )
        {
            number,
            since,
            format,
        };
        command.SetAction(
            async (result, stop) =>
            {
                var asked = result.GetRequiredValue(number);
                if (asked.Length > 0 && !int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                {
                    Complaint.Print($"EPISODE: expected a number, found '{VisibleText.Escape(OneLine.From(asked))}'");
                    return ExitCodes.Usage;
                }

                var read = await EpisodeSource.ReadAsync(result, stop);
                if (!read.TryGet(out var document))
                {
                    Complaint.Print(read.Missing!.Detail);
                    return ExitCodes.Unavailable;
                }

                var from = document.Time - result.GetRequiredValue(since);
                document = document with
                {
                    Episodes = document.Episodes.RemoveAll(episode =>
                        asked.Length > 0
                            ? episode.Number.ToString(CultureInfo.InvariantCulture) != asked
                            : episode.End < from
                    ),
                };
                if (asked.Length > 0 && document.Episodes.IsEmpty)
                {
                    Complaint.Print($"no episode '{VisibleText.Escape(asked)}'; history lists them");
                    return ExitCodes.Usage;
                }

                if (result.GetValue(format) == Json)
                    Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(document.Serialize()));
                else if (asked.Length == 0)
                    EpisodePrinter.PrintList(Console.Out, document, from);
                else
                    EpisodePrinter.PrintOne(Console.Out, document.Episodes[0], document.Time);
                return ExitCodes.Ok;
            }
        );
        return command;
    }
}
