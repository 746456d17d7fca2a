using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Wording;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command verify.</summary>
static class VerifyCommand
{
    const int ConnectionsByDefault = 1000;
    const string TooFew = "--connections: expected a number from 1";

    /// <summary>Creates the command.</summary>
    /// <param name="watch">Begins a series of diagnoses.</param>
    public static Command Create(Func<ParseResult, DiagnosisSeries> watch)
    {
        var to = new Option<string?>("--to")
        {
            Description = "Connect to this address instead of an own listener. Use a server that is yours.",
            HelpName = "host:port",
        };
        var self = new Option<bool>("--self") { Description = "Connect to an own listener on loopback. (default)" };
        var connections = new Option<int>("--connections")
        {
            Description =
                "Connections at the same time, at most 80% of the free ones. (default "
                + $"{ConnectionsByDefault.ToString(CultureInfo.InvariantCulture)})",
            HelpName = "a number from 1",
            DefaultValueFactory = static _ => ConnectionsByDefault,
        };
        var time = ExporterFlags.LoadTime();
        var look = ExporterFlags.WatchTime();
        var command = new Verb(
            "verify",
            "Tests whether the network namespace of --netns can carry a load. It opens connections, watches all pools, "
                + "and stops at the critical threshold of any pool. Exit codes: 0 passed, 1 failed.",
            "verify --connections=500 --for=60s",
            "verify --watch=24h"
        )
        {
            to,
            self,
            connections,
            time,
            look,
        };
        command.SetAction(async result =>
        {
            if (result.GetValue(to) is { } wanted && result.GetValue(self))
                return Refuse($"--to={wanted} and --self exclude each other");
            IPEndPoint? target = null;
            if (result.GetValue(to) is { } address)
            {
                target = await ResolveAsync(address);
                if (target is null)
                    return Refuse($"--to: expected HOST:PORT of a known host, found '{OneLine.From(address)}'");
            }

            var few = result.GetRequiredValue(connections);
            if (few <= 0)
                return Refuse(string.Create(CultureInfo.InvariantCulture, $"{TooFew}, found '{few}'"));
            using var series = watch(result);
            var work = new VerifyWork(
                series,
                Console.Out,
                new(result.GetRequiredValue(ExporterFlags.ProcPath)),
                result.GetRequiredValue(look) is { Ticks: > 0 } length ? length : result.GetRequiredValue(time)
            );
            return result.GetRequiredValue(look) > TimeSpan.Zero
                ? await work.WatchAsync()
                : await work.LoadAsync(target, result.GetRequiredValue(connections));
        });
        return command;
    }

    static int Refuse(string reason)
    {
        Complaint.Print(reason);
        return ExitCodes.Usage;
    }

    static async Task<IPEndPoint?> ResolveAsync(string text)
    {
        if (IPEndPoint.TryParse(text, out var address))
            return address.Port > 0 ? address : null;
        var colon = text.LastIndexOf(':');
        if (
            colon <= 0
            || !ushort.TryParse(text[(colon + 1)..], CultureInfo.InvariantCulture, out var port)
            || port == 0
        )
        {
            return null;
        }

        try
        {
            return await Dns.GetHostAddressesAsync(text[..colon]) is [var first, ..] ? new(first, port) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
