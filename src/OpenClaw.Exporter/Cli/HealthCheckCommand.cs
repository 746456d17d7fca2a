using System.CommandLine;
using System.Globalization;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Cli;

/// <summary>The command healthcheck.</summary>
static class HealthCheckCommand
{
    static string Description =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Asks the exporter that runs at the first {ExporterFlags.ListenAddress.Name} whether it serves, "
                + $"for container engines; exits {ExitCodes.Ok} or {ExitCodes.Unhealthy}."
        );

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var ready = ExporterFlags.Switch("--ready", "false", "Ask whether it can read the kernel, too.");
        var command = new Command("healthcheck", Description) { ready };
        command.SetAction(
            async (result, stop) =>
            {
                var path = result.GetRequiredValue(ready) ? ServedPaths.Ready : ServedPaths.Alive;
                if (
                    await HealthCheck.RunAsync(result.GetRequiredValue(ExporterFlags.ListenAddress)[0], path, stop)
                    is not { } failure
                )
                {
                    return ExitCodes.Ok;
                }

                Complaint.Print(failure);
                return ExitCodes.Unhealthy;
            }
        );
        return command;
    }
}
